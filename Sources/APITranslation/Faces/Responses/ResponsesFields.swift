import JSONBytes

/// A member of a request of `POST /v1/responses` that the gateway knows.
enum ResponsesFieldID: UInt8, Sendable {
    case model, input, instructions, stream, store, previousResponseID, conversation, background
    case maxOutputTokens, maxToolCalls, temperature, topP, topLogprobs, presencePenalty, frequencyPenalty
    case tools, toolChoice, parallelToolCalls, text, reasoning, include, truncation, metadata, prompt, serviceTier
    case user, safetyIdentifier, promptCacheKey
    /// Fields that every client may send and that nothing here needs.
    case carriesNothing
}

/// The members of a request, found in one walk over its top level; null is absent, the last of two equal names counts.
struct ResponsesFields {
    private typealias Entry = (name: StaticString, id: ResponsesFieldID, expects: ChatField.Expectation)

    private static let table: [Entry] = [
        ("model", .model, .string), ("input", .input, .stringOrArray), ("instructions", .instructions, .string),
        ("stream", .stream, .boolean), ("store", .store, .boolean),
        ("previous_response_id", .previousResponseID, .string), ("conversation", .conversation, .stringOrObject),
        ("background", .background, .boolean), ("max_output_tokens", .maxOutputTokens, .integer),
        ("max_tool_calls", .maxToolCalls, .integer), ("temperature", .temperature, .number),
        ("top_p", .topP, .number), ("top_logprobs", .topLogprobs, .integer),
        ("presence_penalty", .presencePenalty, .number), ("frequency_penalty", .frequencyPenalty, .number),
        ("tools", .tools, .array), ("tool_choice", .toolChoice, .stringOrObject),
        ("parallel_tool_calls", .parallelToolCalls, .boolean), ("text", .text, .object),
        ("reasoning", .reasoning, .object), ("include", .include, .array), ("truncation", .truncation, .string),
        ("metadata", .metadata, .object), ("prompt", .prompt, .object), ("service_tier", .serviceTier, .string),
        ("user", .user, .string), ("safety_identifier", .safetyIdentifier, .string),
        ("prompt_cache_key", .promptCacheKey, .string), ("prompt_cache_retention", .carriesNothing, .any),
        ("prompt_cache_options", .carriesNothing, .any), ("client_metadata", .carriesNothing, .any),
        ("context_management", .carriesNothing, .any), ("stream_options", .carriesNothing, .object),
    ]

    /// Parameters of DashScope that are taken at the top level.
    private static let nativeFields: Set<ChatFieldID> = [
        .seed, .repetitionPenalty, .enableSearch, .searchOptions, .enableThinking, .thinkingBudget, .preserveThinking,
        .clearThinking, .enableTextImageMixed, .enableCodeInterpreter, .toolStream, .topK, .stop, .logitBias,
        .vlHighResolutionImages, .vlEnableImageHwOutput, .ocrOptions, .asrOptions, .translationOptions, .skill,
        .outputFormat,
    ]

    /// How many members that are not taken are kept by name; they are only told of, in a list that is bounded as well.
    private static let mostIgnored = 32

    private var known: [(id: ResponsesFieldID, value: JSONValue)] = []
    /// DashScope's own parameters, known by the names that chat knows.
    private(set) var native: [(id: ChatFieldID, name: StaticString, value: JSONValue)] = []
    /// Members that are not taken, under the names they are reported by.
    private(set) var ignored: [(name: String, value: JSONValue)] = []

    /// - Throws: A 400 that names a member of a wrong type.
    init(_ root: JSONValue) throws(APIError) {
        known.reserveCapacity(16)
        for member in root.members { try read(member) }
        if let value = self[.conversation], value.kind == .object {
            guard let id = value.present("id") else { throw .missing("conversation.id") }
            guard id.kind == .string else { throw .wrongType("conversation.id", expected: "string", got: id) }
        }
    }

    private mutating func read(_ member: JSONValue.Member) throws(APIError) {
        let (name, value) = (member.name, member.value)
        guard !value.isNull else { return }
        for entry in Self.table where name.equals(entry.name) {
            guard Self.fits(value, entry.expects) else {
                throw .wrongType("\(entry.name)", expected: entry.expects.rawValue, got: value)
            }
            if entry.id == .carriesNothing { return }
            known.removeAll { $0.id == entry.id }
            known.append((entry.id, value))
            return
        }
        if let field = ChatFieldTable.find(name), Self.nativeFields.contains(field.id) {
            try ChatFields.check(value, field)
            native.removeAll { $0.id == field.id }
            native.append((field.id, field.name, value))
        } else if ignored.count < Self.mostIgnored {
            ignored.append((GenerationWriter.memberName(name), value))
        }
    }

    private static func fits(_ value: JSONValue, _ expected: ChatField.Expectation) -> Bool {
        switch expected {
        case .any: true
        case .boolean: value.bool != nil
        case .integer: value.integer != nil
        case .number: value.kind == .number
        case .string: value.kind == .string
        case .array: value.kind == .array
        case .object: value.kind == .object
        case .stringOrArray: value.kind == .string || value.kind == .array
        case .stringOrObject: value.kind == .string || value.kind == .object
        }
    }

    /// The value of a member; nil where it is absent or null.
    subscript(_ id: ResponsesFieldID) -> JSONValue? {
        for entry in known where entry.id == id { return entry.value }
        return nil
    }

    /// A parameter of DashScope's own.
    func native(_ id: ChatFieldID) -> JSONValue? {
        native.last { $0.id == id }?.value
    }

    /// The places of items where so many of earlier turns stand in front.
    func places(history: Int) -> ResponsesPlaces {
        var places = ResponsesPlaces(history: history)
        if self[.conversation] != nil { places.earlier = "conversation" }
        return places
    }

    /// The id of a conversation, given as a string or in an object.
    var conversationID: JSONValue? {
        guard let value = self[.conversation] else { return nil }
        return value.kind == .string ? value : value.present("id")
    }
}
