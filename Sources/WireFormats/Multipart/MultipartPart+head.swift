extension MultipartPart {
    /// Reads the lines before a part's bytes, each behind a line break; nil where they name no field.
    init?(head: String) {
        var disposition: Substring?
        var type: Substring?
        for line in head.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = value
            case "content-type": type = value
            default: break
            }
        }
        guard let disposition else { return nil }
        let field = HeaderParameters(disposition)
        guard field.value == "form-data", let name = field["name"], !name.isEmpty else { return nil }
        self.init(name: name, filename: field["filename"], contentType: type.map { HeaderParameters($0).value })
    }
}

/// A header value with parameters: `form-data; name="file"`.
package struct HeaderParameters {
    /// What stands before the first parameter, in lower case.
    package let value: String
    private let parameters: [(name: String, value: String)]

    package init(_ text: some StringProtocol) {
        let text = Substring(text)
        let end = text.firstIndex(of: ";") ?? text.endIndex
        value = Self.trimmed(text[..<end]).lowercased()
        var parameters: [(name: String, value: String)] = []
        var rest = text[end...].dropFirst()
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: "=") else { break }
            let name = Self.trimmed(rest[..<equals]).lowercased()
            rest = rest[rest.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
            parameters.append((name, Self.takeValue(&rest)))
        }
        self.parameters = parameters
    }

    /// The first value of a parameter, whose name is given in lower case.
    package subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    private static func takeValue(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let end = rest.firstIndex(of: ";") ?? rest.endIndex
            defer { rest = rest[end...].dropFirst() }
            return String(trimmed(rest[..<end]))
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            // Browsers send a backslash in a file's name as it is; only a quote is masked by it.
            if character == "\\", rest.first == "\"" || rest.first == "\\", let masked = rest.popFirst() {
                value.append(masked)
            } else {
                value.append(character)
            }
        }
        rest = rest.drop { $0 != ";" }.dropFirst()
        return value
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
