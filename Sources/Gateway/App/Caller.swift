import APITranslation
import HTTPServing

/// Who is calling, read from the headers of a request.
struct Caller: Sendable {
    /// Headers of a request that go upstream as they came, with the caller's own key.
    static let passedOn = [workspaceHeader, "X-DashScope-DataInspection"]
    static let workspaceHeader = "X-DashScope-WorkSpace"

    /// The DashScope key; goes upstream, and nowhere else.
    var key: String
    /// Empty where the server's key stands in: workspace and inspection belong to the account that pays.
    var upstreamHeaders: [(name: String, value: String)]

    /// Reads the key from `Authorization: Bearer …`, else from `x-api-key` as Anthropic's clients send it, else from
    /// `api-key` as Azure's do; the server's own key stands in where there is one and the caller brings none.
    ///
    /// An `Authorization` of another scheme is passed over where another header has the key.
    ///
    /// - Throws: a 401 that says what is missing.
    init(headers: RequestHeaders, serverKey: String? = nil) throws(APIError) {
        var found: String?
        let hasAuthorization = headers.withFirst(name: "authorization") { found = Self.bearer($0) }
        if found == nil {
            _ =
                headers.withFirst(name: "x-api-key") { found = Self.text($0) }
                || headers.withFirst(name: "api-key") { found = Self.text($0) }
        }
        if let found {
            key = found
        } else if hasAuthorization {
            throw Self.unauthorized(
                "The Authorization header must read `Bearer ` followed by your DashScope API key.",
                code: "invalid_api_key"
            )
        } else if let serverKey {
            key = serverKey
            upstreamHeaders = []
            return
        } else {
            throw Self.unauthorized(
                "You did not provide an API key. Send your DashScope key in the header `Authorization: Bearer YOUR_KEY`.",
                code: nil
            )
        }
        // A text that cannot be a key was read as an empty one.
        guard !key.isEmpty else {
            throw Self.unauthorized("The API key is empty or holds impossible characters.", code: "invalid_api_key")
        }
        upstreamHeaders = []
        for name in Self.passedOn {
            guard let value = headers.first(name: name), !value.isEmpty,
                value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { continue }
            upstreamHeaders.append((name, value))
        }
    }

    /// Whether the caller sends a word of its own under this name.
    func sets(_ name: String) -> Bool { upstreamHeaders.contains { UpstreamHeads.isSame($0.name, name) } }

    /// The credential of `Bearer …`, the scheme in whatever case; nil where it is of another form.
    private static func bearer(_ value: UnsafeRawBufferPointer) -> String? {
        let scheme: StaticString = "bearer "
        var first = scheme.utf8CodeUnitCount
        guard value.count > first else { return nil }
        for index in 0..<first where value[index] | 0x20 != scheme.utf8Start[index] { return nil }
        while first < value.count, value[first] == UInt8(ascii: " ") { first += 1 }
        return text(UnsafeRawBufferPointer(rebasing: value[first...]))
    }

    /// The text of a key; empty where it cannot be one.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count <= 1024, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unauthorized(_ message: String, code: String?) -> APIError {
        APIError(status: 401, message: message, type: "invalid_request_error", code: code)
    }
}
