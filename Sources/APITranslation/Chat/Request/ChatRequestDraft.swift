import ByteWriting
import JSONBytes
import NIOCore

/// A native request while it is being written: body, adjustments, and what was decided on the way.
struct ChatRequestDraft {
    let fields: ChatFields
    let messages: JSONValue
    let model: ResolvedModel
    let options: ChatRequestTranslator.Options
    let operation: DashScopeOperation
    let streamsToClient: Bool
    /// Whether the model reads uploaded files.
    let readsFiles: Bool
    var body: ByteBuffer
    var adjustments = AdjustmentList()
    var customTools: [String] = []
    var usesLegacyFunctions = false
    var resolvesOSS = false
    var wantsHighResolution = false
    var thinking = ThinkingDecision()
    /// Text to add to the system message: what a model without JSON support must be told.
    var systemAddition: String?
    var streamsUpstream = false

    init(
        fields: ChatFields,
        messages: JSONValue,
        model: ResolvedModel,
        options: ChatRequestTranslator.Options,
        operation: DashScopeOperation?,
        capacity: Int
    ) {
        self.fields = fields
        self.messages = messages
        self.model = model
        self.options = options
        streamsToClient = fields[.stream]?.bool ?? false
        readsFiles = model.upstreamName.hasPrefix("qwen-long")
        body = ByteBufferAllocator().buffer(capacity: capacity)
        let byTable = model.traits.operation
        if let operation {
            self.operation = operation
        } else if byTable == .textGeneration, !model.isCatalogued || model.traits.takesMedia == true,
            MediaSearch.hasMedia(messages)
        {
            self.operation = .multimodalGeneration
        } else {
            self.operation = byTable
        }
    }

    var isMultimodal: Bool { operation == .multimodalGeneration }

    var hasTools: Bool {
        fields[.tools].map { !$0.isEmptyContainer } ?? fields[.functions].map { !$0.isEmptyContainer } ?? false
    }

    mutating func adjust(_ name: String, from: String, to: String, _ reason: String) {
        adjustments.add(name, from: from, to: to, reason: reason)
    }

    /// Reports a repair of something a request may have many of; see ``AdjustmentList``.
    mutating func adjust(
        _ name: String,
        at path: @autoclosure () -> String,
        from: String,
        to: String,
        _ reason: String
    ) {
        adjustments.add(name, at: path(), from: from, to: to, reason: reason)
    }

    /// A short value for a report: numbers and single words as they came, anything else by its kind.
    static func short(_ value: JSONValue) -> String {
        switch value.kind {
        case .number: String(decoding: value.text.prefix(64), as: UTF8.self)
        case .true, .false, .null: String(decoding: value.text, as: UTF8.self)
        case .string: word(value) ?? "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The text of a string that is one short word; reports reach logs, which hold nothing else of a request.
    private static func word(_ value: JSONValue) -> String? {
        guard let content = value.escapedContent, (1...24).contains(content.count) else { return nil }
        for byte in content {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                continue
            default: return nil
            }
        }
        return String(decoding: content, as: UTF8.self)
    }

    mutating func write() throws(APIError) {
        guard messages.kind == .array else { throw .wrongType("messages", expected: "array", got: messages) }
        try decideThinking()
        try decideResponseFormat()
        decideStreaming()
        body.append("{\"model\":")
        body.writeJSON(model.upstreamName)
        body.append(",\"input\":{\"messages\":[")
        try writeMessages()
        body.append("]},\"parameters\":{\"result_format\":\"message\"")
        if streamsUpstream { body.append(",\"incremental_output\":true") }
        try writeSampling()
        try writeTools()
        writeThinking()
        try writeSearchAndMedia()
        writeCarried()
        reportIgnored()
        body.append("}}")
    }

    private mutating func decideStreaming() {
        let longest = max(fields[.maxTokens]?.integer ?? 0, fields[.maxCompletionTokens]?.integer ?? 0)
        streamsUpstream =
            streamsToClient || thinking.mayThink || model.traits.streamOnly == .always
            || longest > options.longestPlainAnswer
    }

    func call(created: Int) -> ChatCall {
        ChatCall(
            operation: operation,
            upstreamModel: model.upstreamName,
            body: body,
            streamsUpstream: streamsUpstream,
            streamsToClient: streamsToClient,
            resolvesOSS: resolvesOSS,
            adjustments: adjustments,
            context: ChatReplyContext(
                model: model.requestedName,
                created: created,
                choices: fields[.n]?.integer ?? 1,
                includesUsage: fields[.streamOptions]?["include_usage"]?.bool ?? options.alwaysIncludesUsage,
                usesLegacyFunctions: usesLegacyFunctions,
                isCumulative: model.traits.isCumulative,
                customTools: customTools
            )
        )
    }

    // MARK: - Writing parameters

    mutating func parameter(_ name: StaticString, _ value: JSONValue) {
        parameterName(name)
        body.writeJSON(value)
    }

    mutating func parameter(_ name: StaticString, text: String) {
        parameterName(name)
        body.append(text: text)
    }

    mutating func parameterName(_ name: StaticString) {
        body.append(",\"")
        body.append(name)
        body.append("\":")
    }

    private static let carried: [(ChatFieldID, StaticString)] = [
        (.preserveThinking, "preserve_thinking"), (.clearThinking, "clear_thinking"),
        (.enableTextImageMixed, "enable_text_image_mixed"),
        (.enableCodeInterpreter, "enable_code_interpreter"), (.toolStream, "tool_stream"), (.topK, "top_k"),
        (.repetitionPenalty, "repetition_penalty"), (.vlEnableImageHwOutput, "vl_enable_image_hw_output"),
        (.ocrOptions, "ocr_options"), (.asrOptions, "asr_options"),
        (.translationOptions, "translation_options"), (.skill, "skill"), (.outputFormat, "output_format"),
    ]

    /// Fields that keep name and value, and those nobody knows.
    private mutating func writeCarried() {
        for (id, name) in Self.carried {
            if let value = fields[id] { parameter(name, value) }
        }
        for member in fields.unknown {
            body.append(",")
            body.writeJSON(member.name)
            body.append(":")
            body.writeJSON(member.value)
        }
    }

    private mutating func reportIgnored() {
        if fields[.store]?.bool == true { adjust("store", from: "true", to: "none", "nothing is stored") }
        if let tier = fields[.serviceTier], !tier.equals("auto"), !tier.equals("default") {
            adjust("service_tier", from: Self.short(tier), to: "none", "no counterpart upstream")
        }
        if let verbosity = fields[.verbosity] {
            adjust("verbosity", from: Self.short(verbosity), to: "none", "no counterpart upstream")
        }
        if fields[.moderation] != nil { adjust("moderation", from: "object", to: "none", "no counterpart upstream") }
        if fields[.incrementalOutput]?.bool == false {
            adjust("incremental_output", from: "false", to: "true", "the client always gets increments")
        }
        if let format = fields[.resultFormat], !format.equals("message") {
            adjust("result_format", from: Self.short(format), to: "message", "the answer has the form of OpenAI")
        }
    }
}
