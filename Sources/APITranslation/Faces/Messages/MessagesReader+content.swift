import ByteWriting
import JSONBytes

/// One content of a native message: a list of parts, or texts joined into one string.
extension MessagesReader {
    /// Begins a message; its content is a list where the path or a marker asks for it.
    mutating func openMessage(_ role: StaticString, asList: Bool) {
        if !isFirstMessage { out.body.append(",") }
        isFirstMessage = false
        isFirstPart = true
        isList = out.isMultimodal || asList
        out.body.append("{\"role\":\"")
        out.body.append(role)
        out.body.append("\",\"content\":")
        out.body.append(isList ? "[" : "\"")
    }

    mutating func closeContent() {
        out.body.append(isList ? "]" : "\"")
    }

    /// Begins a text; the caller appends its escaped content.
    mutating func openText(separator: StaticString = "\\n\\n") {
        if isList {
            if !isFirstPart { out.body.append(",") }
            out.body.append(out.isMultimodal ? "{\"text\":\"" : "{\"type\":\"text\",\"text\":\"")
        } else if !isFirstPart {
            out.body.append(separator)
        }
        isFirstPart = false
    }

    mutating func closeText(isMarked: Bool) {
        guard isList else { return }
        out.body.append(isMarked ? "\",\"cache_control\":{\"type\":\"ephemeral\"}}" : "\"}")
    }

    mutating func writeText(_ text: UnsafeRawBufferPointer, isMarked: Bool, separator: StaticString = "\\n\\n") {
        openText(separator: separator)
        out.body.append(bytes: text)
        closeText(isMarked: isMarked)
    }

    // MARK: - Markers

    /// Whether the text path of this model keeps markers at all.
    var keepsMarkers: Bool {
        if out.isMultimodal { return true }
        switch traits.textParts {
        case .always: return true
        case .withTools: return tools.isOffered
        case .never: return false
        }
    }

    func countMarkers() -> Int {
        let system = fields.system?.elements.reduce(0) { MessagesMarker.isOn($1) ? $0 + 1 : $0 } ?? 0
        return system + scan.markers + (fields.cacheControl == nil ? 0 : 1)
    }

    /// Decides the fate of a marker, in the order of the prompt.
    mutating func takeMarker(of block: JSONValue, at path: @autoclosure () -> String, isLast: Bool = false) -> Bool {
        let own = block.kind == .object ? block.present("cache_control") : nil
        if let own, !MessagesMarker.isMarker(own) {
            out.adjust(
                "messages[*].cache_control",
                at: "\(path()).cache_control",
                from: GenerationWriter.short(own),
                to: "none",
                "no such marker is known"
            )
        }
        guard
            let marker = own.flatMap({ MessagesMarker.isMarker($0) ? $0 : nil }) ?? (isLast ? fields.cacheControl : nil)
        else { return false }
        reportUnknown(
            of: marker,
            MessagesMembers.marker,
            "messages[*].cache_control",
            at: "\(path()).cache_control"
        )
        if markersToDrop > 0 {
            markersToDrop -= 1
            out.adjust(
                "messages[*].cache_control",
                at: "\(path()).cache_control",
                from: "object",
                to: "none",
                "at most four markers are taken"
            )
            return false
        }
        guard keepsMarkers else {
            out.adjust(
                "messages[*].cache_control",
                at: "\(path()).cache_control",
                from: "object",
                to: "none",
                "the model reads strings only"
            )
            return false
        }
        if let ttl = marker.present("ttl"), !ttl.equals("5m") {
            out.adjust(
                "messages[*].cache_control.ttl",
                at: "\(path()).cache_control.ttl",
                from: GenerationWriter.short(ttl),
                to: "5m",
                "upstream keeps for five minutes"
            )
        }
        return true
    }

    /// Whether any of so many markers is kept.
    func keepsAny(of markers: Int) -> Bool {
        markers > markersToDrop && keepsMarkers
    }

    // MARK: - Pictures

    /// Writes a picture as a part; `path` is the place of its block.
    mutating func writeImage(_ block: JSONValue, isMarked: Bool, _ path: @autoclosure () -> String) throws(APIError) {
        guard let source = block.present("source") else { throw .missing("\(path()).source") }
        guard source.kind == .object else { throw .wrongType("\(path()).source", expected: "object", got: source) }
        guard let type = try Self.optionalString(source, "type", "\(path()).source") else {
            throw .missing("\(path()).source.type")
        }
        reportUnknown(of: source, MessagesMembers.source, "messages[*].content[*].source", at: "\(path()).source")
        if !isFirstPart { out.body.append(",") }
        isFirstPart = false
        out.body.append("{")
        if type.equals("url") {
            guard let url = source.present("url") else { throw .missing("\(path()).source.url") }
            try out.writeMedia(.image, url, "\(path()).source.url")
        } else if type.equals("base64") {
            guard let data = source.present("data") else { throw .missing("\(path()).source.data") }
            guard let content = data.escapedContent else {
                throw .wrongType("\(path()).source.data", expected: "string", got: data)
            }
            guard let mediaType = source.present("media_type") else { throw .missing("\(path()).source.media_type") }
            // Clients write the type in capitals, too, which DashScope does not read.
            guard let kind = mediaType.string?.lowercased() else {
                throw .wrongType("\(path()).source.media_type", expected: "string", got: mediaType)
            }
            guard FilePlacement.mediaType(kind, as: .image) != nil else {
                throw .invalidValue(
                    "\(path()).source.media_type",
                    "it must be the type of an image, such as image/png."
                )
            }
            out.body.append("\"image\":")
            if try !out.stores(data, .image, type: kind, "\(path()).source.data") {
                out.body.append("\"data:")
                out.body.append(text: kind)
                out.body.append(";base64,")
                InlineMedia.write(content, into: &out.body)
                out.body.append("\"")
            }
        } else {
            throw .messages(
                "\(path()).source.type",
                "Input should be 'base64' or 'url'; uploaded files are read as documents, by models such as qwen-long"
            )
        }
        out.body.append(isMarked ? ",\"cache_control\":{\"type\":\"ephemeral\"}}" : "}")
    }

    // MARK: - Documents and search results

    /// Writes the text of a document or search result: the members that are strings, one below the other.
    ///
    /// A string or a list of blocks with the body stands in `source` or `content`, by the kind of the block.
    mutating func writeTexts(
        of block: JSONValue,
        _ names: [StaticString],
        isMarked: Bool,
        separator: StaticString,
        at place: @autoclosure () -> String
    ) throws(APIError) {
        openText(separator: separator)
        try appendTexts(of: block, names, at: place())
        closeText(isMarked: isMarked)
    }

    mutating func appendTexts(of block: JSONValue, _ names: [StaticString], at place: @autoclosure () -> String)
        throws(APIError)
    {
        var isFirst = true
        for name in names {
            guard let text = try Self.optionalString(block, name, place())?.escapedContent, !text.isEmpty else {
                continue
            }
            appendLine(text, &isFirst)
        }
        let source = block.present("source").flatMap { $0.kind == .object ? $0 : nil }
        if let source, let text = try Self.optionalString(source, "data", "\(place()).source")?.escapedContent {
            appendLine(text, &isFirst)
        }
        let path = source == nil ? "\(place()).content" : "\(place()).source.content"
        guard let content = (source ?? block).present("content") else { return }
        if let text = content.escapedContent { return appendLine(text, &isFirst) }
        guard content.kind == .array else { throw .wrongType(path, expected: "string or array", got: content) }
        for (index, inner) in content.elements.enumerated() {
            guard let text = try innerText(of: inner, "\(path).\(index)", takesImages: source != nil) else { continue }
            appendLine(text, &isFirst)
        }
    }

    /// The text of a block inside a document or search result; nil for a picture, or one that is not known and reported.
    private mutating func innerText(of block: JSONValue, _ place: String, takesImages: Bool) throws(APIError)
        -> UnsafeRawBufferPointer?
    {
        guard block.kind == .object else { throw .wrongType(place, expected: "object", got: block) }
        guard let type = try Self.optionalString(block, "type", place) else { throw .missing("\(place).type") }
        if takesImages, type.equals("image") { return nil }
        guard type.equals("text") else {
            out.adjust(
                "messages[*].content",
                at: place,
                from: GenerationWriter.short(type),
                to: "none",
                "models do not know such a block"
            )
            return nil
        }
        guard let text = block.present("text") else { throw .missing("\(place).text") }
        guard let content = text.escapedContent else {
            throw .wrongType("\(place).text", expected: "string", got: text)
        }
        reportUnknown(of: block, MessagesMembers.text, "messages[*].content[*].content[*]", at: place)
        return content
    }

    private mutating func appendLine(_ text: UnsafeRawBufferPointer, _ isFirst: inout Bool) {
        if !isFirst { out.body.append("\\n") }
        isFirst = false
        out.body.append(bytes: text)
    }
}
