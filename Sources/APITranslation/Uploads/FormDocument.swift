import JSONBytes
package import NIOCore

/// The fields of a form as one JSON object.
///
/// `a` is a member, `a[]` and a repeated `a` are arrays, `a[b]` is an object: so the official SDKs write lists and objects.
package struct FormDocument {
    private indirect enum Value {
        /// JSON text.
        case leaf(ByteBuffer)
        case list([ByteBuffer])
        case object(Members)
    }

    private struct Members {
        var names: [String] = []
        var values: [String: Value] = [:]
    }

    /// Objects inside objects; no field of any endpoint has more.
    private static let maximumDepth = 4

    private var root = Members()
    /// The first text of each field, by the name without `[]`.
    package private(set) var texts: [String: String] = [:]

    package init() {}

    /// Adds a text field; with `isJSON` a text that is the JSON of a list or an object stands for that.
    ///
    /// - Throws: A 400 that names the field, for a name that contradicts an earlier one and for text that is not UTF-8.
    package mutating func add(_ name: String, text bytes: ByteBuffer, isJSON: Bool = false) throws(APIError) {
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw .invalidRequest("Invalid '\(name)': its text is not UTF-8.", param: name, code: "invalid_value")
        }
        let plainName = name.hasSuffix("[]") ? String(name.dropLast(2)) : name
        if texts[plainName] == nil { texts[plainName] = text }
        if isJSON, Self.isContainer(bytes) { return try add(plainName, json: bytes) }
        var json = ByteBuffer()
        json.writeJSON(text)
        try add(name, json: json)
    }

    /// Whether a text is a list or an object in JSON.
    private static func isContainer(_ text: ByteBuffer) -> Bool {
        let first = text.readableBytesView.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first == UInt8(ascii: "[") || first == UInt8(ascii: "{") else { return false }
        let tape = JSONTape()
        return text.withUnsafeReadableBytes { bytes in
            withExtendedLifetime(tape) { (try? tape.parse(bytes)) != nil }
        }
    }

    /// Adds a stored file by its link; an object with its link and its size where `bytes` are given.
    package mutating func add(_ name: String, link: String, bytes: Int?) throws(APIError) {
        var json = ByteBuffer()
        guard let bytes else {
            json.writeJSON(link)
            return try add(name, json: json)
        }
        json.writeStaticString("{\"url\":")
        json.writeJSON(link)
        json.writeStaticString(",\"bytes\":")
        json.writeJSON(bytes)
        json.writeStaticString("}")
        try add(name, json: json)
    }

    /// Adds a file as a data URL.
    package mutating func add(_ name: String, file: ByteBuffer, contentType: String) throws(APIError) {
        var json = ByteBuffer()
        json.reserveCapacity(file.readableBytes / 3 * 4 + contentType.utf8.count + 32)
        json.writeStaticString("\"data:")
        json.writeString(contentType)
        json.writeStaticString(";base64,")
        file.withUnsafeReadableBytes { json.writeBase64($0) }
        json.writeStaticString("\"")
        try add(name, json: json)
    }

    /// The JSON text of the whole form.
    package var json: ByteBuffer {
        var output = ByteBuffer()
        Self.write(root, into: &output)
        return output
    }

    // MARK: - Names

    private mutating func add(_ name: String, json: ByteBuffer) throws(APIError) {
        let parts = name.split(separator: "[", omittingEmptySubsequences: false)
        var path: [String] = []
        for (index, part) in parts.enumerated() {
            guard index == 0 || part.hasSuffix("]") else { throw Self.unreadable(name) }
            path.append(String(index == 0 ? part : part.dropLast()))
        }
        let isList = path.count > 1 && path.last == ""
        if isList { path.removeLast() }
        guard path.count <= Self.maximumDepth, !path.contains("") else { throw Self.unreadable(name) }
        guard Self.insert(json, isList: isList, at: path[...], into: &root) else {
            throw .invalidRequest(
                "Invalid '\(name)': the form has it both as a value and as an object.",
                param: name,
                code: "invalid_value"
            )
        }
    }

    private static func unreadable(_ name: String) -> APIError {
        .invalidRequest(
            "The form has a field whose name cannot be read: '\(name.prefix(64))'.",
            param: String(name.prefix(64)),
            code: "invalid_form"
        )
    }

    private static func insert(
        _ json: ByteBuffer,
        isList: Bool,
        at path: ArraySlice<String>,
        into members: inout Members
    ) -> Bool {
        guard let name = path.first else { return false }
        let present = members.values[name]
        if present == nil { members.names.append(name) }
        // Taken out, so that a list grows in place.
        members.values[name] = .leaf(json)
        if path.count > 1 {
            var inner = Members()
            if case .object(let present) = present { inner = present } else if present != nil { return false }
            guard insert(json, isList: isList, at: path.dropFirst(), into: &inner) else { return false }
            members.values[name] = .object(inner)
            return true
        }
        switch present {
        case .none: if isList { members.values[name] = .list([json]) }
        case .leaf(let first): members.values[name] = .list([first, json])
        case .list(var values):
            values.append(json)
            members.values[name] = .list(values)
        case .object: return false
        }
        return true
    }

    // MARK: - Writing

    private static func write(_ members: Members, into output: inout ByteBuffer) {
        output.writeStaticString("{")
        for (index, name) in members.names.enumerated() {
            if index > 0 { output.writeStaticString(",") }
            output.writeJSON(name)
            output.writeStaticString(":")
            switch members.values[name] {
            case .leaf(let json): output.writeImmutableBuffer(json)
            case .list(let values):
                output.writeStaticString("[")
                for (index, json) in values.enumerated() {
                    if index > 0 { output.writeStaticString(",") }
                    output.writeImmutableBuffer(json)
                }
                output.writeStaticString("]")
            case .object(let members): write(members, into: &output)
            case nil: output.writeStaticString("null")
            }
        }
        output.writeStaticString("}")
    }
}
