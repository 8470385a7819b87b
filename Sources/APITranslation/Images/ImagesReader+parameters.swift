import ByteWriting
import JSONBytes
import NIOCore

extension ImagesReader {
    func takes(_ option: ImageTraits.Option) -> Bool { model.traits.image?.takes(option) ?? true }

    mutating func leaveOut(_ name: String, _ value: JSONValue, to: String = "none", reason: String) {
        adjustments.add(name, from: GenerationWriter.short(value), to: to, reason: reason)
    }

    private mutating func parameter(_ name: String) {
        if parameters.readableBytes > 0 { parameters.append(",") }
        parameters.writeJSON(name)
        parameters.append(":")
    }

    /// What all calls of the request have in common.
    mutating func writeParameters() throws(APIError) {
        try writeSize()
        writeStyle()
        for option in ImageTraits.Option.allCases {
            guard let value = fields.value(of: option) else { continue }
            guard takes(option) else {
                leaveOut(option.rawValue, value, reason: "the model does not take it")
                continue
            }
            // Written for each call, or beside the prompt.
            if option == .seed || option == .negativePrompt && usesInput { continue }
            parameter(option.rawValue)
            parameters.writeForm(value, as: option == .negativePrompt ? .string : .boolean)
        }
        for member in fields.unknown where !isInput(member.name) {
            parameter(member.name.string ?? "")
            try writeOwn(member, into: &parameters)
        }
        reportIgnored()
    }

    private mutating func reportIgnored() {
        let ignored: [(name: StaticString, plain: [StaticString], to: String)] = [
            ("quality", ["auto", "standard"], "none"), ("background", ["auto", "opaque"], "opaque"),
            ("output_format", ["png"], "png"), ("output_compression", [], "none"), ("moderation", ["auto"], "none"),
            ("input_fidelity", [], "none"),
        ]
        for field in ignored {
            guard let value = fields[field.name], !field.plain.contains(where: { value.equals($0) }) else { continue }
            leaveOut("\(field.name)", value, to: field.to, reason: "no counterpart upstream")
        }
        if let value = fields["partial_images"], value.formInteger != 0 {
            leaveOut("partial_images", value, to: "0", reason: "no counterpart upstream")
        }
    }

    // MARK: - Size

    private mutating func writeSize() throws(APIError) {
        guard let value = fields["size"], let text = value.string, text.lowercased() != "auto" else { return }
        // A field that a form leaves empty.
        if fields.isForm, text.isEmpty { return }
        if let word = traits?.sizes?.word(text) {
            parameter("size")
            parameters.writeJSON(word)
            return
        }
        guard let size = ImageSizes.Size(text) else {
            // A word of a model that nobody knows.
            if traits == nil, text.utf8.count <= 8, !text.isEmpty {
                parameter("size")
                parameters.writeJSON(text)
                return
            }
            let words = (traits?.sizes?.words ?? []).map { ", \($0)" }.joined()
            throw .invalidValue("size", "it must be auto\(words) or WIDTHxHEIGHT, such as 1024x1024.")
        }
        if let aspects = traits?.aspects, !aspects.isEmpty {
            if fields.unknown.contains(where: { $0.name.equals("aspect_ratio") || $0.name.equals("resolution") }) {
                return leaveOut("size", value, reason: "aspect_ratio and resolution say it")
            }
            return writeAspect(of: size, among: aspects)
        }
        guard let sizes = traits == nil ? ImageSizes() : traits?.sizes else {
            return leaveOut("size", value, reason: "the model has no sizes")
        }
        parameter("size")
        switch sizes.fit(size) {
        case .exact: parameters.writeJSON(size.text)
        case .nearest(let nearest):
            parameters.writeJSON(nearest.text)
            leaveOut("size", value, to: nearest.text, reason: "the nearest size of the model")
        }
    }

    /// For models that take the ratio of the sides and a class of resolution.
    private mutating func writeAspect(of size: ImageSizes.Size, among aspects: [String]) {
        func ratio(_ aspect: String) -> Double? {
            let sides = aspect.split(separator: ":").compactMap { Double($0) }
            return sides.count == 2 ? sides[0] / sides[1] : nil
        }
        let wanted = Double(size.width) / Double(size.height)
        let nearest = aspects.min { left, right in
            guard let left = ratio(left), let right = ratio(right) else { return false }
            return ImageSizes.distance(left, wanted) < ImageSizes.distance(right, wanted)
        }
        guard let nearest else { return }
        parameter("aspect_ratio")
        parameters.writeJSON(nearest)
        // Nearest to a square of 1024, 2048 or 4096.
        let side = Double(size.area).squareRoot()
        let resolution = side < 1448 ? "1k" : side < 2896 ? "2k" : "4k"
        parameter("resolution")
        parameters.writeJSON(resolution)
        adjustments.add(
            "size",
            from: "\(size.width)x\(size.height)",
            to: "\(nearest) in \(resolution)",
            reason: "the model takes a ratio and a resolution"
        )
    }

    // MARK: - Style

    /// The styles of a model stand in angle brackets; those of OpenAI's are others.
    private mutating func writeStyle() {
        guard let value = fields["style"], let text = value.string else { return }
        let styles = traits?.styles ?? []
        let native = text.hasPrefix("<") ? text : "<\(text.lowercased())>"
        guard !styles.isEmpty, text.hasPrefix("<") || styles.contains(native) else {
            return leaveOut("style", value, reason: "the model has no such style")
        }
        parameter("style")
        parameters.writeJSON(native)
    }
}

extension RequestFields {
    fileprivate func value(of option: ImageTraits.Option) -> JSONValue? {
        switch option {
        case .negativePrompt: self["negative_prompt"]
        case .promptExtend: self["prompt_extend"]
        case .seed: self["seed"]
        case .watermark: self["watermark"]
        }
    }
}
