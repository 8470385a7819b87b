import ByteWriting
import JSONBytes
import NIOCore

/// Reads a chat request and drives the native writer; what holds for a chat request only is decided here.
struct ChatReader {
    let fields: ChatFields
    let messages: JSONValue
    /// The native call.
    var out: GenerationWriter
    var customTools: [String] = []
    var usesLegacyFunctions = false
    var wantsHighResolution = false
    /// Native parameters that stand inside other fields, such as `chat_template_kwargs.preserve_thinking`.
    var nestedParameters: [(id: ChatFieldID, value: JSONValue)] = []
    /// Whether one of several tools was asked for in words.
    var asksForCallInWords = false

    init(
        fields: ChatFields,
        messages: JSONValue,
        model: ResolvedModel,
        options: TranslationOptions,
        operation: DashScopeOperation?,
        capacity: Int
    ) {
        self.fields = fields
        self.messages = messages
        out = GenerationWriter(
            model: model,
            options: options,
            operation: operation,
            streamsToClient: fields[.stream]?.bool ?? false,
            capacity: capacity,
            hasMedia: { MediaSearch.hasMedia(messages) }
        )
    }

    var traits: ModelTraits { out.model.traits }

    var tools: JSONValue? { fields[.tools].flatMap { $0.isEmptyContainer ? nil : $0 } }

    var functions: JSONValue? { fields[.functions].flatMap { $0.isEmptyContainer ? nil : $0 } }

    var hasTools: Bool { tools != nil || functions != nil }

    mutating func write() throws(APIError) {
        guard messages.kind == .array else { throw .wrongType("messages", expected: "array", got: messages) }
        out.decideThinking(try readThinking())
        try decideResponseFormat()
        try decideToolChoice()
        out.decideStreaming(
            longestAnswer: max(fields[.maxTokens]?.integer ?? 0, fields[.maxCompletionTokens]?.integer ?? 0)
        )
        try checkStreamOptions()
        out.open()
        try writeMessages()
        out.beginParameters()
        try writeSampling()
        try writeTools()
        out.writeThinking()
        try writeSearchAndMedia()
        writeCarried()
        reportIgnored()
        out.close()
    }

    func call(created: Int) -> ChatCall {
        ChatCall(
            native: out.call,
            streamsToClient: out.streamsToClient,
            adjustments: out.adjustments,
            context: ChatReplyContext(
                model: out.model.requestedName,
                created: created,
                choices: fields[.n]?.integer ?? 1,
                includesUsage: fields[.streamOptions]?["include_usage"]?.bool ?? out.options.alwaysIncludesUsage,
                usesLegacyFunctions: usesLegacyFunctions,
                isCumulative: traits.isCumulative,
                customTools: customTools
            )
        )
    }

    // MARK: - Members that are not taken

    /// Reports a member that has no counterpart; `place` is the exact path of the object, `name` that with `[*]`.
    mutating func reportLost(_ member: JSONValue.Member, in name: String, at place: @autoclosure () -> String) {
        let word = GenerationWriter.memberName(member.name)
        out.adjust(
            "\(name).\(word)",
            at: "\(place()).\(word)",
            from: GenerationWriter.shortUnknown(member.value),
            to: "none",
            "no counterpart upstream"
        )
    }

    /// A member that must be a string, or be absent.
    static func optionalString(_ object: JSONValue, _ name: StaticString, _ place: @autoclosure () -> String)
        throws(APIError) -> JSONValue?
    {
        guard let value = object.present(name) else { return nil }
        guard value.kind == .string else { throw .wrongType("\(place()).\(name)", expected: "string", got: value) }
        return value
    }

    private mutating func checkStreamOptions() throws(APIError) {
        guard let options = fields[.streamOptions] else { return }
        for member in options.members where !member.value.isNull {
            if member.name.equals("include_usage") || member.name.equals("include_obfuscation") {
                guard member.value.bool != nil else {
                    throw .wrongType(
                        "stream_options.\(GenerationWriter.memberName(member.name))",
                        expected: "boolean",
                        got: member.value
                    )
                }
            } else {
                reportLost(member, in: "stream_options", at: "stream_options")
            }
        }
    }

    // MARK: - Carried and ignored fields

    private static let carried: [(ChatFieldID, StaticString)] = [
        (.preserveThinking, "preserve_thinking"), (.clearThinking, "clear_thinking"),
        (.enableTextImageMixed, "enable_text_image_mixed"),
        (.enableCodeInterpreter, "enable_code_interpreter"), (.toolStream, "tool_stream"),
        (.repetitionPenalty, "repetition_penalty"), (.vlEnableImageHwOutput, "vl_enable_image_hw_output"),
        (.ocrOptions, "ocr_options"), (.asrOptions, "asr_options"),
        (.translationOptions, "translation_options"), (.skill, "skill"), (.outputFormat, "output_format"),
    ]

    /// Fields that keep name and value, and unknown fields.
    private mutating func writeCarried() {
        for (id, name) in Self.carried {
            if let value = carried(id) { out.parameter(name, value) }
        }
        if let value = carried(.topK) { out.parameter("top_k", integer: value, param: "top_k") }
        for member in fields.unknown {
            var isFirst = false
            out.writeMember(member, &isFirst)
        }
    }

    /// A native parameter, at the top level or, where it is not there, inside another field.
    func carried(_ id: ChatFieldID) -> JSONValue? {
        fields[id] ?? nestedParameters.last { $0.id == id }?.value
    }

    private mutating func reportIgnored() {
        if fields[.store]?.bool == true { out.adjust("store", from: "true", to: "none", "nothing is stored") }
        if let tier = fields[.serviceTier], !tier.equals("auto"), !tier.equals("default") {
            out.adjust("service_tier", from: GenerationWriter.short(tier), to: "none", "no counterpart upstream")
        }
        if let verbosity = fields[.verbosity] {
            out.adjust("verbosity", from: GenerationWriter.short(verbosity), to: "none", "no counterpart upstream")
        }
        if fields[.moderation] != nil {
            out.adjust("moderation", from: "object", to: "none", "no counterpart upstream")
        }
        if fields[.incrementalOutput]?.bool == false {
            out.adjust("incremental_output", from: "false", to: "true", "the client always gets increments")
        }
        if let format = fields[.resultFormat], !format.equals("message") {
            out.adjust(
                "result_format",
                from: GenerationWriter.short(format),
                to: "message",
                "the answer has the form of OpenAI"
            )
        }
    }
}
