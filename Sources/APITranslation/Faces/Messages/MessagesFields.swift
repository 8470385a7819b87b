import JSONBytes

/// The members of a request of `POST /v1/messages`, found in one walk over its top level; null is absent.
struct MessagesFields {
    private(set) var model: JSONValue?
    private(set) var messages: JSONValue?
    private(set) var maxTokens: JSONValue?
    private(set) var system: JSONValue?
    private(set) var stream = false
    private(set) var temperature: JSONValue?
    private(set) var topP: JSONValue?
    private(set) var topK: JSONValue?
    private(set) var stopSequences: JSONValue?
    private(set) var tools: JSONValue?
    private(set) var toolChoice: JSONValue?
    private(set) var thinking: JSONValue?
    private(set) var effort: JSONValue?
    /// `output_config.format`, or the older `output_format`.
    private(set) var format: JSONValue?
    private(set) var formatName = "output_config.format"
    private(set) var cacheControl: JSONValue?
    private(set) var thread: JSONValue?
    private(set) var contextManagement: JSONValue?
    /// DashScope's own parameters, known by the names that chat knows.
    private(set) var native: [(id: ChatFieldID, name: StaticString, value: JSONValue)] = []
    /// Members that are not taken, under the names they are reported by.
    private(set) var ignored: [(name: String, value: JSONValue)] = []

    /// Parameters of DashScope that are taken at the top level.
    private static let nativeFields: Set<ChatFieldID> = [
        .seed, .presencePenalty, .repetitionPenalty, .enableSearch, .searchOptions, .enableThinking, .thinkingBudget,
        .preserveThinking, .clearThinking, .enableTextImageMixed, .enableCodeInterpreter, .toolStream,
        .vlHighResolutionImages, .vlEnableImageHwOutput, .ocrOptions, .asrOptions, .translationOptions, .skill,
        .outputFormat, .logprobs, .topLogprobs, .logitBias,
    ]

    /// How many members that are not taken are kept by name; they are only told of, in a list that is bounded as well.
    private static let mostIgnored = 32

    /// - Throws: A 400 that names a member of a wrong type.
    init(_ root: JSONValue) throws(APIError) {
        for member in root.members { try read(member) }
    }

    private mutating func read(_ member: JSONValue.Member) throws(APIError) {
        let (name, value) = (member.name, member.value)
        guard !value.isNull else { return }
        if name.equals("model") {
            model = try Self.checked(value, .string, "model")
        } else if name.equals("messages") {
            messages = try Self.checked(value, .array, "messages")
        } else if name.equals("max_tokens") {
            maxTokens = value
        } else if name.equals("system") {
            guard value.kind == .string || value.kind == .array else {
                throw .wrongType("system", expected: "string or array", got: value)
            }
            system = value
        } else if name.equals("stream") {
            guard let flag = value.bool else { throw .wrongType("stream", expected: "boolean", got: value) }
            stream = flag
        } else if name.equals("temperature") {
            temperature = value
        } else if name.equals("top_p") {
            topP = value
        } else if name.equals("top_k") {
            topK = value
        } else if name.equals("stop_sequences") {
            stopSequences = try Self.checked(value, .array, "stop_sequences")
        } else if name.equals("tools") {
            tools = try Self.checked(value, .array, "tools")
        } else if name.equals("tool_choice") {
            toolChoice = try Self.checked(value, .object, "tool_choice")
        } else if name.equals("thinking") {
            thinking = try Self.checked(value, .object, "thinking")
        } else if name.equals("output_config") {
            try readOutputConfig(try Self.checked(value, .object, "output_config"))
        } else if name.equals("output_format"), value.kind == .object {
            if format == nil {
                format = value
                formatName = "output_format"
            }
        } else {
            try readOther(member)
        }
    }

    private mutating func readOther(_ member: JSONValue.Member) throws(APIError) {
        let (name, value) = (member.name, member.value)
        if name.equals("cache_control") {
            let marker = try Self.checked(value, .object, "cache_control")
            if MessagesMarker.isMarker(marker) { cacheControl = marker } else { ignore("cache_control", marker) }
        } else if name.equals("thread") {
            thread = value
        } else if name.equals("context_management") {
            contextManagement = value
        } else if name.equals("metadata") || name.equals("service_tier") && value.equals("auto") {
            return
        } else if let field = ChatFieldTable.find(name), Self.nativeFields.contains(field.id) {
            try ChatFields.check(value, field)
            native.removeAll { $0.id == field.id }
            native.append((field.id, field.name, value))
        } else {
            ignore(GenerationWriter.memberName(name), value)
        }
    }

    private mutating func readOutputConfig(_ config: JSONValue) throws(APIError) {
        for member in config.members where !member.value.isNull {
            if member.name.equals("effort") {
                effort = try Self.checked(member.value, .string, "output_config.effort")
            } else if member.name.equals("format") {
                format = try Self.checked(member.value, .object, "output_config.format")
                formatName = "output_config.format"
            } else {
                ignore("output_config.\(GenerationWriter.memberName(member.name))", member.value)
            }
        }
    }

    private mutating func ignore(_ name: String, _ value: JSONValue) {
        if ignored.count < Self.mostIgnored { ignored.append((name, value)) }
    }

    private static func checked(_ value: JSONValue, _ kind: JSONValue.Kind, _ name: String) throws(APIError)
        -> JSONValue
    {
        guard value.kind == kind else { throw .wrongType(name, expected: "\(kind)", got: value) }
        return value
    }

    /// A parameter of DashScope's own.
    func native(_ id: ChatFieldID) -> JSONValue? {
        native.last { $0.id == id }?.value
    }
}
