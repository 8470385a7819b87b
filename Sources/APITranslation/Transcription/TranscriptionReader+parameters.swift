import ByteWriting
import JSONBytes
import NIOCore

extension TranscriptionReader {
    mutating func leaveOut(_ name: String, _ value: JSONValue, to: String = "none", reason: String) {
        adjustments.add(name, from: GenerationWriter.short(value), to: to, reason: reason)
    }

    private mutating func parameter(_ name: String) {
        if parameters.readableBytes > 0 { parameters.append(",") }
        parameters.writeJSON(name)
        parameters.append(":")
    }

    /// Writes the members of `parameters`.
    mutating func writeParameters(_ format: TranscriptFormat, words: Bool, streams: Bool) throws(APIError) {
        if model.traits.isTask {
            try writeOptions(format, words: words)
        } else {
            if streams {
                parameter("incremental_output")
                parameters.append("true")
            }
            writeRecognitionOptions()
            for option in TranscriptionTraits.Option.allCases { report(option) }
        }
        for member in fields.unknown {
            parameter(member.name.string ?? "")
            parameters.writeJSON(member.value)
        }
    }

    // MARK: - Language

    /// The languages that the caller names, as they came.
    var spokenLanguages: [JSONValue] {
        if let language = fields["language"], !language.isEmptyString { return [language] }
        return (fields["languages"]?.formElements ?? []).filter { $0.kind == .string && !$0.isEmptyString }
    }

    private func code(of language: JSONValue) -> String { LanguageNames.code(of: language.string ?? "") }

    /// The field that tells the language.
    private var languageField: String {
        fields["language"].map { !$0.isEmptyString } == true ? "language" : "languages"
    }

    private mutating func reportCode(_ language: JSONValue) {
        let code = code(of: language)
        guard code != language.string else { return }
        leaveOut(languageField, language, to: code, reason: "its code")
    }

    /// `languages` do not count beside another `language`.
    private mutating func reportLanguages() {
        guard languageField == "language", let language = fields["language"], let list = fields["languages"] else {
            return
        }
        if list.formElements.contains(where: { $0.string != language.string }) {
            leaveOut("languages", list, reason: "language says it")
        }
    }

    /// The one language that the model is told; nil where it is told none.
    private mutating func singleLanguage() -> String? {
        reportLanguages()
        let languages = spokenLanguages
        guard let first = languages.first else { return nil }
        reportCode(first)
        if languages.count > 1 {
            adjustments.add("languages", from: "\(languages.count)", to: "1", reason: "the model is told one language")
        }
        return code(of: first)
    }

    private mutating func writeLanguage() {
        switch model.traits.language {
        case .options: break
        case .parameter:
            guard let language = singleLanguage() else { return }
            parameter("language")
            parameters.writeJSON(language)
        case .hints:
            // DashScope's own field says it exactly.
            guard fields["language_hints"] == nil else {
                if let language = spokenLanguages.first {
                    leaveOut(languageField, language, reason: "language_hints says it")
                }
                return
            }
            reportLanguages()
            let languages = spokenLanguages
            guard !languages.isEmpty else { return }
            parameter("language_hints")
            parameters.append("[")
            for (place, language) in languages.enumerated() {
                reportCode(language)
                if place > 0 { parameters.append(",") }
                parameters.writeJSON(code(of: language))
            }
            parameters.append("]")
        case .none:
            guard let language = spokenLanguages.first else { return }
            leaveOut(languageField, language, reason: "the model takes none")
        }
    }

    // MARK: - Models that answer at once

    private mutating func writeRecognitionOptions() {
        var options = ByteBuffer()
        func name(_ name: JSONValue) {
            if options.readableBytes > 0 { options.append(",") }
            options.writeJSON(name)
            options.append(":")
        }
        func name(_ name: String) {
            if options.readableBytes > 0 { options.append(",") }
            options.writeJSON(name)
            options.append(":")
        }
        var language: String?
        if model.traits.language == .options { language = singleLanguage() } else { writeLanguage() }
        var given: [String] = []
        for member in fields["asr_options"].map({ Array($0.members) }) ?? [] where !member.value.isNull {
            let isFlag = member.name.equals("enable_itn") || member.name.equals("enable_lid")
            name(member.name)
            options.writeForm(member.value, as: isFlag ? .boolean : .any)
            given.append(member.name.string ?? "")
        }
        if let language {
            if given.contains("language") {
                adjustments.add(languageField, from: language, to: "none", reason: "asr_options says it")
            } else {
                name("language")
                options.writeJSON(language)
            }
        }
        for option in [TranscriptionTraits.Option.normalization, .identification] where model.takes(option) {
            guard let value = value(of: option) else { continue }
            guard !given.contains(option.rawValue) else {
                leaveOut(option.rawValue, value, reason: "asr_options says it")
                continue
            }
            name(option.rawValue)
            options.writeForm(value, as: .boolean)
        }
        guard options.readableBytes > 0 else { return }
        parameter("asr_options")
        parameters.append("{")
        parameters.writeImmutableBuffer(options)
        parameters.append("}")
    }

    // MARK: - Tasks

    private mutating func writeOptions(_ format: TranscriptFormat, words: Bool) throws(APIError) {
        writeLanguage()
        for option in TranscriptionTraits.Option.allCases {
            switch option {
            case .words where words && model.takes(.words):
                parameter("enable_words")
                parameters.append("true")
                guard let value = value(of: option), value.formBool == false else { continue }
                leaveOut(option.rawValue, value, to: "true", reason: "timestamp_granularities asks for words")
            case .diarization where format == .diarized:
                parameter("diarization_enabled")
                parameters.append("true")
                guard let value = value(of: option), value.formBool == false else { continue }
                leaveOut(option.rawValue, value, to: "true", reason: "the format needs it")
            default:
                guard let value = value(of: option) else { continue }
                guard model.takes(option) else {
                    report(option)
                    continue
                }
                parameter(option.rawValue)
                try write(value, of: option)
            }
        }
        if let value = fields["asr_options"] { leaveOut("asr_options", value, reason: "the model does not take it") }
    }

    private mutating func write(_ value: JSONValue, of option: TranscriptionTraits.Option) throws(APIError) {
        switch option {
        case .filter where value.kind == .object: parameters.writeJSONText(asString: value)
        case .vocabulary, .filter: parameters.writeJSON(value)
        case .languageHints: parameters.writeForm(value, as: .array)
        case .speakers:
            guard let count = value.formInteger, (2...100).contains(count) else {
                throw .invalidValue("speaker_count", "it must lie between 2 and 100.")
            }
            parameters.writeJSON(count)
        case .channels:
            parameters.append("[")
            for (place, element) in value.formElements.enumerated() {
                guard let channel = element.formInteger, channel >= 0 else {
                    throw .invalidValue("channel_id[\(place)]", "it must be the number of a channel.")
                }
                if place > 0 { parameters.append(",") }
                parameters.writeJSON(channel)
            }
            parameters.append("]")
        case .disfluency, .alignment, .diarization, .normalization, .identification, .words:
            parameters.writeForm(value, as: .boolean)
        }
    }

    private func value(of option: TranscriptionTraits.Option) -> JSONValue? {
        switch option {
        case .languageHints: fields["language_hints"]
        case .vocabulary: fields["vocabulary_id"]
        case .disfluency: fields["disfluency_removal_enabled"]
        case .alignment: fields["timestamp_alignment_enabled"]
        case .filter: fields["special_word_filter"]
        case .diarization: fields["diarization_enabled"]
        case .speakers: fields["speaker_count"]
        case .channels: fields["channel_id"]
        case .normalization: fields["enable_itn"]
        case .identification: fields["enable_lid"]
        case .words: fields["enable_words"]
        }
    }

    // MARK: - Reports

    private mutating func report(_ option: TranscriptionTraits.Option) {
        guard let value = value(of: option), !model.takes(option) else { return }
        leaveOut(option.rawValue, value, reason: "the model does not take it")
    }

    mutating func reportIgnored(_ format: TranscriptFormat) {
        if let value = fields["temperature"], value.formDouble != 0 {
            leaveOut("temperature", value, reason: "no counterpart upstream")
        }
        if let value = fields["include"], !value.isEmptyContainer {
            leaveOut("include", value, reason: "no counterpart upstream")
        }
        if let value = fields["chunking_strategy"], !value.equals("auto") {
            leaveOut("chunking_strategy", value, to: "auto", reason: "no counterpart upstream")
        }
        if let value = fields["known_speaker_names"], !value.isEmptyContainer {
            leaveOut("known_speaker_names", value, reason: "speakers are told apart and not recognized")
        }
        if let value = fields["known_speaker_references"], !value.isEmptyContainer {
            leaveOut("known_speaker_references", value, reason: "speakers are told apart and not recognized")
        }
        if !model.traits.isTask, let value = fields["resources"] {
            leaveOut("resources", value, reason: "the model does not take it")
        }
        if !model.traits.takesPrompt {
            if let value = fields["prompt"], !value.isEmptyString {
                leaveOut("prompt", value, reason: "the model reads none")
            }
            if let value = fields["keywords"], !value.isEmptyContainer {
                leaveOut("keywords", value, reason: "the model reads none")
            }
        }
        if model.traits.writesMarks, format == .text || format == .srt || format == .vtt {
            adjustments.add(
                "response_format",
                from: "marks of sounds and moods",
                to: "none",
                reason: "this format has no place for them"
            )
        }
        if purpose == .translation, format == .verbose {
            adjustments.add("response_format", from: "segments", to: "none", reason: "a translation has no times")
        }
    }
}
