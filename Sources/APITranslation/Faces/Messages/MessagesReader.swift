import ByteWriting
import JSONBytes
import NIOCore

/// Reads a request of Anthropic's Messages API and drives the native writer.
struct MessagesReader {
    let fields: MessagesFields
    let scan: MessagesScan
    /// The native call.
    var out: GenerationWriter
    var context: MessagesReplyContext
    var tools = MessagesTools()
    /// Cache markers that are left out because four later ones are kept.
    var markersToDrop = 0
    var isFirstMessage = true
    /// Whether the next part of a content is its first.
    var isFirstPart = true
    /// Whether the content that is open is a list of parts.
    var isList = false
    /// The tokens are counted only, of a request without `max_tokens`.
    var isCounting = false

    init(
        fields: MessagesFields,
        scan: MessagesScan,
        model: ResolvedModel,
        options: TranslationOptions,
        operation: DashScopeOperation?,
        capacity: Int,
        created: Int
    ) {
        self.fields = fields
        self.scan = scan
        out = GenerationWriter(
            model: model,
            options: options,
            operation: operation,
            streamsToClient: fields.stream,
            capacity: capacity,
            hasMedia: { scan.hasImages }
        )
        context = MessagesReplyContext(model: model.requestedName, created: created)
        context.isCumulative = model.traits.isCumulative
        context.tellsExtras = model.appID != nil
    }

    var traits: ModelTraits { out.model.traits }

    /// Whether the model takes images; counted are those of every request.
    var takesImages: Bool { isCounting || out.isMultimodal && traits.takesMedia != false }

    /// Writes the call; `outputLimit` is the model's largest answer where upstream has said it.
    mutating func write(outputLimit: Int?) throws(APIError) {
        try readTools()
        try decideThinking()
        try decideFormat()
        try decideChoice()
        try decidePrefix()
        let limit = try decideMaxTokens(outputLimit ?? traits.maxOutputTokens)
        out.decideStreaming(longestAnswer: limit)
        markersToDrop = max(0, countMarkers() - 4)
        out.open()
        try writeSystem()
        let start = out.body.writerIndex
        try writeTurns()
        guard out.body.writerIndex > start else {
            throw .messages("messages", "at least one message with content is required")
        }
        out.beginParameters()
        writeLimit(limit)
        try writeSampling()
        writeFormat()
        try writeTools()
        out.writeThinking()
        try writeNative()
        reportIgnored()
        out.close()
    }

    func call() -> ChatCall {
        ChatCall(
            native: out.call,
            streamsToClient: out.streamsToClient,
            adjustments: out.adjustments,
            context: context
        )
    }

    // MARK: - Length and sampling

    /// The largest answer that is asked for.
    private mutating func decideMaxTokens(_ largest: Int?) throws(APIError) -> Int {
        guard let value = fields.maxTokens else {
            if isCounting { return 1 }
            throw .missing("max_tokens")
        }
        guard let number = value.integer else { throw .wrongType("max_tokens", expected: "integer", got: value) }
        guard number >= 0 else { throw .messages("max_tokens", "Input should be greater than or equal to 0") }
        guard number > 0 else {
            context.wantsNothing = true
            out.adjust("max_tokens", from: "0", to: "1", "upstream writes one token at least")
            return 1
        }
        guard let largest, number > largest else { return number }
        out.adjust("max_tokens", from: "\(number)", to: "\(largest)", "the model's largest answer")
        return largest
    }

    private mutating func writeLimit(_ limit: Int) {
        if out.thinking.mayThink, traits.takesMaxCompletionTokens {
            return out.parameter("max_completion_tokens", text: "\(limit)")
        }
        if out.thinking.mayThink, out.thinking.enable != nil || traits.thinking == .always {
            out.adjust(
                "max_tokens",
                from: "\(limit)",
                to: "answer only",
                "the model limits the answer without its thinking"
            )
        }
        out.parameter("max_tokens", text: "\(limit)")
    }

    private mutating func writeSampling() throws(APIError) {
        if let value = fields.temperature {
            guard try GenerationWriter.number(value, "temperature", 0...2) < 2 else {
                throw .messages("temperature", "Input should be less than 2")
            }
            out.parameter("temperature", value)
        }
        if let value = fields.topP { try out.writeTopP(value) }
        if let value = fields.topK {
            _ = try GenerationWriter.integer(value, "top_k", atLeast: 0)
            out.parameter("top_k", integer: value, param: "top_k")
        }
        guard let stops = fields.stopSequences, !stops.isEmptyContainer else { return }
        for (index, stop) in stops.elements.enumerated() {
            guard stop.kind == .string else {
                throw .wrongType("stop_sequences.\(index)", expected: "string", got: stop)
            }
            guard !stop.isEmptyString else { throw .messages("stop_sequences.\(index)", "it is empty") }
            if context.stopSequences.count < 64 { context.stopSequences.append(stop.string ?? "") }
        }
        out.parameter("stop", stops)
    }

    // MARK: - Format

    private mutating func decideFormat() throws(APIError) {
        guard let format = fields.format else { return }
        guard let type = try Self.optionalString(format, "type", fields.formatName) else {
            throw .missing("\(fields.formatName).type")
        }
        let place = fields.formatName
        reportUnknown(of: format, MessagesMembers.format, "output_config.format", at: place)
        guard type.equals("json_schema") else {
            throw .messages("\(fields.formatName).type", "Input should be 'json_schema'")
        }
        guard let schema = format.present("schema") else { throw .missing("\(fields.formatName).schema") }
        guard schema.kind == .object else {
            throw .wrongType("\(fields.formatName).schema", expected: "object", got: schema)
        }
        out.decideFormat(
            .jsonSchema(schema: schema),
            name: fields.formatName,
            thinkingName: "thinking",
            mentionsJSON: { true }
        )
    }

    private mutating func writeFormat() {
        guard let schema = fields.format?.present("schema") else { return }
        guard out.takesFormat("json_schema", name: fields.formatName) else { return }
        guard traits.takesJSONSchema else {
            return out.parameter("response_format", text: "{\"type\":\"json_object\"}")
        }
        out.parameterName("response_format")
        out.body.append("{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"output\",\"strict\":true,\"schema\":")
        out.body.writeJSON(schema)
        out.body.append("}}")
    }

    // MARK: - The rest

    /// A conversation that ends with an answer asks for its continuation, which excludes thinking.
    private mutating func decidePrefix() throws(APIError) {
        guard let last = scan.turns.last, last.role == .assistant else { return }
        guard out.suppressThinking("thinking", "an answer that has begun is continued without thinking") else {
            throw .messages(
                "messages.\(last.index)",
                "the model `\(out.model.requestedName)` always thinks and cannot continue an answer; end with a user message"
            )
        }
    }

    private mutating func writeNative() throws(APIError) {
        for (id, name, value) in fields.native {
            switch id {
            // Decided with `thinking` and with the web search tool.
            case .enableThinking, .thinkingBudget: continue
            case .searchOptions where tools.search != nil: continue
            case .enableSearch where tools.search != nil:
                if value.bool == false {
                    out.adjust("enable_search", from: "false", to: "true", "a tool that searches is offered")
                }
            case .presencePenalty: try out.writePresencePenalty(value)
            case .seed: out.writeSeed(value)
            case .topLogprobs: try out.writeTopLogprobs(value)
            case .logitBias: if !value.isEmptyContainer { try out.writeLogitBias(value) }
            default: out.parameter(name, value)
            }
        }
    }

    private mutating func reportIgnored() {
        for (name, value) in fields.ignored where out.model.appID == nil || !AppFields.takes(name) {
            out.adjust(name, from: GenerationWriter.short(value), to: "none", "no counterpart upstream")
        }
        guard let management = fields.contextManagement else { return }
        let isKnown =
            management.kind == .object
            && management.members.allSatisfy { member in
                member.value.isNull
                    || member.name.equals("edits") && member.value.kind == .array
                        && member.value.elements.allSatisfy {
                            $0.present("type")?.equals("clear_thinking_20251015") == true
                        }
            }
        if !isKnown {
            out.adjust("context_management", from: "object", to: "none", "no counterpart upstream")
        }
    }
}
