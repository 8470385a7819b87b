import HTTPServing

/// The parameters behind the question mark of a target.
struct QueryItems: Sendable {
    private var values: [String: String] = [:]

    init(_ request: HTTPRequest) {
        for item in request.query.split(separator: "&") {
            let halves = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = halves.map { String($0).replacing("+", with: " ").percentDecoded ?? String($0) }
            values[texts[0]] = texts.count > 1 ? texts[1] : ""
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// The texts of a list divided by commas; nil where there is none.
    func list(_ name: String) -> [String]? {
        values[name].map { $0.split(separator: ",").map(String.init) }
    }
}

extension String {
    /// The text without percent-encoding; nil where that is broken, or leaves no UTF-8.
    var percentDecoded: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(Substring(rest.prefix(2))), radix: 16), rest.count >= 2 else { return nil }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
