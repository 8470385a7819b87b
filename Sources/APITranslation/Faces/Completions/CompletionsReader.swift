import ByteWriting
import JSONBytes
import NIOCore

/// Reads a request for text completions and writes its calls, which differ in their message only.
struct CompletionsReader {
    /// With several prompts the parameters and the suffix are sent again with each.
    private static let sharedParameterLimit = 64 << 10

    let fields: RequestFields
    let prompts: CompletionsPrompts
    /// Writes what all calls share.
    var out: GenerationWriter

    init(
        fields: RequestFields,
        prompts: CompletionsPrompts,
        model: ResolvedModel,
        options: TranslationOptions,
        operation: DashScopeOperation?
    ) {
        self.fields = fields
        self.prompts = prompts
        out = GenerationWriter(
            model: model,
            options: options,
            operation: operation,
            streamsToClient: fields["stream"]?.bool ?? false,
            capacity: 512,
            hasMedia: { false }
        )
    }

    mutating func read(created: Int) throws(APIError) -> SplitRequest {
        try refuseTools()
        let suffix = try readSuffix()
        for (index, prompt) in prompts.values.enumerated() where prompt.isEmptyString && suffix == nil {
            throw .invalidValue(prompts.place(index), "it is empty.")
        }
        out.decideThinking(try readThinking())
        out.decideStreaming(longestAnswer: fields["max_tokens"]?.integer ?? 0)
        out.open()
        let place = out.body.writerIndex
        out.beginParameters()
        try writeParameters()
        out.close()
        let tail = out.body.getSlice(at: place, length: out.body.writerIndex - place) ?? ByteBuffer()
        let shared = tail.readableBytes + (suffix?.text.count ?? 0)
        guard prompts.values.count == 1 || shared <= Self.sharedParameterLimit else {
            throw .invalidValue(
                "prompt",
                "with several prompts the other parameters may hold \(Self.sharedParameterLimit) bytes at most."
            )
        }
        let head = out.body.getSlice(at: 0, length: place) ?? ByteBuffer()
        let calls = prompts.values.map { call(head, $0, suffix, tail) }
        return SplitRequest(
            calls: calls,
            model: out.model.requestedName,
            adjustments: out.adjustments,
            streamsToClient: out.streamsToClient,
            reply: CompletionsReply(
                context: try context(created: created),
                prompts: fields["echo"]?.bool == true ? prompts.values.map(Self.content) : nil,
                places: prompts.values.indices.map(prompts.place)
            )
        )
    }

    private static func content(_ prompt: JSONValue) -> ByteBuffer {
        ByteBuffer(bytes: prompt.escapedContent ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private func context(created: Int) throws(APIError) -> CompletionsReplyContext {
        CompletionsReplyContext(
            model: out.model.requestedName,
            created: created,
            choices: fields["n"]?.integer ?? 1,
            isStreamed: out.streamsToClient,
            includesUsage: fields["stream_options"]?["include_usage"]?.bool ?? out.options.alwaysIncludesUsage,
            isCumulative: out.model.traits.isCumulative
        )
    }

    // MARK: - The message

    private func call(_ head: ByteBuffer, _ prompt: JSONValue, _ suffix: JSONValue?, _ tail: ByteBuffer) -> NativeCall {
        var body = ByteBuffer()
        body.reserveCapacity(
            head.readableBytes + prompt.text.count + (suffix?.text.count ?? 0) + tail.readableBytes + 128
        )
        body.writeImmutableBuffer(head)
        body.append("{\"role\":\"user\",\"content\":")
        if out.isMultimodal { body.append("[{\"text\":") }
        if let suffix, let before = prompt.escapedContent, let behind = suffix.escapedContent {
            body.append("\"<|fim_prefix|>", before, "<|fim_suffix|>")
            body.append("", behind, "<|fim_middle|>\"")
        } else {
            body.writeJSON(prompt)
        }
        if out.isMultimodal { body.append("}]") }
        body.append("}")
        body.writeImmutableBuffer(tail)
        var call = out.call
        call.body = body
        return call
    }

    private func readSuffix() throws(APIError) -> JSONValue? {
        guard let suffix = fields["suffix"], !suffix.isEmptyString else { return nil }
        guard out.model.traits.fillsInTheMiddle else {
            throw .invalidRequest(
                "`\(out.model.requestedName)` does not fill in the middle: send no suffix, or use qwen-coder-turbo or "
                    + "one of qwen2.5-coder-7b-instruct, -14b-instruct and -32b-instruct.",
                param: "suffix",
                code: "unsupported_parameter"
            )
        }
        return suffix
    }

    private func refuseTools() throws(APIError) {
        for name: StaticString in ["tools", "functions"] {
            guard let tools = fields[name], !tools.isEmptyContainer else { continue }
            throw .invalidRequest(
                "Text completions have no tools. Use POST /v1/chat/completions.",
                param: "\(name)",
                code: "unsupported_parameter"
            )
        }
    }

    // MARK: - Parameters

    private func readThinking() throws(APIError) -> ThinkingWish {
        var wish = ThinkingWish()
        if let effort = fields["reasoning_effort"] {
            let word = try ThinkingWish.effort(effort, "reasoning_effort")
            wish.effort = word
            wish.enable = word != "none" && word != "minimal"
            wish.source = "reasoning_effort"
        }
        if let enable = fields["enable_thinking"]?.bool {
            wish.enable = enable
            wish.source = "enable_thinking"
        }
        wish.budget = fields["thinking_budget"]
        return wish
    }

    private mutating func writeParameters() throws(APIError) {
        if let value = fields["max_tokens"] {
            _ = try GenerationWriter.integer(value, "max_tokens", atLeast: 1)
            out.parameter("max_tokens", integer: value, param: "max_tokens")
        }
        if let value = fields["temperature"] { try out.writeTemperature(value) }
        if let value = fields["top_p"] { try out.writeTopP(value) }
        if let value = fields["presence_penalty"] { try out.writePresencePenalty(value) }
        if let value = fields["frequency_penalty"] { try out.reportFrequencyPenalty(value) }
        try writeChoices()
        if let value = fields["seed"] { out.writeSeed(value) }
        if let value = fields["stop"], !value.isEmptyContainer { try out.writeStop(value) }
        if let value = fields["logit_bias"], !value.isEmptyContainer { try out.writeLogitBias(value) }
        try writeLogprobs()
        out.writeThinking()
        if let value = fields["top_k"] { out.parameter("top_k", integer: value, param: "top_k") }
        for member in fields.unknown {
            var isFirst = false
            out.writeMember(member, &isFirst)
        }
        try checkStreamOptions()
        reportLost()
    }

    private mutating func writeChoices() throws(APIError) {
        var count = 1
        if let value = fields["n"] { count = try out.writeChoices(value) }
        guard let value = fields["best_of"] else { return }
        let best = try GenerationWriter.integer(value, "best_of", atLeast: 0, atMost: 20)
        guard best == 0 || best >= count else { throw .invalidValue("best_of", "it must not be less than n.") }
        guard best > count else { return }
        out.adjust("best_of", from: "\(best)", to: "\(count)", "no answer is chosen among more")
    }

    private mutating func writeLogprobs() throws(APIError) {
        guard let value = fields["logprobs"] else { return }
        let count = try GenerationWriter.integer(value, "logprobs", atLeast: 0, atMost: 5)
        out.parameter("logprobs", text: "true")
        if count > 0 { out.parameter("top_logprobs", text: "\(count)") }
        guard fields["echo"]?.bool == true else { return }
        out.adjust("logprobs", from: "\(count)", to: "the answer only", "upstream gives none for the prompt")
    }

    private func checkStreamOptions() throws(APIError) {
        guard let value = fields["stream_options"]?.present("include_usage"), value.bool == nil else { return }
        throw .wrongType("stream_options.include_usage", expected: "boolean", got: value)
    }

    private mutating func reportLost() {
        if let value = fields["top_logprobs"] {
            out.adjust("top_logprobs", from: GenerationWriter.short(value), to: "none", "logprobs says how many")
        }
        if fields["incremental_output"]?.bool == false {
            out.adjust("incremental_output", from: "false", to: "true", "the client always gets increments")
        }
        if let value = fields["result_format"], !value.equals("message") {
            out.adjust(
                "result_format",
                from: GenerationWriter.short(value),
                to: "message",
                "the answer has the form of OpenAI"
            )
        }
        guard let options = fields["stream_options"] else { return }
        for member in options.members where !member.value.isNull {
            if member.name.equals("include_usage") || member.name.equals("include_obfuscation") { continue }
            let name = GenerationWriter.memberName(member.name)
            out.adjust(
                "stream_options.\(name)",
                from: GenerationWriter.shortUnknown(member.value),
                to: "none",
                "no counterpart upstream"
            )
        }
    }
}
