import ByteWriting
import JSONBytes
import NIOCore

extension ImagesReader {
    /// The members of `input`: one message, or prompt and images by their names.
    mutating func writeInput() throws(APIError) -> ByteBuffer {
        let prompt = try readPrompt()
        let references = try readReferences()
        return usesInput ? try writeMembers(prompt, references) : try writeMessage(prompt, references)
    }

    private mutating func writeMessage(_ prompt: JSONValue?, _ references: [ImageLink]) throws(APIError) -> ByteBuffer {
        var input = ByteBuffer()
        input.append("\"messages\":[{\"role\":\"user\",\"content\":[")
        for reference in references {
            input.append("{\"image\":")
            try write(reference, into: &input)
            input.append("},")
        }
        input.append("{\"text\":")
        if let prompt { input.writeJSON(prompt) } else { input.append("\"\"") }
        input.append("}]}]")
        return input
    }

    private mutating func writeMembers(_ prompt: JSONValue?, _ references: [ImageLink]) throws(APIError) -> ByteBuffer {
        var input = ByteBuffer()
        func name(_ name: String) {
            if input.readableBytes > 0 { input.append(",") }
            input.writeJSON(name)
            input.append(":")
        }
        if let prompt {
            name("prompt")
            input.writeJSON(prompt)
        }
        if let negative = fields["negative_prompt"], takes(.negativePrompt) {
            name("negative_prompt")
            input.writeJSON(negative)
        }
        if let reference = traits?.reference, let first = references.first {
            name(reference)
            // The one name that is in the plural.
            if reference == "images" {
                input.append("[")
                for (place, value) in references.enumerated() {
                    if place > 0 { input.append(",") }
                    try write(value, into: &input)
                }
                input.append("]")
            } else {
                try write(first, into: &input)
            }
        }
        if purpose == .edit {
            let mask = try readMask()
            if let mask, let place = traits?.mask {
                name(place)
                try write(mask, into: &input)
            }
            if let function = try readFunction(isMasked: mask != nil) {
                name("function")
                input.append("\"")
                input.append(function)
                input.append("\"")
            }
        }
        for member in fields.unknown where isInput(member.name) {
            let place = member.name.string ?? ""
            name(place)
            if place.hasSuffix("_url") || place == "ref_img" {
                try write(try link(member.value, at: place), into: &input)
            } else {
                noteOSS(member.value)
                try writeOwn(member, into: &input)
            }
        }
        return input
    }

    /// Whether a field that only this model has belongs into `input`.
    func isInput(_ name: JSONValue) -> Bool {
        guard let inputs = traits?.inputs, !inputs.isEmpty, let name = name.string else { return false }
        return inputs.contains(name)
    }

    private mutating func write(_ link: ImageLink, into input: inout ByteBuffer) throws(APIError) {
        guard let media = link.media else {
            noteOSS(link.value)
            return input.writeJSON(link.value)
        }
        guard isLong(link.value) else { return media.write(link.value, into: &input) }
        resolvesOSS = true
        uploads.append(
            try MediaUpload(
                dataURL: link.value,
                media,
                .image,
                link.place,
                maximumBytes: (traits?.referenceMegabytes ?? Self.referenceMegabytes) << 20,
                place: input.writerIndex
            )
        )
    }

    /// Whether an image is too large to stand in the call, as it would be in a form.
    private func isLong(_ link: JSONValue) -> Bool {
        guard let content = link.escapedContent else { return false }
        return MediaUpload.isNeeded(for: content, longest: FilePlacement.text(of: Self.longestInline(traits)))
    }

    /// The largest file of a model of which nobody knows more.
    static let referenceMegabytes = 20
    /// As many images as OpenAI takes, where nobody knows what the model does.
    static let mostFiles = 16

    /// What one image may have that stands in the call: all together have a limit, too.
    static func longestInline(_ traits: ImageTraits.Values?) -> Int {
        let most = min(traits?.mostImages ?? mostFiles, mostFiles)
        return min(FilePlacement.longestInline, FilePlacement.longestTogether / max(1, most))
    }

    private mutating func noteOSS(_ value: JSONValue) {
        resolvesOSS = resolvesOSS || value.escapedContent.map(InlineMedia.isStored) == true
    }

    // MARK: - Prompt

    private mutating func readPrompt() throws(APIError) -> JSONValue? {
        let prompt = fields["prompt"]
        if traits?.prompt == ImageTraits.Prompt.none {
            if let prompt { leaveOut("prompt", prompt, reason: "the model takes no prompt") }
            return nil
        }
        guard let prompt else { throw .missing("prompt") }
        guard !prompt.isEmptyString else { throw .invalidValue("prompt", "it is empty.") }
        if let limit = traits?.promptLimit, prompt.text.count > limit, let count = prompt.string?.count, count > limit {
            adjustments.add(
                "prompt",
                from: "\(count) characters",
                to: "\(limit)",
                reason: "the model reads no more"
            )
        }
        return prompt
    }

    // MARK: - Images to go by

    private mutating func readReferences() throws(APIError) -> [ImageLink] {
        var references: [ImageLink] = []
        if let value = fields["image"] { try add(value, at: "image", to: &references) }
        if let value = fields["images"] { try add(value, at: "images", to: &references) }
        guard let range = traits?.references else {
            guard traits == nil || !usesInput || references.isEmpty || traits?.reference != nil else {
                throw .invalidValue("image", "`\(model.requestedName)` takes none under this name.")
            }
            guard purpose == .generation || !references.isEmpty else { throw .missing("image") }
            return references
        }
        guard range.upperBound > 0 || references.isEmpty else {
            throw .invalidValue("image", "`\(model.requestedName)` makes images of texts only.")
        }
        guard references.count <= range.upperBound else {
            throw .invalidRequest(
                "Invalid 'image': array too long. `\(model.requestedName)` takes "
                    + (range.upperBound == 1 ? "one image" : "at most \(range.upperBound) images")
                    + ", but got \(references.count).",
                param: "image",
                code: "array_above_max_length"
            )
        }
        let fewest = purpose == .edit ? max(1, range.lowerBound) : range.lowerBound
        guard references.count >= fewest else { throw .missing("image") }
        return references
    }

    private mutating func add(_ value: JSONValue, at place: String, to list: inout [ImageLink]) throws(APIError) {
        guard value.kind == .array else {
            list.append(try link(value, at: place))
            return
        }
        for (position, element) in value.elements.enumerated() {
            list.append(try link(element, at: "\(place)[\(position)]"))
        }
    }

    /// The address of an image, which may stand in an object as chat and edits have it.
    mutating func link(_ value: JSONValue, at place: String) throws(APIError) -> ImageLink {
        var link = ImageLink(value: value, place: place)
        if value.kind == .object, value.present("file_id") != nil, value.present("image_url") == nil {
            throw .invalidValue(
                place,
                "files that were uploaded cannot be used here; send a URL, a data URL or an oss:// link."
            )
        }
        for names: [StaticString] in [["image_url", "url"], ["url"]] where link.value.kind == .object {
            guard let name = names.first(where: { link.value.present($0) != nil }), let inner = link[name] else {
                break
            }
            adjustments.leaveOut(othersOf: link.value, besides: name, at: link.place)
            link = inner
        }
        guard link.value.kind == .string else { throw .wrongType(place, expected: "string", got: value) }
        guard let text = link.value.escapedContent, !text.isEmpty else { throw .invalidValue(place, "it is empty.") }
        link.media = try InlineMedia(text, .image, link.place)
        return link
    }
}

/// The address of an image, and where the caller has it.
struct ImageLink {
    let value: JSONValue
    let place: String
    /// What stands in the request itself; nil for a link.
    var media: InlineMedia?

    init(value: JSONValue, place: String) {
        self.value = value
        self.place = place
    }

    subscript(_ name: StaticString) -> ImageLink? {
        value.present(name).map { ImageLink(value: $0, place: "\(place).\(name)") }
    }
}
