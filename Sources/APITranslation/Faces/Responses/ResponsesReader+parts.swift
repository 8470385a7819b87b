import ByteWriting
import JSONBytes
import WireFormats

/// Contents of messages.
extension ResponsesReader {
    private static let textMembers: [StaticString] = ["type", "text", "refusal", "annotations", "logprobs"]
    private static let imageMembers: [StaticString] = ["type", "image_url", "detail", "file_id"]
    private static let fileMembers: [StaticString] = ["type", "file_id", "file_data", "file_url", "filename", "detail"]

    /// Whether the model sees what is in a picture.
    var takesImages: Bool { out.isMultimodal && traits.takesMedia != false }

    private static func place(_ item: ResponsesItem, _ index: Int) -> String {
        "\(item.place).content[\(index)]"
    }

    /// Whether a part is text; nil where it has no type.
    static func isText(_ part: JSONValue) -> Bool {
        guard let type = part.present("type") else { return part.present("text") != nil }
        return type.equals("input_text") || type.equals("output_text") || type.equals("text")
            || type.equals("summary_text")
    }

    /// The escaped text of a part that must be text.
    mutating func text(of part: JSONValue, _ item: ResponsesItem, _ index: Int) throws(APIError)
        -> UnsafeRawBufferPointer
    {
        guard part.kind == .object else { throw .wrongType(Self.place(item, index), expected: "object", got: part) }
        guard Self.isText(part) else {
            guard part.present("type") != nil else { throw .missing("\(Self.place(item, index)).type") }
            throw .invalidValue("\(Self.place(item, index)).type", "expected input_text.")
        }
        guard let text = part.present("text") else { throw .missing("\(Self.place(item, index)).text") }
        guard let content = text.escapedContent else {
            throw .wrongType("\(Self.place(item, index)).text", expected: "string", got: text)
        }
        reportUnknown(of: part, Self.textMembers, "input[*].content[*]", at: Self.place(item, index))
        return content
    }

    // MARK: - The user's messages

    mutating func writeUser(_ item: ResponsesItem) throws(APIError) {
        guard let content = item.content else { throw .missing("\(item.place).content") }
        reportUnknown(of: item.value, Self.messageMembers, "input[*]", at: item.place)
        if traits.readsFiles { try writeFileReferences(content, item.place) }
        openMessage("user")
        var list = PartList(out.isMultimodal)
        if let text = content.escapedContent { list.append(text: text, to: &out.body) }
        for (index, part) in content.elements.enumerated() {
            guard part.kind == .object else { throw .wrongType(Self.place(item, index), expected: "object", got: part) }
            try write(part, item, index, &list)
        }
        list.close(in: &out.body)
        out.body.append("}")
    }

    private mutating func write(_ part: JSONValue, _ item: ResponsesItem, _ index: Int, _ list: inout PartList)
        throws(APIError)
    {
        guard let type = part.present("type"), !Self.isText(part) else {
            return list.append(text: try text(of: part, item, index), to: &out.body)
        }
        let place = Self.place(item, index)
        guard type.kind == .string else { throw .wrongType("\(place).type", expected: "string", got: type) }
        if type.equals("input_image") {
            guard takesImages else { throw takesNo("images", place) }
            try writeImage(part, place, &list)
        } else if type.equals("input_audio") {
            guard takesImages else { throw takesNo("audio", place) }
            try writeAudio(part, place, &list)
        } else if type.equals("input_video") {
            guard takesImages else { throw takesNo("video", place) }
            guard let url = part.present("video_url") else { throw .missing("\(place).video_url") }
            list.openPart(in: &out.body)
            out.body.append("{")
            try out.writeMedia(.video, url, "\(place).video_url")
            out.body.append("}")
        } else if type.equals("input_file") {
            try writeFile(part, place, &list)
        } else {
            throw .invalidValue("\(place).type", "expected input_text, input_image, input_audio or input_file.")
        }
    }

    private func takesNo(_ media: String, _ place: String) -> APIError {
        .invalidValue(
            place,
            "the model `\(out.model.requestedName)` takes no \(media); use a multimodal model such as qwen3-vl-plus."
        )
    }

    /// Writes a picture as a part.
    mutating func writeImage(_ part: JSONValue, _ place: String, _ list: inout PartList) throws(APIError) {
        reportUnknown(of: part, Self.imageMembers, "input[*].content[*]", at: place)
        guard let image = part.present("image_url") else {
            guard part.present("file_id") == nil else { throw noFiles("\(place).file_id") }
            throw .missing("\(place).image_url")
        }
        // Some clients send chat's object.
        let url = image.kind == .object ? image.present("url") : image
        guard let url else { throw .missing("\(place).image_url.url") }
        if let detail = part.present("detail") ?? image.present("detail") { try noteDetail(detail, place) }
        list.openPart(in: &out.body)
        out.body.append("{")
        try out.writeMedia(.image, url, "\(place).image_url")
        out.body.append("}")
    }

    private mutating func noteDetail(_ detail: JSONValue, _ place: String) throws(APIError) {
        guard detail.kind == .string else { throw .wrongType("\(place).detail", expected: "string", got: detail) }
        if detail.equals("auto") { return }
        let isHigh = detail.equals("high") || detail.equals("original")
        if isHigh { wantsHighResolution = true }
        out.adjust(
            "input[*].content[*].detail",
            at: "\(place).detail",
            from: GenerationWriter.short(detail),
            to: isHigh ? "vl_high_resolution_images=true" : "none",
            isHigh ? "holds for all pictures of the request" : "no counterpart upstream"
        )
    }

    private mutating func writeAudio(_ part: JSONValue, _ place: String, _ list: inout PartList) throws(APIError) {
        guard let audio = part.present("input_audio") else { throw .missing("\(place).input_audio") }
        guard audio.kind == .object else { throw .wrongType("\(place).input_audio", expected: "object", got: audio) }
        guard let data = audio.present("data") else { throw .missing("\(place).input_audio.data") }
        guard let content = data.escapedContent else {
            throw .wrongType("\(place).input_audio.data", expected: "string", got: data)
        }
        let format = audio.present("format")
        if let format, format.kind != .string {
            throw .wrongType("\(place).input_audio.format", expected: "string", got: format)
        }
        list.openPart(in: &out.body)
        out.body.append("{")
        if InlineMedia.isDataURL(content) || InlineMedia.isLink(content) {
            try out.writeMedia(
                .audio,
                data,
                type: format?.string.map { "audio/\($0)" },
                "\(place).input_audio.data"
            )
        } else {
            guard try !out.storesSound(data, format, "\(place).input_audio.data") else { return out.body.append("}") }
            out.body.append("\"data:audio/")
            if let format = format?.escapedContent {
                out.body.append(bytes: format)
            } else {
                out.body.append("wav")
            }
            out.body.append(";base64,")
            InlineMedia.write(content, into: &out.body)
            out.body.append("\"")
        }
        out.body.append("}")
    }

    // MARK: - Files

    /// qwen-long reads uploaded files by a system message that names them.
    private mutating func writeFileReferences(_ content: JSONValue, _ place: String) throws(APIError) {
        var files: [String] = []
        for (index, part) in content.elements.enumerated() where part.present("type")?.equals("input_file") == true {
            guard let id = part.present("file_id") else { continue }
            files.append(try ChatReader.fileID(id, "\(place).content[\(index)].file_id"))
        }
        guard !files.isEmpty else { return }
        if !isFirstMessage { out.body.append(",") }
        isFirstMessage = false
        out.writeSystemMessage(files.map { "fileid://\($0)" }.joined(separator: ","))
    }

    /// A file of text is told in words, a picture is shown; others are refused.
    private mutating func writeFile(_ part: JSONValue, _ place: String, _ list: inout PartList) throws(APIError) {
        reportUnknown(of: part, Self.fileMembers, "input[*].content[*]", at: place)
        if part.present("file_id") != nil {
            guard traits.readsFiles else { throw noFiles("\(place).file_id") }
            return
        }
        guard let data = part.present("file_data") else {
            guard part.present("file_url") == nil else { throw noFiles("\(place).file_url") }
            throw .missing("\(place).file_data")
        }
        guard let content = data.string else {
            throw .wrongType("\(place).file_data", expected: "string", got: data)
        }
        if content.hasPrefix("data:image/") {
            guard takesImages else { throw takesNo("images", place) }
            list.openPart(in: &out.body)
            out.body.append("{")
            try out.writeMedia(.image, data, "\(place).file_data")
            return out.body.append("}")
        }
        guard TextFile.isText(dataURL: content) else { throw noFiles("\(place).file_data") }
        guard let text = TextFile.text(ofDataURL: content) else {
            throw .invalidValue("\(place).file_data", "it must be a data URL whose data are base64 of text in UTF-8.")
        }
        list.openText(in: &out.body)
        if let name = part.present("filename")?.escapedContent {
            out.body.append(bytes: name)
            out.body.append(":\\n")
        }
        out.body.writeJSONContent(text)
        list.closeText(in: &out.body)
    }

    private func noFiles(_ place: String) -> APIError {
        .invalidRequest(
            "Invalid value for '\(place)': the model `\(out.model.requestedName)` reads no such file; send its text, or use "
                + "qwen-long with the `file_id` of an uploaded file.",
            param: place,
            code: "unsupported_value"
        )
    }
}

/// Files that are text.
enum TextFile {
    /// The text of a data URL of a text type, or nil.
    static func text(ofDataURL url: String) -> String? {
        guard url.hasPrefix("data:"), let comma = url.firstIndex(of: ",") else { return nil }
        let head = url[url.index(url.startIndex, offsetBy: 5)..<comma]
        guard head.hasSuffix(";base64"), isText(head.prefix { $0 != ";" }) else { return nil }
        let data = url[url.index(after: comma)...].utf8.filter { ![0x0A, 0x0D, 0x20].contains($0) }
        guard let bytes = Base64.decode(data) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether a data URL names a type of text.
    static func isText(dataURL url: String) -> Bool {
        url.hasPrefix("data:") && isText(url.dropFirst("data:".count).prefix { $0 != ";" && $0 != "," })
    }

    private static func isText(_ type: Substring) -> Bool {
        type.hasPrefix("text/") || type == "application/json" || type == "application/xml"
            || type == "application/yaml" || type == "application/javascript"
    }
}
