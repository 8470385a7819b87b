import ByteWriting
import JSONBytes
import NIOCore

/// Content parts.
extension ChatRequestDraft {
    /// DashScope's limit for one inline item, in bytes once decoded.
    static let inlineLimit = 10_485_760

    mutating func writeParts(_ content: JSONValue, _ path: ParameterPath, addition: String?) throws(APIError) {
        if isMultimodal { return try writeMultimodalParts(content, path, addition: addition) }
        if keepsParts(content) { return try writeKeptParts(content, path, addition: addition) }
        body.append("\"")
        for (index, part) in content.elements.enumerated() {
            if let text = try text(of: part, ParameterPath(message: path.message, part: index)) {
                body.append(bytes: text)
            }
        }
        if let addition {
            body.append("\\n\\n")
            body.writeJSONContent(addition)
        }
        body.append("\"")
    }

    // MARK: - Text models

    /// Cache markers and documents need the list form on text models too.
    private func keepsParts(_ content: JSONValue) -> Bool {
        for part in content.elements where part.present("cache_control") != nil || part.present("doc_url") != nil {
            return true
        }
        return false
    }

    private mutating func writeKeptParts(_ content: JSONValue, _ path: ParameterPath, addition: String?)
        throws(APIError)
    {
        body.append("[")
        for (index, part) in content.elements.enumerated() {
            if index > 0 { body.append(",") }
            if part.present("doc_url") == nil {
                _ = try text(of: part, ParameterPath(message: path.message, part: index))
            }
            body.writeJSON(part)
        }
        if let addition {
            body.append(",{\"type\":\"text\",\"text\":")
            body.writeJSON(addition)
            body.append("}")
        }
        body.append("]")
    }

    /// The escaped text of a part; nil for a part that was handled elsewhere.
    private func text(of part: JSONValue, _ path: ParameterPath) throws(APIError) -> UnsafeRawBufferPointer? {
        guard part.kind == .object else { throw .wrongType("\(path)", expected: "object", got: part) }
        if let text = part.present("text") ?? part.present("refusal") {
            guard let content = text.escapedContent else {
                throw .wrongType("\(path).text", expected: "string", got: text)
            }
            return content
        }
        if MediaSearch.kind(of: part) != nil {
            throw .invalidValue(
                "\(path)",
                "the model `\(model.requestedName)` takes text only; use a multimodal model such as qwen3-vl-plus."
            )
        }
        if part.present("file") != nil || part.present("type")?.equals("file") == true {
            if readsFiles, part.present("file")?.present("file_id") != nil { return nil }
            throw Self.noFiles(path)
        }
        throw Self.unknownPart(part, path)
    }

    private static func noFiles(_ path: ParameterPath) -> APIError {
        .invalidRequest(
            "Invalid value for '\(path)': files cannot be sent in chat messages; DashScope reads uploaded files with the "
                + "model qwen-long and a `file_id`.",
            param: "\(path)",
            code: "unsupported_value"
        )
    }

    private static func unknownPart(_ part: JSONValue, _ path: ParameterPath) -> APIError {
        guard part.present("type") != nil else { return .missing("\(path).type") }
        return .invalidValue(
            "\(path).type",
            "expected one of text, image_url, input_audio, video_url, video, refusal, file."
        )
    }

    // MARK: - Multimodal models

    private mutating func writeMultimodalParts(
        _ content: JSONValue,
        _ path: ParameterPath,
        addition: String?
    ) throws(APIError) {
        body.append("[")
        for (index, part) in content.elements.enumerated() {
            if index > 0 { body.append(",") }
            try writePart(part, ParameterPath(message: path.message, part: index))
        }
        if let addition {
            if !content.isEmptyContainer { body.append(",") }
            body.append("{\"text\":")
            body.writeJSON(addition)
            body.append("}")
        }
        body.append("]")
    }

    private mutating func writePart(_ part: JSONValue, _ path: ParameterPath) throws(APIError) {
        guard part.kind == .object else { throw .wrongType("\(path)", expected: "object", got: part) }
        body.append("{")
        var isKnown = false
        var isFirst = true
        for member in part.members {
            let (name, value) = (member.name, member.value)
            if value.isNull || name.equals("type") { continue }
            if !isFirst { body.append(",") }
            isFirst = false
            if name.equals("text") || name.equals("refusal") {
                guard value.kind == .string else {
                    throw .wrongType("\(path).\(name.string ?? "")", expected: "string", got: value)
                }
                body.append("\"text\":")
                body.writeJSON(value)
                isKnown = true
            } else if name.equals("image_url") {
                try writeLink("image", value, "\(path).image_url")
                isKnown = true
            } else if name.equals("video_url") {
                try writeLink("video", value, "\(path).video_url")
                isKnown = true
            } else if name.equals("input_audio") {
                try writeAudio(value, "\(path).input_audio")
                isKnown = true
            } else if name.equals("image") || name.equals("audio") || name.equals("video") {
                try writeNativeMedia(name, value, path)
                isKnown = true
            } else if name.equals("file") {
                throw Self.noFiles(path)
            } else {
                // Siblings such as cache_control, fps and max_pixels.
                body.writeJSON(name)
                body.append(":")
                body.writeJSON(value)
            }
        }
        guard isKnown else { throw Self.unknownPart(part, path) }
        body.append("}")
    }

    private mutating func writeLink(_ kind: StaticString, _ value: JSONValue, _ path: String) throws(APIError) {
        // Some clients send the bare link.
        guard value.kind == .string else {
            guard value.kind == .object else { throw .wrongType(path, expected: "object", got: value) }
            guard let url = value.present("url") else { throw .missing("\(path).url") }
            guard url.kind == .string else { throw .wrongType("\(path).url", expected: "string", got: url) }
            try writeMedia(kind, url, "\(path).url")
            for member in value.members where !member.name.equals("url") && !member.value.isNull {
                if member.name.equals("detail") {
                    noteDetail(member.value, path)
                } else {
                    body.append(",")
                    body.writeJSON(member.name)
                    body.append(":")
                    body.writeJSON(member.value)
                }
            }
            return
        }
        try writeMedia(kind, value, path)
    }

    private mutating func noteDetail(_ detail: JSONValue, _ path: String) {
        if detail.equals("high") || detail.equals("original") {
            wantsHighResolution = true
            guard fields[.vlHighResolutionImages] == nil else { return }
            adjust(
                "messages[*].content[*].image_url.detail",
                at: "\(path).detail",
                from: Self.short(detail),
                to: "vl_high_resolution_images=true",
                "holds for all pictures of the request"
            )
        } else if detail.equals("low") {
            adjust(
                "messages[*].content[*].image_url.detail",
                at: "\(path).detail",
                from: "low",
                to: "none",
                "no counterpart upstream"
            )
        }
    }

    private mutating func writeMedia(_ kind: StaticString, _ url: JSONValue, _ path: String) throws(APIError) {
        try check(url, path)
        body.append("\"")
        body.append(kind)
        body.append("\":")
        body.writeJSON(url)
    }

    private mutating func writeNativeMedia(_ name: JSONValue, _ value: JSONValue, _ path: ParameterPath)
        throws(APIError)
    {
        switch value.kind {
        case .string: try check(value, "\(path)")
        case .array: for element in value.elements { try check(element, "\(path)") }
        default: throw .wrongType("\(path).\(name.string ?? "")", expected: "string or array", got: value)
        }
        body.writeJSON(name)
        body.append(":")
        body.writeJSON(value)
    }

    private mutating func writeAudio(_ value: JSONValue, _ path: String) throws(APIError) {
        guard value.kind == .object else { throw .wrongType(path, expected: "object", got: value) }
        guard let data = value.present("data") else { throw .missing("\(path).data") }
        guard let content = data.escapedContent else {
            throw .wrongType("\(path).data", expected: "string", got: data)
        }
        if Self.starts(content, "data:") || Self.starts(content, "http") || Self.starts(content, "oss:") {
            return try writeMedia("audio", data, "\(path).data")
        }
        try checkSize(content.count, "\(path).data")
        body.append("\"audio\":\"data:audio/")
        if let format = value.present("format")?.escapedContent {
            body.append(bytes: format)
        } else {
            body.append("wav")
        }
        body.append(";base64,")
        body.append(bytes: content)
        body.append("\"")
    }

    // MARK: - Limits

    private mutating func check(_ url: JSONValue, _ path: String) throws(APIError) {
        guard let content = url.escapedContent else { throw .wrongType(path, expected: "string", got: url) }
        if Self.starts(content, "oss:") {
            resolvesOSS = true
        } else if Self.starts(content, "data:") {
            try checkSize(content.count, path)
        }
    }

    private func checkSize(_ encoded: Int, _ path: String) throws(APIError) {
        guard encoded / 4 * 3 > Self.inlineLimit + 1024 else { return }
        throw APIError(
            status: 413,
            message: "Invalid '\(path)': inline data may hold \(Self.inlineLimit) bytes at most. Send a URL instead.",
            type: "invalid_request_error",
            code: "request_too_large",
            param: path
        )
    }

    private static func starts(_ bytes: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        guard bytes.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where bytes[index] != prefix.utf8Start[index] { return false }
        return true
    }
}
