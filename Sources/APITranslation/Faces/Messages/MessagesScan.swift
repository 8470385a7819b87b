import JSONBytes

/// One message of the conversation, or more precisely its place: a turn may be several.
struct MessagesTurn {
    enum Role {
        case user, assistant, system
    }

    let role: Role
    /// The message's place in the request.
    let index: Int
    let message: JSONValue
    /// A string or an array.
    let content: JSONValue

    var blocks: JSONValue.Elements { content.elements }
}

/// The facts about all messages that are needed before the first is written; refuses what DashScope would lose or
/// refuse.
struct MessagesScan {
    private(set) var turns: [MessagesTurn] = []
    /// Cache markers in the messages.
    private(set) var markers = 0
    private(set) var hasImages = false
    private(set) var lastUser: Int?
    /// Tools that a `tool_reference` or `tool_addition` has named, and whether they were not removed later.
    private(set) var offered: [JSONKey: Bool] = [:]
    /// The last text of the user.
    private(set) var lastUserText: JSONValue?

    /// The calls of the assistant's turn.
    private var open: [(id: JSONValue, isAnswered: Bool)] = []
    /// Where a call stands in `open`; filled where there are many.
    private var places: [JSONKey: Int] = [:]
    private var lastAssistant = 0
    private var lastRole: MessagesTurn.Role?

    init(_ messages: JSONValue) throws(APIError) {
        for (index, message) in messages.elements.enumerated() {
            let turn = try Self.turn(message, index)
            turns.append(turn)
            if turn.role == .user { lastUser = index }
            switch turn.role {
            case .assistant:
                // Messages of one role that follow each other are one turn; a system message ends none.
                if lastRole == .user {
                    try checkAnswers()
                    open.removeAll(keepingCapacity: true)
                    if !places.isEmpty { places = [:] }
                }
                lastAssistant = index
            case .user, .system: break
            }
            if turn.role != .system { lastRole = turn.role }
            if turn.content.kind == .string {
                if turn.role == .user { lastUserText = turn.content }
                continue
            }
            for (position, block) in turn.blocks.enumerated() { try read(block, turn, position) }
        }
        try checkAnswers()
    }

    private static func turn(_ message: JSONValue, _ index: Int) throws(APIError) -> MessagesTurn {
        guard message.kind == .object else { throw .wrongType("messages.\(index)", expected: "object", got: message) }
        guard let roleValue = message.present("role") else { throw .missing("messages.\(index).role") }
        let role: MessagesTurn.Role
        if roleValue.equals("user") {
            role = .user
        } else if roleValue.equals("assistant") {
            role = .assistant
        } else if roleValue.equals("system") {
            role = .system
        } else {
            throw .messages("messages.\(index).role", "Input should be 'user', 'assistant' or 'system'")
        }
        guard let content = message.present("content") else { throw .missing("messages.\(index).content") }
        guard content.kind == .string || content.kind == .array else {
            throw .wrongType("messages.\(index).content", expected: "string or array", got: content)
        }
        return MessagesTurn(role: role, index: index, message: message, content: content)
    }

    private mutating func read(_ block: JSONValue, _ turn: MessagesTurn, _ position: Int) throws(APIError) {
        func place() -> String { "messages.\(turn.index).content.\(position)" }
        guard block.kind == .object else { throw .wrongType(place(), expected: "object", got: block) }
        guard let type = block.present("type") else { throw .missing("\(place()).type") }
        guard type.kind == .string else { throw .wrongType("\(place()).type", expected: "string", got: type) }
        if turn.role != .assistant || type.equals("text"), MessagesMarker.isOn(block) { markers += 1 }
        if type.equals("text") {
            if turn.role == .user { lastUserText = block.present("text") ?? lastUserText }
        } else if type.equals("image") {
            hasImages = true
        } else if type.equals("tool_use"), turn.role == .assistant {
            let id = try Self.id(block, "id", place)
            open.append((id, false))
        } else if type.equals("tool_result"), turn.role == .user {
            try readResult(block, place)
        } else if type.equals("tool_addition") || type.equals("tool_removal"), turn.role == .system {
            guard let tool = block.present("tool") else { throw .missing("\(place()).tool") }
            guard tool.kind == .object else { throw .wrongType("\(place()).tool", expected: "object", got: tool) }
            guard let name = tool.present("name") else { throw .missing("\(place()).tool.name") }
            guard name.kind == .string else {
                throw .wrongType("\(place()).tool.name", expected: "string", got: name)
            }
            offered[JSONKey(name)] = type.equals("tool_addition")
        }
    }

    private mutating func readResult(_ block: JSONValue, _ place: () -> String) throws(APIError) {
        let id = try Self.id(block, "tool_use_id", place)
        guard let position = position(of: id) else {
            throw .messages(
                place(),
                "unexpected `tool_use_id` found in `tool_result` blocks: \(GenerationWriter.memberName(id)). Each "
                    + "`tool_result` block must have a corresponding `tool_use` block in the previous message."
            )
        }
        guard !open[position].isAnswered else {
            throw .messages(
                place(),
                "each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
                    + GenerationWriter.memberName(id)
            )
        }
        open[position].isAnswered = true
        guard let content = block.present("content"), content.kind == .array else { return }
        if !MessagesMarker.isOn(block), content.elements.contains(where: MessagesMarker.isOn) { markers += 1 }
        for inner in content.elements {
            guard let type = inner.present("type") else { continue }
            if type.equals("image") { hasImages = true }
            if type.equals("tool_reference"), let name = inner.present("tool_name"), name.kind == .string {
                offered[JSONKey(name)] = true
            }
        }
    }

    private static func id(_ block: JSONValue, _ name: StaticString, _ place: () -> String) throws(APIError)
        -> JSONValue
    {
        guard let id = block.present(name) else { throw .missing("\(place()).\(name)") }
        guard id.kind == .string else { throw .wrongType("\(place()).\(name)", expected: "string", got: id) }
        guard !id.isEmptyString else { throw .messages("\(place()).\(name)", "it is empty") }
        return id
    }

    /// The call with this id in the assistant's turn.
    private mutating func position(of id: JSONValue) -> Int? {
        let key = JSONKey(id)
        guard open.count > 8 else { return open.firstIndex { JSONKey($0.id) == key } }
        if places.isEmpty {
            for (index, call) in open.enumerated().reversed() { places[JSONKey(call.id)] = index }
        }
        return places[key]
    }

    /// Every call of the assistant's turn must have been answered by the user's.
    private mutating func checkAnswers() throws(APIError) {
        var missing: [String] = []
        for call in open where !call.isAnswered && missing.count < 8 {
            // Calls that share an id share its result.
            if let position = position(of: call.id), open[position].isAnswered { continue }
            missing.append(GenerationWriter.memberName(call.id))
        }
        guard !missing.isEmpty else { return }
        throw .messages(
            "messages.\(lastAssistant)",
            "`tool_use` ids were found without `tool_result` blocks immediately after: \(missing.joined(separator: ", ")). "
                + "Each `tool_use` block must have a corresponding `tool_result` block in the next message."
        )
    }

}

/// `cache_control`.
enum MessagesMarker {
    /// Whether a block asks to be cached up to its end.
    static func isOn(_ block: JSONValue) -> Bool {
        block.present("cache_control").map(isMarker) ?? false
    }

    /// Whether a value is the one kind of marker that is known.
    static func isMarker(_ value: JSONValue) -> Bool {
        value.kind == .object && value.present("type")?.equals("ephemeral") == true
    }
}
