/// One call of a generation path, as far as it could be read.
struct NativeRequest: Sendable {
    var path: ModelProfile.Path
    var model: ModelProfile
    var fault: Fault?
    var streams: Bool
    /// The whole body.
    var body: JSON
    /// Stable for equal bodies; incidental things are varied by it.
    var hash: UInt64
    /// Tells keys apart without keeping them.
    var keyHash: String
    /// Lower case, hexadecimal and hyphens.
    var requestID: String
    /// The files that the conversation names by id.
    var documents: [StoredFile] = []

    /// The member `parameters`; an empty object where there is none.
    var parameters: JSON { body["parameters"] ?? .object([]) }

    var messages: [Message] {
        if let messages = body["input"]?["messages"]?.array {
            return messages.map { message in
                // GLM reads lists of parts only beside tools; without them such a text is lost without an error.
                let isLost = model.name.hasPrefix("glm") && tools.isEmpty && message["content"]?.array != nil
                var message = message
                if isLost { message["content"] = "" }
                return Message(json: message)
            }
        }
        // The legacy form of a single question.
        guard let prompt = body["input"]?["prompt"]?.string else { return [] }
        return [Message(json: ["role": "user", "content": .string(prompt)])]
    }

    /// The messages, without those that hold nothing but a client's reminders.
    var turns: [Message] {
        let messages = messages
        let said = messages.filter { $0.role != "user" || !$0.question.isEmpty || !$0.media.isEmpty }
        return said.contains { $0.role == "user" } ? said : messages
    }

    var thinks: Bool {
        switch model.thinking {
        case .never: false
        case .always: true
        case .offByDefault: parameters["enable_thinking"]?.bool ?? false
        case .onByDefault: parameters["enable_thinking"]?.bool ?? true
        }
    }

    /// Whether each event carries only what is new.
    var isIncremental: Bool { parameters["incremental_output"]?.bool ?? model.incrementalByDefault }

    /// Whether the answer has the legacy `output.text`.
    var usesTextFormat: Bool {
        guard model.path == .text else { return false }
        guard let format = parameters["result_format"]?.string else { return model.textFormatByDefault }
        return format == "text"
    }

    var tools: [JSON] { parameters["tools"]?.array ?? [] }

    /// The facts of this request that faults depend on.
    var context: ReplyContext { ReplyContext(requestID: requestID, fault: fault, streams: streams, hash: hash) }

    /// A stable choice among `count` variants; `salt` keeps choices apart.
    func variant(_ salt: UInt64, of count: UInt64) -> UInt64 { context.variant(salt, of: count) }
}

extension UInt64 {
    /// FNV-1a over the length and at most the first and last four thousand bytes.
    init(stableHashOf bytes: some RandomAccessCollection<UInt8>) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
        for byte in bytes.prefix(4_096) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in bytes.suffix(4_096) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        self = hash
    }

    /// Mixes the bits so that the low ones depend on all.
    var scrambled: UInt64 {
        var value = self
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
