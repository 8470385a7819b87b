import ByteWriting
import JSONBytes
import NIOCore

/// Reads one request to write down speech and writes its call.
///
/// Short files are answered at once by models that are asked with a message; all others make a task, whose result is a
/// document behind a link. Times come from tasks only.
struct TranscriptionReader {
    let fields: RequestFields
    let purpose: TranscriptionTranslator.Purpose
    var model: TranscriptionModel
    let options: TranslationOptions
    var adjustments = AdjustmentList()
    /// Members of `parameters`.
    var parameters = ByteBuffer()

    init(
        fields: RequestFields,
        purpose: TranscriptionTranslator.Purpose,
        model: TranscriptionModel,
        options: TranslationOptions
    ) {
        self.fields = fields
        self.purpose = purpose
        self.model = model
        self.options = options
    }

    /// The caller's names of what upstream calls otherwise; what counts more comes first.
    private static let natives = [
        "file_url": ["file"], "file_urls": ["file"], "audio": ["file"], "input_audio": ["file"], "messages": ["file"],
        "input": ["file"], "language": ["language", "languages", "asr_options"],
        "language_hints": ["language_hints", "language", "languages"],
        "asr_options": ["asr_options", "language", "languages", "enable_itn", "enable_lid"],
        "enable_itn": ["enable_itn", "asr_options"], "enable_lid": ["enable_lid", "asr_options"],
        "enable_words": ["enable_words", "timestamp_granularities"], "text": ["prompt", "keywords"],
    ]

    mutating func read(catalog: ModelCatalog) throws(APIError) -> SplitRequest {
        adjustments.addRemovedPrefix(of: model.resolved)
        let format = try readFormat()
        let file = try AudioFile(fields["file"])
        if let object = fields["file"], object.kind == .object {
            adjustments.leaveOut(othersOf: object, besides: "url", "bytes", at: "file")
        }
        if let value = fields["chunking_strategy"], value.kind != .string, value.kind != .object {
            throw .wrongType("chunking_strategy", expected: "string or object", got: value)
        }
        let wish = try readGranularities(format)
        try chooseModel(format, file, catalog)
        let streams = readStream(format)
        let streamsUpstream = streams && !model.traits.isTask
        try writeParameters(format, words: wish.words, streams: streamsUpstream)
        reportIgnored(format)
        let call = try write(file, streams: streamsUpstream)
        return SplitRequest(
            calls: [call],
            model: model.resolved.requestedName,
            adjustments: adjustments,
            streamsToClient: streams,
            reply: TranscriptReply(
                context: TranscriptContext(
                    format: format,
                    language: spokenLanguages.first.flatMap(\.string).map(LanguageNames.code),
                    temperature: fields["temperature"]?.formDouble ?? 0,
                    givesWords: wish.words,
                    givesSegments: wish.segments,
                    isStreamed: streams,
                    isTask: model.traits.isTask,
                    repeatsText: model.traits.source == .typedMessage,
                    cutsMarks: model.traits.writesMarks,
                    translator: purpose == .translation ? options.speechTranslationModel : nil
                ),
                names: MemberNames(fields, Self.natives, files: ["file"])
            )
        )
    }

    // MARK: - What is asked for

    private func readFormat() throws(APIError) -> TranscriptFormat {
        guard let text = fields["response_format"]?.string else { return .json }
        let known = TranscriptFormat.allCases.filter { purpose == .transcription || $0 != .diarized }
        guard let format = known.first(where: { $0.rawValue == text }) else {
            throw .invalidValue(
                "response_format",
                "it must be one of \(known.map(\.rawValue).joined(separator: ", "))."
            )
        }
        if purpose == .translation, format == .srt || format == .vtt {
            throw .invalidRequest(
                "Unsupported value: 'response_format'. The translation of a whole text has no times: ask for json, text or "
                    + "verbose_json, or translate the segments of POST /v1/audio/transcriptions.",
                param: "response_format",
                code: "unsupported_value"
            )
        }
        return format
    }

    private func readGranularities(_ format: TranscriptFormat) throws(APIError) -> (words: Bool, segments: Bool) {
        guard let value = fields["timestamp_granularities"], !value.isEmptyContainer else { return (false, true) }
        guard format == .verbose, purpose == .transcription else {
            throw .invalidRequest(
                "Unsupported parameter: 'timestamp_granularities' needs response_format verbose_json.",
                param: "timestamp_granularities",
                code: "unsupported_parameter"
            )
        }
        var (words, segments) = (false, false)
        for (place, element) in value.formElements.enumerated() {
            if element.equals("word") {
                words = true
            } else if element.equals("segment") {
                segments = true
            } else {
                throw .invalidValue("timestamp_granularities[\(place)]", "it must be word or segment.")
            }
        }
        return (words, segments)
    }

    private mutating func readStream(_ format: TranscriptFormat) -> Bool {
        guard let value = fields["stream"], value.formBool == true else { return false }
        if format.streams, purpose == .transcription { return true }
        leaveOut("stream", value, to: "false", reason: "such an answer is whole")
        return false
    }

    // MARK: - Which model

    /// Takes the model of the same family that can do it, where the one that was asked for cannot.
    private mutating func chooseModel(_ format: TranscriptFormat, _ file: AudioFile, _ catalog: ModelCatalog)
        throws(APIError)
    {
        let needsTimes = format.hasTimes && purpose == .transcription
        let name = model.resolved.requestedName
        if !model.traits.isTask, needsTimes || file.isLongForMessage {
            guard let sibling = model.sibling(in: catalog, purpose) else {
                throw needsTimes ? Self.noTimes(name) : Self.tooLong(name)
            }
            adjustments.add(
                "model",
                from: name,
                to: sibling.resolved.upstreamName,
                reason: needsTimes ? "it gives times" : "it takes long files"
            )
            model = sibling
        }
        if format == .diarized, !model.takes(.diarization) {
            throw .invalidRequest(
                "Unsupported value: 'response_format'. `\(name)` does not tell speakers apart: use paraformer-v2 or fun-asr.",
                param: "response_format",
                code: "unsupported_value"
            )
        }
    }

    private static func noTimes(_ name: String) -> APIError {
        .invalidRequest(
            "Unsupported value: 'response_format'. `\(name)` gives no times: ask for json or text, or use "
                + "qwen3-asr-flash-filetrans, paraformer-v2 or fun-asr.",
            param: "response_format",
            code: "unsupported_value"
        )
    }

    private static func tooLong(_ name: String) -> APIError {
        .invalidValue(
            "file",
            "`\(name)` takes files of 10 MB at most: use qwen3-asr-flash-filetrans, paraformer-v2 or fun-asr."
        )
    }

    // MARK: - The call

    private func write(_ file: AudioFile, streams: Bool) throws(APIError) -> NativeCall {
        var body = ByteBuffer()
        // A task reads links only.
        var upload: MediaUpload?
        if model.traits.isTask, let media = file.media {
            upload = try MediaUpload(dataURL: file.url, media, .audio, file.param)
        }
        body.reserveCapacity((upload == nil ? file.url.text.count : 0) + parameters.readableBytes + 512)
        body.append("{\"model\":")
        body.writeJSON(model.resolved.upstreamName)
        body.append(",\"input\":{")
        switch model.traits.source {
        case .message, .typedMessage, .session: writeMessages(file, into: &body)
        case .link:
            body.append("\"file_url\":")
            upload?.place = body.writerIndex
            if upload == nil { body.writeJSON(file.url) }
        case .links:
            body.append("\"file_urls\":[")
            upload?.place = body.writerIndex
            if upload == nil { body.writeJSON(file.url) }
            body.append("]")
        }
        body.append("},\"parameters\":{")
        body.writeImmutableBuffer(parameters)
        body.append("}")
        if let resources = fields["resources"], model.traits.isTask {
            body.append(",\"resources\":")
            body.writeJSON(resources)
        }
        body.append("}")
        return NativeCall(
            operation: model.traits.isTask ? .fileTranscription : .multimodalGeneration,
            upstreamModel: model.resolved.upstreamName,
            body: body,
            streamsUpstream: streams,
            resolvesOSS: file.isStored || upload != nil,
            uploads: upload.map { [$0] } ?? []
        )
    }

    private func writeMessages(_ file: AudioFile, into body: inout ByteBuffer) {
        let isTyped = model.traits.source == .typedMessage
        body.append("\"messages\":[")
        if model.traits.takesPrompt, let prompt = prompt {
            body.append("{\"role\":\"system\",\"content\":[{")
            if isTyped { body.append("\"type\":\"input_text\",") }
            body.append("\"text\":")
            body.writeJSON(prompt)
            body.append("}]},")
        }
        body.append("{\"role\":\"user\",\"content\":[{")
        body.append(isTyped ? "\"type\":\"input_audio\",\"input_audio\":{\"data\":" : "\"audio\":")
        if let media = file.media { media.write(file.url, into: &body) } else { body.writeJSON(file.url) }
        body.append(isTyped ? "}}]}]" : "}]}]")
    }

    /// What is said about the speech; nil where nothing is.
    private var prompt: String? {
        let words = (fields["keywords"]?.formElements ?? []).compactMap(\.string).joined(separator: ", ")
        let parts = [fields["prompt"]?.string ?? "", words].filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: "\n")
    }
}

/// The file of a request.
struct AudioFile {
    let url: JSONValue
    /// What stands in the request itself; nil for a link.
    let media: InlineMedia?
    /// The caller's name of the place.
    let param: String
    /// Its size, where the gateway has stored it itself.
    private let bytes: Int?

    /// Reads `file`: a URL, or an object with `url` and `bytes`.
    init(_ value: JSONValue?) throws(APIError) {
        guard let value else { throw .missing("file") }
        let url = value.kind == .object ? value.present("url") ?? value : value
        guard url.kind == .string, let text = url.escapedContent else {
            throw .wrongType("file", expected: "string", got: value)
        }
        self.url = url
        let param = value.kind == .object && value.present("url") != nil ? "file.url" : "file"
        self.param = param
        guard InlineMedia.isDataURL(text) || InlineMedia.isLink(text) else {
            throw .invalidValue(param, "it must be a URL (https, http, oss) or a data URL, or a file in a form.")
        }
        media = try InlineMedia(text, .audio, param)
        bytes = value.kind == .object ? value.present("bytes")?.formInteger : nil
    }

    var isStored: Bool { url.escapedContent.map(InlineMedia.isStored) == true }

    /// Whether it is known to be larger than models take that answer at once.
    var isLongForMessage: Bool {
        media != nil ? url.text.count > FilePlacement.longestText : (bytes ?? 0) > FilePlacement.longestInline
    }
}
