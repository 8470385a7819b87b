import ByteWriting
import JSONBytes
import NIOCore

/// Content parts.
extension ChatReader {
    /// The prefix of a message's text: the name its client gave it, escaped as it came.
    typealias Prefix = UnsafeRawBufferPointer

    mutating func writeParts(
        _ content: JSONValue,
        _ role: Role,
        _ path: ParameterPath,
        prefix: Prefix?,
        addition: String?
    ) throws(APIError) {
        if out.isMultimodal || keepsParts(content) {
            return try writeList(content, role, path, prefix: prefix, addition: addition)
        }
        out.body.append("\"")
        if let prefix { out.body.append(bytes: prefix) }
        for (index, part) in content.elements.enumerated() {
            let path = ParameterPath(message: path.message, part: index)
            guard let text = try text(of: part, role, path) else { continue }
            out.body.append(bytes: text)
            reportLostSiblings(of: part, path)
        }
        if let addition {
            out.body.append("\\n\\n")
            out.body.writeJSONContent(addition)
        }
        out.body.append("\"")
    }

    // MARK: - Text models

    /// Cache markers and documents need the list form on text models too, where the model reads lists.
    private func keepsParts(_ content: JSONValue) -> Bool {
        var mustKeep = false
        for part in content.elements {
            if part.present("doc_url") != nil { return true }
            if part.present("cache_control") != nil { mustKeep = true }
        }
        guard mustKeep else { return false }
        switch traits.textParts {
        case .always: return true
        case .withTools: return hasTools
        case .never: return false
        }
    }

    /// The escaped text of a part that is joined with others; nil for a part that was handled elsewhere.
    private mutating func text(of part: JSONValue, _ role: Role, _ path: ParameterPath) throws(APIError)
        -> UnsafeRawBufferPointer?
    {
        guard part.kind == .object else { throw .wrongType("\(path)", expected: "object", got: part) }
        switch try ContentPart(part, path) {
        case .text(let text): return try Self.content(of: text, part, path)
        case .media:
            throw .invalidValue(
                "\(path)",
                "the model `\(out.model.requestedName)` takes text only; use a multimodal model such as qwen3-vl-plus."
            )
        case .file:
            if traits.readsFiles, part.present("file")?.present("file_id") != nil { return nil }
            throw Self.noFiles(path)
        case .document, .unknown, .untyped:
            try leaveOut(part, role, path)
            return nil
        }
    }

    private static func content(of text: JSONValue?, _ part: JSONValue, _ path: ParameterPath) throws(APIError)
        -> UnsafeRawBufferPointer
    {
        let name = part.present("type")?.equals("refusal") == true ? "refusal" : "text"
        guard let text else { throw .missing("\(path).\(name)") }
        guard let content = text.escapedContent else {
            throw .wrongType("\(path).\(name)", expected: "string", got: text)
        }
        return content
    }

    /// In an answer of the assistant an unknown part is history and can be left out; elsewhere it is the question.
    private mutating func leaveOut(_ part: JSONValue, _ role: Role, _ path: ParameterPath) throws(APIError) {
        guard let type = part.present("type") else { throw .missing("\(path).type") }
        guard role == .assistant else {
            throw .invalidValue(
                "\(path).type",
                "expected one of text, image_url, input_audio, video_url, video, refusal, file."
            )
        }
        out.adjust(
            "messages[*].content[*]",
            at: "\(path)",
            from: GenerationWriter.short(type),
            to: "none",
            "a kind of part that models do not know"
        )
    }

    private static func noFiles(_ path: ParameterPath) -> APIError {
        .invalidRequest(
            "Invalid value for '\(path)': files cannot be sent in chat messages; DashScope reads uploaded files with the "
                + "model qwen-long and a `file_id`.",
            param: "\(path)",
            code: "unsupported_value"
        )
    }

    private mutating func reportLostSiblings(of part: JSONValue, _ path: ParameterPath) {
        for member in part.members where !member.value.isNull && !member.name.equals("type") {
            guard !ContentPart.isPayload(member.name) else { continue }
            if member.name.equals("cache_control") {
                out.adjust(
                    "messages[*].content[*].cache_control",
                    at: "\(path).cache_control",
                    from: "object",
                    to: "none",
                    "the model reads strings only"
                )
            } else {
                reportLost(member, in: "messages[*].content[*]", at: "\(path)")
            }
        }
    }

    // MARK: - Lists

    private mutating func writeList(
        _ content: JSONValue,
        _ role: Role,
        _ path: ParameterPath,
        prefix: Prefix?,
        addition: String?
    ) throws(APIError) {
        out.body.append("[")
        var isFirst = true
        var prefix = prefix
        for (index, part) in content.elements.enumerated() {
            let path = ParameterPath(message: path.message, part: index)
            guard part.kind == .object else { throw .wrongType("\(path)", expected: "object", got: part) }
            let kind = try ContentPart(part, path)
            switch kind {
            case .unknown, .untyped:
                try leaveOut(part, role, path)
                continue
            case .file:
                guard !out.isMultimodal, traits.readsFiles, part.present("file")?.present("file_id") != nil else {
                    throw Self.noFiles(path)
                }
                continue
            case .document where out.isMultimodal:
                throw .invalidValue("\(path).type", "documents are read by text models such as qwen-doc-turbo only.")
            case .media where !out.isMultimodal:
                _ = try text(of: part, role, path)
            case .text, .media, .document: break
            }
            if !isFirst { out.body.append(",") }
            isFirst = false
            try writePart(part, kind, path, prefix: &prefix)
        }
        if let addition {
            if !isFirst { out.body.append(",") }
            out.body.append(out.isMultimodal ? "{\"text\":" : "{\"type\":\"text\",\"text\":")
            out.body.writeJSON(addition)
            out.body.append("}")
        }
        out.body.append("]")
    }

    private mutating func writePart(
        _ part: JSONValue,
        _ kind: ContentPart,
        _ path: ParameterPath,
        prefix: inout Prefix?
    ) throws(APIError) {
        out.body.append("{")
        switch kind {
        case .text(let text):
            let content = try Self.content(of: text, part, path)
            out.body.append(out.isMultimodal ? "\"text\":\"" : "\"type\":\"text\",\"text\":\"")
            if let prefix { out.body.append(bytes: prefix) }
            prefix = nil
            out.body.append(bytes: content)
            out.body.append("\"")
        case .media(let media, let value): try writeMedia(media, value, part, path)
        default:
            out.body.append("\"type\":\"doc_url\"")
            if let links = part.present("doc_url") {
                try check(links, path)
                out.writeMember("doc_url", links)
            }
        }
        for member in part.members where !member.value.isNull && !member.name.equals("type") {
            guard !ContentPart.isPayload(member.name) else {
                reportForeignPayload(member, of: kind, path)
                continue
            }
            // Siblings such as cache_control, fps and max_pixels.
            if member.name.equals("cache_control"), member.value.kind != .object {
                throw .wrongType("\(path).cache_control", expected: "object", got: member.value)
            }
            out.body.append(",")
            out.body.writeJSON(member.name)
            out.body.append(":")
            out.writeWithoutNulls(member.value)
        }
        out.body.append("}")
    }

    /// Documents are links, one or a list of them.
    private mutating func check(_ links: JSONValue, _ path: ParameterPath) throws(APIError) {
        for (index, link) in links.formElements.enumerated() {
            let place = { links.kind == .array ? "\(path).doc_url[\(index)]" : "\(path).doc_url" }
            guard let content = link.escapedContent else { throw .wrongType(place(), expected: "string", got: link) }
            guard InlineMedia.isLink(content) else {
                throw .invalidValue(place(), "it must be a URL (https, http, oss).")
            }
            if InlineMedia.isStored(content) { out.resolvesOSS = true }
        }
    }

    /// A part of one type that carries what another carries, too.
    private mutating func reportForeignPayload(_ member: JSONValue.Member, of kind: ContentPart, _ path: ParameterPath)
    {
        let name = member.name
        let isOwn =
            switch kind {
            case .text: name.equals("text") || name.equals("refusal")
            case .media(.image, _): name.equals("image_url") || name.equals("image")
            case .media(.audio, _): name.equals("input_audio") || name.equals("audio")
            case .media(.video, _): name.equals("video_url") || name.equals("video")
            default: name.equals("doc_url")
            }
        if !isOwn { reportLost(member, in: "messages[*].content[*]", at: "\(path)") }
    }

    // MARK: - Media

    private mutating func writeMedia(
        _ kind: ContentPart.MediaKind,
        _ value: JSONValue?,
        _ part: JSONValue,
        _ path: ParameterPath
    ) throws(APIError) {
        let names: (openAI: StaticString, native: StaticString) =
            switch kind {
            case .image: ("image_url", "image")
            case .audio: ("input_audio", "audio")
            case .video: ("video_url", "video")
            }
        guard let value else { throw .missing("\(path).\(names.openAI)") }
        guard part.present(names.openAI) != nil else {
            return try writeNativeMedia(kind, value, "\(path).\(names.native)")
        }
        if kind == .audio { return try writeAudio(value, "\(path).input_audio") }
        try writeLink(kind, value, "\(path).\(names.openAI)")
    }

    private mutating func writeLink(
        _ kind: ContentPart.MediaKind,
        _ value: JSONValue,
        _ path: @autoclosure () -> String
    )
        throws(APIError)
    {
        // Some clients send the bare link.
        if value.kind == .string { return try out.writeMedia(kind, value, path()) }
        guard value.kind == .object else { throw .wrongType(path(), expected: "object", got: value) }
        guard let url = value.present("url") else { throw .missing("\(path()).url") }
        try out.writeMedia(kind, url, "\(path()).url")
        for member in value.members where !member.name.equals("url") && !member.value.isNull {
            if member.name.equals("detail") {
                try noteDetail(member.value, path())
            } else {
                var isFirst = false
                out.writeMember(member, &isFirst)
            }
        }
    }

    private mutating func noteDetail(_ detail: JSONValue, _ path: String) throws(APIError) {
        guard detail.kind == .string else { throw .wrongType("\(path).detail", expected: "string", got: detail) }
        if detail.equals("auto") { return }
        let isHigh = detail.equals("high") || detail.equals("original")
        if isHigh {
            wantsHighResolution = true
            guard fields[.vlHighResolutionImages] == nil else { return }
        }
        out.adjust(
            "messages[*].content[*].image_url.detail",
            at: "\(path).detail",
            from: GenerationWriter.short(detail),
            to: isHigh ? "vl_high_resolution_images=true" : "none",
            isHigh ? "holds for all pictures of the request" : "no counterpart upstream"
        )
    }

    private mutating func writeNativeMedia(
        _ kind: ContentPart.MediaKind,
        _ value: JSONValue,
        _ path: @autoclosure () -> String
    ) throws(APIError) {
        out.body.append("\"")
        out.body.append(kind.native)
        out.body.append("\":")
        switch value.kind {
        case .string: try out.writeAddress(kind, value, path())
        case .array:
            out.body.append("[")
            // The frames of a film.
            for (index, element) in value.elements.enumerated() {
                if index > 0 { out.body.append(",") }
                try out.writeAddress(kind == .video ? .image : kind, element, "\(path())[\(index)]")
            }
            out.body.append("]")
        default: throw .wrongType(path(), expected: "string or array", got: value)
        }
    }

    private mutating func writeAudio(_ value: JSONValue, _ path: @autoclosure () -> String) throws(APIError) {
        guard value.kind == .object else { throw .wrongType(path(), expected: "object", got: value) }
        guard let data = value.present("data") else { throw .missing("\(path()).data") }
        guard let content = data.escapedContent else {
            throw .wrongType("\(path()).data", expected: "string", got: data)
        }
        let format = try Self.optionalString(value, "format", path())
        if InlineMedia.isDataURL(content) || InlineMedia.isLink(content) {
            try out.writeMedia(.audio, data, type: format?.string.map { "audio/\($0)" }, "\(path()).data")
        } else if try !out.storesSound(data, format, "\(path()).data") {
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
        for member in value.members
        where !member.value.isNull && !member.name.equals("data") && !member.name.equals("format") {
            var isFirst = false
            out.writeMember(member, &isFirst)
        }
    }
}
