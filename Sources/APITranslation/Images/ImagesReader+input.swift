import ByteWriting
import JSONBytes
import NIOCore

extension ImagesReader {
    /// The members of `input`: one message, or prompt and images by their names.
    mutating func writeInput() throws(APIError) -> ByteBuffer {
        let prompt = try readPrompt()
        let references = try readReferences()
        return usesInput ? try writeMembers(prompt, references) : writeMessage(prompt, references)
    }

    private mutating func writeMessage(_ prompt: JSONValue?, _ references: [JSONValue]) -> ByteBuffer {
        var input = ByteBuffer()
        input.append("\"messages\":[{\"role\":\"user\",\"content\":[")
        for reference in references {
            input.append("{\"image\":")
            write(reference, into: &input)
            input.append("},")
        }
        input.append("{\"text\":")
        if let prompt { input.writeJSON(prompt) } else { input.append("\"\"") }
        input.append("}]}]")
        return input
    }

    private mutating func writeMembers(_ prompt: JSONValue?, _ references: [JSONValue]) throws(APIError) -> ByteBuffer {
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
                    write(value, into: &input)
                }
                input.append("]")
            } else {
                write(first, into: &input)
            }
        }
        if purpose == .edit {
            let mask = try readMask()
            if let mask, let place = traits?.mask {
                name(place)
                write(mask, into: &input)
            }
            if let function = try readFunction(isMasked: mask != nil) {
                name("function")
                input.append("\"")
                input.append(function)
                input.append("\"")
            }
        }
        for member in fields.unknown where isInput(member.name) {
            name(member.name.string ?? "")
            noteOSS(member.value)
            try writeOwn(member, into: &input)
        }
        return input
    }

    /// Whether a field that only this model has belongs into `input`.
    func isInput(_ name: JSONValue) -> Bool {
        guard let inputs = traits?.inputs, !inputs.isEmpty, let name = name.string else { return false }
        return inputs.contains(name)
    }

    private mutating func write(_ value: JSONValue, into input: inout ByteBuffer) {
        noteOSS(value)
        input.writeJSON(value)
    }

    private mutating func noteOSS(_ value: JSONValue) {
        resolvesOSS = resolvesOSS || value.escapedContent?.starts(with: "oss://".utf8) == true
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

    private func readReferences() throws(APIError) -> [JSONValue] {
        var references: [JSONValue] = []
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

    private func add(_ value: JSONValue, at place: String, to list: inout [JSONValue]) throws(APIError) {
        guard value.kind == .array else {
            list.append(try link(value, at: place))
            return
        }
        for (position, element) in value.elements.enumerated() {
            list.append(try link(element, at: "\(place)[\(position)]"))
        }
    }

    /// The address of an image, which may stand in an object as chat and edits have it.
    func link(_ value: JSONValue, at place: @autoclosure () -> String) throws(APIError) -> JSONValue {
        var link = value
        if link.kind == .object, link.present("file_id") != nil, link.present("image_url") == nil {
            throw .invalidValue(
                place(),
                "files that were uploaded cannot be used here; send a URL, a data URL or an oss:// link."
            )
        }
        if link.kind == .object { link = link.present("image_url") ?? link.present("url") ?? link }
        if link.kind == .object { link = link.present("url") ?? link }
        guard link.kind == .string else { throw .wrongType(place(), expected: "string", got: value) }
        guard let text = link.escapedContent, !text.isEmpty else { throw .invalidValue(place(), "it is empty.") }
        let schemes = ["https:", "http:", "data:", "oss:"]
        guard schemes.contains(where: { text.starts(with: $0.utf8) }) else {
            throw .invalidValue(place(), "it must be a URL (https, http, oss) or a data URL.")
        }
        return link
    }
}
