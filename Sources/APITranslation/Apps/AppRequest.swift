import ByteWriting
import JSONBytes
import NIOCore

/// How a dialect names what an app does not take.
struct AppDialect {
    /// The conversation.
    let conversation: String
    /// Names of native parameters, where they differ.
    var names: [String: String] = [:]

    static let chat = AppDialect(conversation: "messages")
    static let messages = AppDialect(
        conversation: "messages",
        names: ["stop": "stop_sequences", "response_format": "output_config.format", "thinking_budget": "thinking"]
    )
    static let responses = AppDialect(
        conversation: "input",
        names: [
            "max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens",
            "response_format": "text.format",
        ]
    )
}

/// Makes the call of an app of the call that a model would get.
///
/// So an app is asked by the same readers as a model: a conversation in any dialect is native messages by then. An app has
/// its own tools and limits; what it does not take is reported, or refused where the answer would be another one.
struct AppRequest {
    private let dialect: AppDialect
    /// A JSON string.
    private var session: ByteBuffer?
    /// How many messages the request itself holds.
    private let ownMessages: Int
    /// Members of `input` and of `parameters`, each with a comma in front.
    private var inputs = ByteBuffer()
    private var parameters = ByteBuffer()
    /// Elements of `image_list`, with a comma between them.
    private var images = ByteBuffer()
    private var adjustments = AdjustmentList()

    /// Reads what an app takes beside the conversation; `session` is that of an earlier answer that is continued.
    ///
    /// - Throws: A 400 that names the member of a wrong type.
    init(_ root: JSONValue, _ dialect: AppDialect, session: String? = nil, ownMessages: Int) throws(APIError) {
        self.dialect = dialect
        self.ownMessages = ownMessages
        let fields = try RequestFields(root, AppFields.all)
        if let value = fields["session_id"], !value.isEmptyString {
            self.session = ByteBuffer(bytes: value.text)
        } else if let session {
            var text = ByteBuffer()
            text.writeJSON(session)
            self.session = text
        }
        for field in AppFields.inputs {
            guard let value = fields[field.name] else { continue }
            switch "\(field.name)" {
            case "session_id": continue
            case "image_list":
                for (index, element) in value.elements.enumerated() {
                    try add(image: element, at: "image_list[\(index)]")
                }
            default: Self.write(field.name, value, into: &inputs)
            }
        }
        for field in AppFields.parameters {
            if let value = fields[field.name] { Self.write(field.name, value, into: &parameters) }
        }
    }

    /// How many messages a conversation has; a text alone is one.
    static func count(_ conversation: JSONValue) -> Int {
        conversation.kind == .array ? conversation.elements.reduce(0) { count, _ in count + 1 } : 1
    }

    private static func write(_ name: StaticString, _ value: JSONValue, into output: inout ByteBuffer) {
        output.append(",\"")
        output.append(name)
        output.append("\":")
        output.writeJSON(value)
    }

    private mutating func add(image: JSONValue, at place: String) throws(APIError) {
        guard let content = image.escapedContent else { throw .wrongType(place, expected: "string", got: image) }
        guard !InlineMedia.isDataURL(content) else {
            throw .invalidValue(place, "an app takes the URLs of images, no inline data.")
        }
        guard InlineMedia.isLink(content) else { throw .invalidValue(place, "it must be a URL (https, http, oss).") }
        if images.readableBytes > 0 { images.append(",") }
        images.writeJSON(image)
    }

    // MARK: - The call

    /// Turns the call for a model into one for the app; values of the caller's request are not valid after it.
    ///
    /// - Throws: A 400 for tools, several answers, and media other than images.
    mutating func rewrite(_ call: ChatCall, of app: String, tape: JSONTape) throws(APIError) {
        let native = call.native.body
        var output = ByteBufferAllocator().buffer(capacity: native.readableBytes + inputs.readableBytes + 256)
        var writer = self
        let fault: APIError? = native.withUnsafeReadableBytes { bytes in
            guard let root = try? tape.parse(bytes) else {
                return .invalidValue(dialect.conversation, "it is too large.")
            }
            do throws(APIError) {
                try writer.write(root, into: &output)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
        call.native.body = output
        call.native.operation = .application
        call.native.app = app
        call.adjustments.add(writer.adjustments)
    }

    private mutating func write(_ native: JSONValue, into output: inout ByteBuffer) throws(APIError) {
        let given = native["parameters"]
        if given?["tools"] != nil {
            throw .invalidRequest(
                "Invalid 'tools': an app has the tools it was built with. Send none.",
                param: "tools",
                code: "unsupported_parameter"
            )
        }
        if given?["n"] != nil { throw .invalidValue("n", "an app gives one answer.") }
        output.append("{\"input\":{")
        if let session {
            try writePrompt(native["input"]?["messages"], into: &output)
            output.append(",\"session_id\":")
            output.writeImmutableBuffer(session)
        } else {
            try writeMessages(native["input"]?["messages"], into: &output)
        }
        output.writeImmutableBuffer(inputs)
        if images.readableBytes > 0 {
            output.append(",\"image_list\":[")
            output.writeImmutableBuffer(images)
            output.append("]")
        }
        output.append("},\"parameters\":{")
        if let given { writeParameters(given) }
        output.writeImmutableBuffer(parameters.withoutComma)
        output.append("},\"debug\":{}}")
    }

    // MARK: - Messages

    private mutating func writeMessages(_ messages: JSONValue?, into output: inout ByteBuffer) throws(APIError) {
        output.append("\"messages\":[")
        var isFirst = true
        if let messages {
            for message in messages.elements {
                let text = try read(message)
                output.append(isFirst ? "{\"role\":" : ",{\"role\":")
                isFirst = false
                output.writeJSON(orNull: message["role"])
                output.append(",\"content\":\"")
                output.writeImmutableBuffer(text)
                output.append("\"}")
            }
        }
        output.append("]")
    }

    /// The session has the earlier messages: what is sent is the last one, as DashScope wants it.
    private mutating func writePrompt(_ messages: JSONValue?, into output: inout ByteBuffer) throws(APIError) {
        var last: JSONValue?
        if let messages { for message in messages.elements { last = message } }
        guard let last, last["role"]?.equals("user") == true else {
            throw .invalidValue(dialect.conversation, "with a session the last message must be the user's.")
        }
        let text = try read(last)
        guard text.readableBytes > 0 else {
            throw .invalidValue(dialect.conversation, "with a session the last message must have a text.")
        }
        output.append("\"prompt\":\"")
        output.writeImmutableBuffer(text)
        output.append("\"")
        guard ownMessages > 1 else { return }
        adjustments.add(
            dialect.conversation,
            from: "\(ownMessages)",
            to: "1",
            reason: "the session holds what was said before"
        )
    }

    /// The inside of a message's text; its images go into the list of images.
    private mutating func read(_ message: JSONValue) throws(APIError) -> ByteBuffer {
        if message["tool_calls"] != nil || message["role"]?.equals("tool") == true {
            throw .invalidValue(dialect.conversation, "an app is sent no calls of tools and none of their results.")
        }
        var text = ByteBuffer()
        guard let content = message["content"] else { return text }
        if let string = content.escapedContent { text.append(bytes: string) }
        for part in content.elements {
            for member in part.members where !member.value.isNull {
                if member.name.equals("text"), let string = member.value.escapedContent {
                    text.append(bytes: string)
                } else if member.name.equals("image") {
                    try add(image: member.value, at: dialect.conversation)
                } else if member.name.equals("audio") || member.name.equals("video") {
                    throw .invalidValue(dialect.conversation, "an app takes text and images.")
                } else {
                    report(
                        "\(dialect.conversation)[*].content[*].\(GenerationWriter.memberName(member.name))",
                        member.value
                    )
                }
            }
        }
        for member in message.members where !member.value.isNull {
            if member.name.equals("role") || member.name.equals("content") { continue }
            report("\(dialect.conversation)[*].\(GenerationWriter.memberName(member.name))", member.value)
        }
        return text
    }

    private mutating func report(_ name: String, _ value: JSONValue) {
        adjustments.add(name, from: GenerationWriter.short(value), to: "none", reason: "apps do not take it")
    }

    // MARK: - Parameters

    private static let kept: [StaticString] = [
        "incremental_output", "temperature", "top_p", "top_k", "seed", "enable_thinking",
    ]

    private mutating func writeParameters(_ given: JSONValue) {
        for member in given.members {
            let (name, value) = (member.name, member.value)
            // Read from the request itself, or a matter of models alone.
            if name.equals("result_format") || AppFields.all.contains(where: { name.equals($0.name) }) { continue }
            if name.equals("enable_search") {
                Self.write("enable_web_search", value, into: &parameters)
            } else if ChatFieldTable.find(name) != nil, !Self.kept.contains(where: { name.equals($0) }) {
                let word = GenerationWriter.memberName(name)
                report(dialect.names[word] ?? word, value)
            } else {
                parameters.append(",")
                parameters.writeJSON(name)
                parameters.append(":")
                parameters.writeJSON(value)
            }
        }
    }
}
