import APITranslation
import HTTPServing

/// The wishes for the gateway itself in a request's headers.
struct RequestWishes: Sendable, Equatable {
    static let strictHeader = "x-gateway-strict"

    /// Whether what would be repaired is refused.
    var isStrict: Bool
    /// The client has sent this request before: its own retries and ours would multiply.
    var isRepeated: Bool

    /// Reads the headers; `strict` is the operator's mode, for requests that say nothing.
    ///
    /// - Throws: a 400 for a word that is neither `true` nor `false`, because either guess could be the wrong one.
    init(headers: RequestHeaders, strict: Bool) throws(APIError) {
        switch headers.first(name: Self.strictHeader)?.lowercased() {
        case nil: isStrict = strict
        case "true": isStrict = true
        case "false": isStrict = false
        default:
            throw .invalidRequest(
                "The header \(Self.strictHeader) must be true or false.",
                param: Self.strictHeader,
                code: "invalid_value"
            )
        }
        var isRepeated = false
        headers.withFirst(name: "x-stainless-retry-count") { isRepeated = !$0.elementsEqual("0".utf8) }
        self.isRepeated = isRepeated
    }
}
