import ByteWriting
import JSONBytes
import NIOCore
import WireFormats

// How it is to sound, and in which form it is wanted.
extension SpeechReader {
    /// Writes the format, and returns the one the client gets.
    mutating func writeFormat() throws(APIError) -> SpeechFormat {
        let format = try readFormat()
        guard operation != .multimodalGeneration else { return format }
        // One of the two plain forms is made of the other.
        var native = traits.formats.contains(format) ? format : traits.formats.first(where: \.isPlain) ?? format
        if operation == .speechRealtime {
            // Its answer may be several files, of which only samples without a header are one.
            if format.isPlain { native = .pcm }
            name("response_format")
        } else {
            name("format")
        }
        members.writeJSON(native.rawValue)
        if format == .pcm, fields["sample_rate"] == nil, traits.options.contains(.sampleRate) {
            name(SpeechTraits.Option.sampleRate.rawValue)
            members.writeJSON(Int(SpeechFormat.plain.rate))
        }
        return format
    }

    private mutating func readFormat() throws(APIError) -> SpeechFormat {
        let hasPlain = traits.formats.contains(where: \.isPlain)
        let formats = SpeechFormat.allCases.filter { traits.formats.contains($0) || $0.isPlain && hasPlain }
        let param = fields["response_format"] == nil && fields["format"] != nil ? "format" : "response_format"
        guard let value = fields["response_format"] ?? fields["format"] else {
            return formats.contains(.mp3) ? .mp3 : traits.formats[0]
        }
        let list = formats.map(\.rawValue).joined(separator: ", ")
        guard let format = value.string.flatMap(SpeechFormat.init) else {
            throw .invalidValue(param, "`\(model.requestedName)` has \(list).")
        }
        guard formats.contains(format) else {
            throw .invalidRequest(
                "Unsupported value: '\(param)' is '\(format.rawValue)', but `\(model.requestedName)` has \(list). The gateway "
                    + "does not convert audio.",
                param: param,
                code: "unsupported_value"
            )
        }
        if let other = fields["format"], param == "response_format", other.string != format.rawValue {
            leaveOut("format", other, reason: "response_format is given")
        }
        return format
    }

    // MARK: - Speed and style

    private static let speeds = 0.5...2.0

    mutating func writeSpeed() throws(APIError) {
        let (speed, rate) = (fields["speed"], fields["rate"])
        let wanted: Double?
        if let speed { wanted = try GenerationWriter.number(speed, "speed", 0.25...4) } else { wanted = nil }
        guard let member = traits.speed else {
            if let speed, wanted != 1 { leaveOut("speed", speed, reason: "the model has one speed") }
            if let rate, rate.double != 1 { leaveOut("rate", rate, reason: "the model has one speed") }
            return
        }
        if let rate {
            name(member)
            members.writeJSON(rate)
            if let speed, wanted != rate.double { leaveOut("speed", speed, reason: "rate is given") }
            return
        }
        guard let speed, let wanted else { return }
        name(member)
        guard !Self.speeds.contains(wanted) else { return members.writeJSON(speed) }
        let nearest = wanted < 1 ? "0.5" : "2.0"
        members.append(text: nearest)
        leaveOut("speed", speed, to: nearest, reason: "the model has 0.5 to 2")
    }

    mutating func writeInstructions() throws(APIError) {
        let (param, value) =
            fields["instructions"].map { ("instructions", $0) } ?? ("instruction", fields["instruction"])
        guard let value, !value.isEmptyString else { return }
        let count = value.string?.count ?? 0
        guard let member = traits.instructions else {
            return adjustments.add(
                param,
                from: "\(count) characters",
                to: "none",
                reason: "the model takes no instructions"
            )
        }
        if let limit = traits.instructionsLimit, count > limit { throw Self.tooLong(param, count, limit) }
        name(member)
        members.writeJSON(value)
        if param == "instructions", let other = fields["instruction"], other.string != value.string {
            leaveOut("instruction", other, reason: "instructions are given")
        }
    }

    // MARK: - DashScope's own

    mutating func writeOptions() {
        for option in SpeechTraits.Option.allCases {
            guard let value = fields.value(of: option) else { continue }
            guard traits.options.contains(option) else {
                leaveOut(option.rawValue, value, reason: "the model does not take it")
                continue
            }
            name(operation == .speechRealtime && option == .pitch ? "pitch_rate" : option.rawValue)
            members.writeJSON(value)
        }
        for member in fields.unknown {
            let unknown = member.name.string ?? ""
            guard !names.contains(unknown) else {
                leaveOut(unknown, member.value, reason: "another field says it")
                continue
            }
            name(unknown)
            members.writeJSON(member.value)
        }
    }
}

extension RequestFields {
    fileprivate func value(of option: SpeechTraits.Option) -> JSONValue? {
        switch option {
        case .sampleRate: self["sample_rate"]
        case .volume: self["volume"]
        case .pitch: self["pitch"]
        case .bitRate: self["bit_rate"]
        case .seed: self["seed"]
        case .languageType: self["language_type"]
        case .languageHints: self["language_hints"]
        case .optimizeInstructions: self["optimize_instructions"]
        case .enableSSML: self["enable_ssml"]
        case .wordTimestamps: self["word_timestamp_enabled"]
        case .hotFix: self["hot_fix"]
        case .markdownFilter: self["enable_markdown_filter"]
        }
    }
}
