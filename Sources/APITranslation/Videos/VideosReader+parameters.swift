import ByteWriting
import JSONBytes
import NIOCore

extension VideosReader {
    private mutating func parameter(_ name: String) {
        if parameters.readableBytes > 0 { parameters.append(",") }
        parameters.writeJSON(name)
        parameters.append(":")
    }

    mutating func writeParameters() throws(APIError) {
        try writeSize()
        try writeSeconds()
        for option in VideoTraits.Option.allCases where option != .negativePrompt && option != .template {
            guard let value = fields.value(of: option) else { continue }
            let text = try text(of: option, value)
            guard takes(option) else {
                leaveOut(option.rawValue, value, reason: "the model does not take it")
                continue
            }
            if traits?.inputs.contains(option.rawValue) == true {
                member(option.rawValue)
                input.writeImmutableBuffer(text)
            } else {
                parameter(option.rawValue)
                parameters.writeImmutableBuffer(text)
            }
        }
        for unknown in fields.unknown where !isInput(unknown.name) {
            parameter(unknown.name.string ?? "")
            parameters.writeJSON(unknown.value)
        }
        reportIgnored()
    }

    private mutating func reportIgnored() {
        if let count = fields["n"], Self.number(count) != 1 {
            leaveOut("n", count, to: "1", reason: "a request makes one video")
        }
        if let fps = fields["fps"] { leaveOut("fps", fps, reason: "no counterpart upstream") }
        if let format = fields["response_format"], !format.equals("url") {
            leaveOut("response_format", format, to: "url", reason: "a video is named by its link")
        }
    }

    // MARK: - Values that forms send as texts

    /// A number, or a text that is one.
    private static func number(_ value: JSONValue) -> Double? {
        if let number = value.double { return number }
        guard let text = value.string, text.utf8.count <= 15,
            text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else { return nil }
        return Double(text)
    }

    private static func wholeNumber(_ value: JSONValue) -> Int? {
        value.integer ?? (value.kind == .string ? number(value).flatMap { Int(exactly: $0) } : nil)
    }

    /// The value of an option as JSON.
    private func text(of option: VideoTraits.Option, _ value: JSONValue) throws(APIError) -> ByteBuffer {
        var output = ByteBuffer()
        switch option {
        case .negativePrompt, .template, .shotType, .audioSetting: output.writeJSON(value)
        case .seed:
            guard let seed = Self.wholeNumber(value) else {
                throw .wrongType(option.rawValue, expected: "integer", got: value)
            }
            guard (0...2_147_483_647).contains(seed) else {
                throw .invalidValue(option.rawValue, "it must lie between 0 and 2147483647.")
            }
            output.writeJSON(seed)
        case .promptExtend, .watermark, .audio:
            output.writeForm(value, as: .boolean)
        }
        return output
    }

    // MARK: - Length

    private mutating func writeSeconds() throws(APIError) {
        // What the request itself says counts more than what its `metadata` says.
        let isSaid = fields["duration"] != nil && !fields.isNested("duration") && fields.isNested("seconds")
        let name = fields["seconds"] == nil || isSaid ? "duration" : "seconds"
        guard let value = name == "seconds" ? fields["seconds"] : fields["duration"] else { return noteFixedSeconds() }
        if isSaid, let other = fields["seconds"], Self.number(other) != Self.number(value) {
            leaveOut("metadata.seconds", other, reason: "the request has it twice")
        }
        if name == "seconds", let other = fields["duration"], Self.number(other) != Self.number(value) {
            leaveOut("duration", other, reason: "seconds says another length")
        }
        guard let number = Self.number(value), number.isFinite else {
            if value.kind != .string { throw .wrongType(name, expected: "string", got: value) }
            throw .invalidValue(name, "it must be a number of seconds.")
        }
        if let automatic = traits?.automaticSeconds, number == Double(automatic) {
            parameter("duration")
            return parameters.writeJSON(automatic)
        }
        guard number > 0, number <= 86_400 || traits != nil && number < 1e9 else {
            throw .invalidValue(name, "it must be a number of seconds above 0.")
        }
        guard let seconds = nearest(number) else {
            return leaveOut(name, value, reason: "the model has no such setting")
        }
        if Double(seconds) != number {
            adjustments.add(name, from: short(value), to: "\(seconds)", reason: "the nearest length of the model")
        }
        facts.seconds = "\(seconds)"
        // What cannot be chosen need not be said.
        if case .list(let list) = traits?.seconds, list.count == 1 { return }
        parameter("duration")
        parameters.writeJSON(seconds)
    }

    private mutating func noteFixedSeconds() {
        if case .list(let list) = traits?.seconds, list.count == 1 { facts.seconds = "\(list[0])" }
    }

    /// A text that is a number, as one.
    private func short(_ value: JSONValue) -> String {
        value.string.map { String($0.prefix(24)) } ?? GenerationWriter.short(value)
    }

    private func nearest(_ number: Double) -> Int? {
        let rounded = Int(number.rounded())
        switch traits?.seconds ?? .any {
        case .any: return max(1, rounded)
        case .list(let list): return list.min { abs(Double($0) - number) < abs(Double($1) - number) }
        case .range(let range):
            let range = hasVideo ? traits?.secondsWithVideo ?? range : range
            return min(max(rounded, range.lowerBound), range.upperBound)
        }
    }

    private var hasVideo: Bool {
        let names = ["reference_video", "feature", "base", "video"]
        return files.contains { names.contains($0.place) }
            || media.contains { element in names.contains { element.type == $0 } }
    }

    // MARK: - Size

    /// What the caller says of the size, in whatever field.
    func wish() throws(APIError) -> VideoWish {
        var wish = VideoWish()
        if let value = fields["size"], let text = value.string, text.lowercased() != "auto" {
            if let pixels = ImageSizes.Size(text) {
                wish.pixels = pixels
            } else if let resolution = VideoResolution(text) {
                wish.resolution = resolution
            } else if VideoSizing.number(text) != nil {
                wish.ratio = text
            } else {
                throw .invalidValue("size", "it must be auto, 720P, 16:9 or WIDTHxHEIGHT, such as 1280x720.")
            }
        } else if let width = fields["width"], let height = fields["height"] {
            wish.pixels = ImageSizes.Size(width: try side(width, "width"), height: try side(height, "height"))
        }
        if let text = fields["resolution"]?.string {
            guard let resolution = VideoResolution(text) else {
                throw .invalidValue("resolution", "it must be such as 720P or 1080P.")
            }
            wish.resolution = resolution
        }
        if let text = (fields["ratio"] ?? fields["aspect_ratio"])?.string {
            guard VideoSizing.number(text) != nil || traits == nil || traits?.ratios.contains(text) == true else {
                throw .invalidValue(fields["ratio"] == nil ? "aspect_ratio" : "ratio", "it must be such as 16:9.")
            }
            wish.ratio = text
        }
        return wish
    }

    private func side(_ value: JSONValue, _ name: String) throws(APIError) -> Int {
        guard let side = Self.wholeNumber(value), (1...99_999).contains(side) else {
            throw .invalidValue(name, "it must be a whole number of pixels above 0.")
        }
        return side
    }

    private mutating func writeSize() throws(APIError) {
        let wish = try wish()
        reportUnread(wish)
        guard !wish.isEmpty else { return }
        let name =
            wish.pixels != nil || fields["size"] != nil ? "size" : wish.resolution != nil ? "resolution" : "ratio"
        guard let choice = VideoSizing(traits: traits).choose(wish) else {
            return adjustments.add(name, from: wish.text, to: "none", reason: "the model has no sizes")
        }
        if let size = choice.size {
            parameter("size")
            parameters.writeJSON(size.text)
        }
        let resolutionName = traits?.resolutionName ?? "resolution"
        if let resolution = choice.resolution, !fields.unknown.contains(where: { $0.name.string == resolutionName }) {
            parameter(resolutionName)
            parameters.writeJSON(
                resolutionName == "mode" ? (resolution.lines >= 1080 ? "pro" : "std") : resolution.text
            )
        }
        if let ratio = choice.ratio {
            parameter(traits?.ratioName ?? "ratio")
            parameters.writeJSON(ratio)
        }
        if let resolution = fields["resolution"], resolutionName != "resolution",
            fields.unknown.contains(where: { $0.name.string == resolutionName })
        {
            leaveOut("resolution", resolution, reason: "\(resolutionName) says it")
        }
        facts.size = choice.pixels.map { "\($0.width)x\($0.height)" }
        guard let reason = choice.reason else { return }
        adjustments.add(name, from: wish.text, to: choice.text, reason: reason)
    }
}
