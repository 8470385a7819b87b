import JSONBytes

/// One item of the input.
struct ResponsesItem {
    enum Kind: Equatable {
        case user, assistant, system, developer
        case call(isCustom: Bool)
        case output
        case reasoning
        /// The summary of an earlier part of the conversation.
        case compaction
        /// An item of an earlier answer that no model needs.
        case trace
        case tools
    }

    let kind: Kind
    /// Its place in the whole list, earlier turns included.
    let index: Int
    /// The item; the string itself where the whole input is one.
    let value: JSONValue
    let places: ResponsesPlaces

    /// Its place as the client knows it.
    var place: String { places[index] }

    /// Whether it is part of an answer: such items in a row are one native message.
    var isAnswer: Bool {
        switch kind {
        case .assistant, .call, .reasoning, .trace: true
        default: false
        }
    }

    /// The content of a message.
    var content: JSONValue? { value.kind == .string ? value : value.present("content") }
}

/// The places of items as the client knows them.
struct ResponsesPlaces {
    /// Items of earlier turns in front of the request's own.
    var history = 0
    /// The parameter that refers to the earlier turns.
    var earlier = "previous_response_id"
    /// The parameter that holds the request's own items.
    var list = "input"

    subscript(_ index: Int) -> String { index < history ? earlier : "\(list)[\(index - history)]" }
}

/// The facts about all items that are needed before the first is written; refuses what upstream would refuse or lose.
struct ResponsesScan {
    private(set) var items: [ResponsesItem] = []
    let places: ResponsesPlaces
    private(set) var hasMedia = false
    /// The last text of the user, for the search that the client is told of.
    private(set) var lastUserText: JSONValue?
    /// Items that are left out, under the words they are reported by.
    private(set) var leftOut: [(index: Int, type: JSONValue)] = []
    /// Where the output of each call stands among the items.
    private var outputs: [JSONKey: Int] = [:]

    init(_ input: JSONValue, _ places: ResponsesPlaces) throws(APIError) {
        self.places = places
        if input.kind == .string {
            items = [ResponsesItem(kind: .user, index: 0, value: input, places: places)]
            lastUserText = input
            return
        }
        for (index, value) in input.elements.enumerated() { try add(value, index) }
        try checkCalls()
    }

    /// Refuses items that no turn could use; calls and their outputs may come one after the other.
    ///
    /// - Throws: A 400 that names the item in `list`.
    static func check(_ items: JSONValue, list: String) throws(APIError) {
        var scan = ResponsesScan(ResponsesPlaces(list: list))
        for (index, value) in items.elements.enumerated() {
            try scan.add(value, index)
            if let id = value.present("id"), id.kind != .string {
                throw .wrongType("\(scan.place(index)).id", expected: "string", got: id)
            }
            guard let content = value.present("content"), content.kind == .array else { continue }
            for (number, part) in content.elements.enumerated() {
                let place = "\(scan.place(index)).content[\(number)]"
                guard part.kind == .object else { throw .wrongType(place, expected: "object", got: part) }
                guard let type = part.present("type") else { throw .missing("\(place).type") }
                guard type.kind == .string else { throw .wrongType("\(place).type", expected: "string", got: type) }
            }
        }
    }

    private init(_ places: ResponsesPlaces) { self.places = places }

    /// The place of an item as the client knows it.
    func place(_ index: Int) -> String { places[index] }

    /// The item that holds a call's output.
    func output(of call: ResponsesItem) -> ResponsesItem? {
        guard let id = call.value.present("call_id"), let position = outputs[JSONKey(id)] else { return nil }
        return items[position]
    }

    // MARK: - Kinds

    private mutating func add(_ value: JSONValue, _ index: Int) throws(APIError) {
        guard value.kind == .object else { throw .wrongType(place(index), expected: "object", got: value) }
        guard let type = value.present("type") else {
            guard value.present("role") != nil else {
                guard value.present("id") != nil else { throw .missing("\(place(index)).type") }
                throw unknownReference(value, index)
            }
            return try addMessage(value, index)
        }
        guard type.kind == .string else { throw .wrongType("\(place(index)).type", expected: "string", got: type) }
        if type.equals("message") {
            try addMessage(value, index)
        } else if type.equals("function_call") || type.equals("custom_tool_call") {
            append(.call(isCustom: type.equals("custom_tool_call")), value, index)
        } else if type.equals("function_call_output") || type.equals("custom_tool_call_output") {
            let id = try callID(value, index)
            if value.present("output").map(Self.holdsImage) == true { hasMedia = true }
            if outputs.updateValue(items.count, forKey: JSONKey(id)) != nil {
                throw .invalidRequest(
                    "Invalid '\(place(index))': there are two outputs for the call \(GenerationWriter.memberName(id)).",
                    param: place(index),
                    code: "invalid_value"
                )
            }
            append(.output, value, index)
        } else if type.equals("reasoning") {
            append(.reasoning, value, index)
        } else if type.equals("item_reference") {
            // Thoughts are dispensable.
            let id = value.present("id")?.escapedContent
            guard let id, GenerationWriter.starts(id, "rs_") else { throw unknownReference(value, index) }
            leftOut.append((index, type))
        } else if type.equals("compaction") {
            append(.compaction, value, index)
        } else if type.equals("additional_tools") {
            append(.tools, value, index)
        } else if type.equals("web_search_call") {
            append(.trace, value, index)
        } else {
            leftOut.append((index, type))
        }
    }

    private mutating func append(_ kind: ResponsesItem.Kind, _ value: JSONValue, _ index: Int) {
        items.append(ResponsesItem(kind: kind, index: index, value: value, places: places))
    }

    private mutating func addMessage(_ value: JSONValue, _ index: Int) throws(APIError) {
        guard let role = value.present("role") else { throw .missing("\(place(index)).role") }
        let kind: ResponsesItem.Kind
        if role.equals("user") {
            kind = .user
        } else if role.equals("assistant") {
            kind = .assistant
        } else if role.equals("system") {
            kind = .system
        } else if role.equals("developer") {
            kind = .developer
        } else {
            guard role.kind == .string else {
                throw .wrongType("\(place(index)).role", expected: "string", got: role)
            }
            throw .invalidValue("\(place(index)).role", "expected one of user, assistant, system, developer.")
        }
        if let content = value.present("content") {
            guard content.kind == .string || content.kind == .array else {
                throw .wrongType("\(place(index)).content", expected: "string or array", got: content)
            }
            if kind == .user { note(content) }
        } else if kind != .assistant {
            throw .missing("\(place(index)).content")
        }
        append(kind, value, index)
    }

    private mutating func note(_ content: JSONValue) {
        if content.kind == .string { lastUserText = content }
        for part in content.elements {
            guard let type = part.present("type") else { continue }
            if type.equals("input_text") || type.equals("text") {
                lastUserText = part.present("text") ?? lastUserText
            } else if type.equals("input_image") || type.equals("input_audio") || type.equals("input_video") {
                hasMedia = true
            }
        }
    }

    private static func holdsImage(_ output: JSONValue) -> Bool {
        output.elements.contains { $0.present("type")?.equals("input_image") == true }
    }

    private func unknownReference(_ value: JSONValue, _ index: Int) -> APIError {
        guard let id = value.present("id").map({ GenerationWriter.memberName($0) }) else {
            return .missing("\(place(index)).id")
        }
        return .invalidRequest(
            "Item with id '\(id)' not found. It is not stored here; send the item itself.",
            param: place(index),
            code: "item_not_found"
        )
    }

    // MARK: - Calls

    private func callID(_ value: JSONValue, _ index: Int) throws(APIError) -> JSONValue {
        guard let id = value.present("call_id") else { throw .missing("\(place(index)).call_id") }
        guard id.kind == .string else { throw .wrongType("\(place(index)).call_id", expected: "string", got: id) }
        guard !id.isEmptyString else { throw .invalidValue("\(place(index)).call_id", "it is empty.") }
        return id
    }

    /// Upstream takes no call without its output and no output without its call.
    private func checkCalls() throws(APIError) {
        var calls = Set<JSONKey>()
        for item in items {
            guard case .call = item.kind else { continue }
            let id = try callID(item.value, item.index)
            guard outputs[JSONKey(id)] != nil else {
                throw .invalidRequest(
                    "No tool output found for function call \(GenerationWriter.memberName(id)).",
                    param: item.index < places.history ? "input" : place(item.index),
                    code: "invalid_value"
                )
            }
            guard calls.insert(JSONKey(id)).inserted else {
                throw .invalidValue("\(place(item.index)).call_id", "there are two calls with this id.")
            }
        }
        guard calls.count < outputs.count else { return }
        for item in items where item.kind == .output {
            guard let id = item.value.present("call_id"), !calls.contains(JSONKey(id)) else { continue }
            throw .invalidRequest(
                "No tool call found for function call output with call_id \(GenerationWriter.memberName(id)).",
                param: place(item.index),
                code: "invalid_value"
            )
        }
    }
}

extension ResponsesScan {
    /// Whether the word "json" stands in the text of any message, in any case.
    func mentionsJSON(_ instructions: JSONValue?) -> Bool {
        if let instructions, MediaSearch.mentions(instructions) { return true }
        return items.contains { item in
            guard let content = item.content else { return false }
            return MediaSearch.mentions(content)
                || content.elements.contains { $0.present("text").map(MediaSearch.mentions) ?? false }
        }
    }
}
