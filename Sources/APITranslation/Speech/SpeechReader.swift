import ByteWriting
import JSONBytes
import NIOCore

/// Reads one request for speech and writes its calls.
///
/// All that a model is told stands in `input`; what it takes is the catalogue's to say. A model that is not known is told
/// everything.
struct SpeechReader {
    let fields: RequestFields
    let model: ResolvedModel
    let traits: SpeechTraits.Values
    let operation: DashScopeOperation
    let options: TranslationOptions
    var adjustments = AdjustmentList()
    /// Members of `input` besides the text, each behind a comma.
    var members = ByteBuffer()
    /// The names of ``members``, and of the text.
    var names: Set<String> = ["text"]

    init(fields: RequestFields, model: ResolvedModel, options: TranslationOptions) {
        self.fields = fields
        self.model = model
        self.options = options
        operation = model.isKnown ? model.traits.operation : Self.operation(ofUnknown: model.upstreamName)
        traits = (model.traits.speech ?? .unknown(operation)).values
    }

    /// The interface for a name that the catalogue does not have, as DashScope's own SDK chooses it.
    private static func operation(ofUnknown name: String) -> DashScopeOperation {
        let name = name.lowercased()
        if name.hasPrefix("sambert-") { return .speechTask }
        if name.contains("-tts"), name.contains("-realtime") { return .speechRealtime }
        return name.hasPrefix("qwen") && !name.hasPrefix("qwen-audio-") ? .multimodalGeneration : .speechSynthesis
    }

    /// The caller's names of what upstream calls otherwise; what counts more comes first.
    private static let natives = [
        "text": ["input"], "rate": ["rate", "speed"], "speech_rate": ["rate", "speed"], "pitch_rate": ["pitch"],
        "instruction": ["instructions", "instruction"], "instructions": ["instructions", "instruction"],
        "format": ["response_format", "format"], "response_format": ["response_format", "format"],
    ]

    mutating func read() throws(APIError) -> SpeechRequest {
        adjustments.addRemovedPrefix(of: model)
        let texts = try readText()
        let streamsEvents = try readStreamFormat()
        if let voice = try readVoice() {
            name("voice")
            members.writeJSON(voice)
        }
        let format = try writeFormat()
        try writeSpeed()
        try writeInstructions()
        if operation.isSession { writeSessionMembers() }
        writeOptions()
        return SpeechRequest(
            calls: operation.isSession ? sessions(texts) : texts.map(write),
            model: model.requestedName,
            adjustments: adjustments,
            format: format,
            streamsEvents: streamsEvents,
            names: MemberNames(fields, Self.natives, text: "input"),
            hasOwnRate: fields["sample_rate"] != nil,
            rate: traits.options.contains(.sampleRate)
                ? fields["sample_rate"]?.integer.flatMap { UInt32(exactly: $0) } : nil
        )
    }

    mutating func name(_ name: String) {
        names.insert(name)
        members.append(",")
        members.writeJSON(name)
        members.append(":")
    }

    mutating func leaveOut(_ name: String, _ value: JSONValue, to: String = "none", reason: String) {
        adjustments.add(name, from: GenerationWriter.short(value), to: to, reason: reason)
    }

    // MARK: - Text

    /// The texts of the calls, as JSON strings.
    private func readText() throws(APIError) -> [ByteBuffer] {
        guard let value = fields["input"] else { throw .missing("input") }
        guard let text = value.string, text.contains(where: { !$0.isWhitespace }) else {
            throw .invalidValue("input", "it holds nothing to say.")
        }
        let most = options.maximumSpeechCharacters
        // Bytes are counted first: characters cost more.
        if text.utf8.count > most, text.count > most { throw Self.tooLong("input", text.count, most) }
        guard let limit = traits.limit, !SpeechText.fits(text, limit) else { return [Self.json(value)] }
        if fields["enable_ssml"]?.bool == true && traits.options.contains(.enableSSML) || hasMarkup {
            // A tag must not be divided, and whose tags enclose what is not known.
            throw Self.tooLong("input", text.count, limit)
        }
        // One place is kept for the blank in front of a text that continues another.
        let continues = operation.isSession && !traits.takesWholeText
        return SpeechText.parts(of: text, limit: continues ? limit - 1 : limit, keepsBlanks: continues).map { part in
            var json = ByteBuffer()
            json.writeJSON(part)
            return json
        }
    }

    private static func json(_ value: JSONValue) -> ByteBuffer {
        var json = ByteBuffer()
        json.writeJSON(value)
        return json
    }

    static func tooLong(_ param: String, _ count: Int, _ limit: Int) -> APIError {
        .invalidRequest(
            "Invalid '\(param)': string too long. Expected a string with maximum length \(limit), but got a string with "
                + "length \(count) instead.",
            param: param,
            code: "string_above_max_length"
        )
    }

    private func readStreamFormat() throws(APIError) -> Bool {
        guard let format = fields["stream_format"] else { return false }
        if format.equals("audio") { return false }
        if format.equals("sse") { return true }
        throw .invalidValue("stream_format", "it must be audio or sse.")
    }

    // MARK: - The call

    private func write(_ text: ByteBuffer) -> NativeCall {
        var body = ByteBuffer()
        body.reserveCapacity(
            text.readableBytes + members.readableBytes + model.upstreamName.utf8.count + 48
        )
        body.append("{\"model\":")
        body.writeJSON(model.upstreamName)
        body.append(",\"input\":{\"text\":")
        body.writeImmutableBuffer(text)
        body.writeImmutableBuffer(members)
        body.append("}}")
        return NativeCall(
            operation: operation,
            upstreamModel: model.upstreamName,
            body: body,
            streamsUpstream: true
        )
    }
}
