import ByteWriting
import JSONBytes
import NIOCore

/// Reads a request of OpenAI's Responses API and drives the native writer.
struct ResponsesReader {
    let fields: ResponsesFields
    let scan: ResponsesScan
    /// The native call.
    var out: GenerationWriter
    var context: ResponsesReplyContext
    var tools = ResponsesTools()
    var wantsHighResolution = false
    /// Whether the next native message is the first.
    var isFirstMessage = true

    init(
        fields: ResponsesFields,
        scan: ResponsesScan,
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
            // Who asks for a response in the background may follow its events.
            streamsToClient: fields[.stream]?.bool == true || fields[.background]?.bool == true,
            capacity: capacity,
            hasMedia: { scan.hasMedia }
        )
        context = ResponsesReplyContext(model: model.requestedName, created: created)
        context.isCumulative = model.traits.isCumulative
        context.tellsExtras = model.appID != nil
    }

    var traits: ModelTraits { out.model.traits }

    /// Takes what the gateway knows of the turn.
    mutating func take(_ turn: ResponsesTurn) {
        context.id = turn.id
        context.clock = turn.clock
        context.seal = turn.seal
        context.compacts = turn.compacts
        let wantsStore = fields[.store]?.bool ?? true
        guard turn.canStore, wantsStore else {
            if fields[.store]?.bool == true {
                out.adjust("store", from: "true", to: "false", "the operator keeps no responses")
            }
            return
        }
        context.isStored = true
        context.ended = turn.ended
        if let input = fields[.input] {
            (context.storedInput, context.storedInputCount) = StoredInput.items(
                of: input,
                from: turn.history,
                id: turn.id
            )
        }
    }

    mutating func write() throws(APIError) {
        guard fields[.prompt] == nil else {
            throw .invalidRequest(
                "Invalid value for 'prompt': no prompt templates are stored here; send `instructions` and `input`.",
                param: "prompt",
                code: "unsupported_parameter"
            )
        }
        guard context.isStored || fields[.background]?.bool != true else {
            throw .invalidRequest(
                "Invalid value for 'background': a response that is not stored cannot be asked for later.",
                param: "background",
                code: "unsupported_parameter"
            )
        }
        try readInclude()
        try readTools()
        try decideThinking()
        try decideFormat()
        try decideChoice()
        let limit = try readLimit()
        out.decideStreaming(longestAnswer: limit?.integer ?? 0)
        out.open()
        try writeMessages()
        out.beginParameters()
        if let limit { out.writeTotalLimit(limit, param: "max_output_tokens") }
        try writeSampling()
        writeFormat()
        writeTools()
        out.writeThinking()
        try writeNative()
        if let metadata = fields[.metadata] { try Self.checkMetadata(metadata) }
        reportIgnored()
        out.close()
        context.echo = try makeEcho()
    }

    func call() -> ChatCall {
        ChatCall(
            native: out.call,
            streamsToClient: out.streamsToClient,
            adjustments: out.adjustments,
            context: context
        )
    }

    // MARK: - Reports

    /// Reports the unknown members of an object; `name` is its place with `[*]` for each index.
    mutating func reportUnknown(
        of object: JSONValue,
        _ known: [StaticString],
        _ name: StaticString,
        at place: @autoclosure () -> String
    ) {
        for member in object.members where !member.value.isNull {
            guard !known.contains(where: { member.name.equals($0) }) else { continue }
            let word = GenerationWriter.memberName(member.name)
            out.adjust(
                "\(name).\(word)",
                at: "\(place()).\(word)",
                from: GenerationWriter.shortUnknown(member.value),
                to: "none",
                "no counterpart upstream"
            )
        }
    }

    // MARK: - Length, sampling, probabilities

    private mutating func readLimit() throws(APIError) -> JSONValue? {
        guard let value = fields[.maxOutputTokens] else { return nil }
        _ = try GenerationWriter.integer(value, "max_output_tokens", atLeast: 1)
        return value
    }

    private mutating func writeSampling() throws(APIError) {
        if let value = fields[.temperature] { try out.writeTemperature(value) }
        if let value = fields[.topP] { try out.writeTopP(value) }
        if let value = fields[.presencePenalty] { try out.writePresencePenalty(value) }
        if let value = fields[.frequencyPenalty] { try out.reportFrequencyPenalty(value) }
        let top = fields[.topLogprobs]
        guard context.wantsLogprobs || top?.integer ?? 0 > 0 else { return }
        context.wantsLogprobs = true
        out.parameter("logprobs", text: "true")
        if let top { try out.writeTopLogprobs(top) }
    }

    // MARK: - Format

    private mutating func decideFormat() throws(APIError) {
        guard let text = fields[.text] else { return }
        if let verbosity = text.present("verbosity"), !verbosity.equals("medium") {
            out.adjust(
                "text.verbosity",
                from: GenerationWriter.short(verbosity),
                to: "none",
                "no counterpart upstream"
            )
        }
        guard let format = text.present("format") else { return }
        guard format.kind == .object else { throw .wrongType("text.format", expected: "object", got: format) }
        guard let type = format.present("type") else { throw .missing("text.format.type") }
        let wish: FormatWish
        if type.equals("text") {
            wish = .text
        } else if type.equals("json_object") {
            wish = .jsonObject
        } else if type.equals("json_schema") {
            guard let name = format.present("name") else { throw .missing("text.format.name") }
            guard name.kind == .string else { throw .wrongType("text.format.name", expected: "string", got: name) }
            guard let schema = format.present("schema") else { throw .missing("text.format.schema") }
            guard schema.kind == .object else {
                throw .wrongType("text.format.schema", expected: "object", got: schema)
            }
            wish = .jsonSchema(schema: schema)
        } else {
            throw .invalidValue("text.format.type", "expected text, json_object or json_schema.")
        }
        let (scan, instructions) = (scan, fields[.instructions])
        out.decideFormat(
            wish,
            name: "text.format",
            thinkingName: "reasoning.effort",
            mentionsJSON: { scan.mentionsJSON(instructions) }
        )
    }

    private mutating func writeFormat() {
        guard let format = fields[.text]?.present("format"), let type = format.present("type"), !type.equals("text")
        else { return }
        guard out.takesFormat(GenerationWriter.short(type), name: "text.format") else { return }
        guard type.equals("json_schema"), traits.takesJSONSchema else {
            return out.parameter("response_format", text: "{\"type\":\"json_object\"}")
        }
        out.parameterName("response_format")
        out.body.append("{\"type\":\"json_schema\",\"json_schema\":{")
        var isFirst = true
        for member in format.members where !member.value.isNull && !member.name.equals("type") {
            out.writeMember(member, &isFirst)
        }
        out.body.append("}}")
    }

    // MARK: - The rest

    private mutating func readInclude() throws(APIError) {
        guard let include = fields[.include] else { return }
        for (index, element) in include.elements.enumerated() {
            guard element.kind == .string else {
                throw .wrongType("include[\(index)]", expected: "string", got: element)
            }
            if element.equals("reasoning.encrypted_content") {
                context.sealsReasoning = true
            } else if element.equals("message.output_text.logprobs") {
                context.wantsLogprobs = true
            } else if element.equals("web_search_call.action.sources") {
                context.tellsSources = true
            }
        }
    }

    static func checkMetadata(_ metadata: JSONValue) throws(APIError) {
        var count = 0
        for member in metadata.members where !member.value.isNull {
            count += 1
            let place = "metadata.\(GenerationWriter.memberName(member.name))"
            guard member.value.kind == .string else { throw .wrongType(place, expected: "string", got: member.value) }
        }
        guard count <= 16 else { throw .invalidValue("metadata", "it holds more than 16 pairs.") }
    }

    /// An object without the members that are null, which count as absent.
    static func withoutNulls(_ object: JSONValue) -> ByteBuffer {
        guard object.members.contains(where: \.value.isNull) else { return ByteBuffer(bytes: object.text) }
        var output = ByteBuffer()
        output.append("{")
        for member in object.members where !member.value.isNull {
            if output.readableBytes > 1 { output.append(",") }
            output.writeJSON(member.name)
            output.append(":")
            output.writeJSON(member.value)
        }
        output.append("}")
        return output
    }

    private mutating func writeNative() throws(APIError) {
        if wantsHighResolution, fields.native(.vlHighResolutionImages) == nil {
            out.parameter("vl_high_resolution_images", text: "true")
        }
        for (id, name, value) in fields.native {
            switch id {
            case .enableThinking, .thinkingBudget: continue
            case .seed: out.writeSeed(value)
            case .logitBias: try out.writeLogitBias(value)
            case .enableSearch where tools.search != nil, .searchOptions where tools.search != nil: continue
            default: out.parameter(name, value)
            }
        }
    }

    private mutating func reportIgnored() {
        for (index, type) in scan.leftOut where index >= scan.places.history {
            out.adjust(
                "input[*]",
                at: scan.place(index),
                from: GenerationWriter.short(type),
                to: "none",
                "models do not know such an item"
            )
        }
        if let tier = fields[.serviceTier], !tier.equals("auto"), !tier.equals("default") {
            out.adjust("service_tier", from: GenerationWriter.short(tier), to: "none", "no counterpart upstream")
        }
        if let truncation = fields[.truncation], !truncation.equals("disabled") {
            out.adjust(
                "truncation",
                from: GenerationWriter.short(truncation),
                to: "disabled",
                "nothing of the input is left out"
            )
        }
        if let value = fields[.maxToolCalls] {
            out.adjust("max_tool_calls", from: GenerationWriter.short(value), to: "none", "no counterpart upstream")
        }
        for (name, value) in fields.ignored where out.model.appID == nil || !AppFields.takes(name) {
            out.adjust(name, from: GenerationWriter.short(value), to: "none", "no counterpart upstream")
        }
    }
}
