import APITranslation
import HTTPServing

/// Who is calling, read from the headers of a request.
struct Caller: Sendable {
    /// Headers of a request that go upstream as they came.
    static let passedOn = [workspaceHeader, "X-DashScope-DataInspection"]
    static let workspaceHeader = "X-DashScope-WorkSpace"

    /// The DashScope key; goes upstream, and nowhere else.
    var key: String
    var upstreamHeaders: [(name: String, value: String)]

    /// Reads the key from `Authorization: Bearer …`, or from `api-key` as Azure's clients send it; the server's own key
    /// stands in where there is one and the caller brings none.
    ///
    /// - Throws: a 401 that says what is missing.
    init(headers: RequestHeaders, serverKey: String? = nil) throws(APIError) {
        if let authorization = headers.first(name: "authorization") {
            let bytes = authorization.utf8
            guard let blank = bytes.firstIndex(of: UInt8(ascii: " ")), authorization[..<blank].lowercased() == "bearer",
                let first = bytes[blank...].firstIndex(where: { $0 != UInt8(ascii: " ") })
            else {
                throw Self.unauthorized(
                    "The Authorization header must read `Bearer ` followed by your DashScope API key.",
                    code: "invalid_api_key"
                )
            }
            key = String(authorization[first...])
            while key.utf8.last == UInt8(ascii: " ") { key.removeLast() }
        } else if let value = headers.first(name: "api-key") {
            key = value
        } else if let serverKey {
            key = serverKey
        } else {
            throw Self.unauthorized(
                "You did not provide an API key. Send your DashScope key in the header `Authorization: Bearer YOUR_KEY`.",
                code: nil
            )
        }
        guard !key.isEmpty, key.utf8.count <= 1024, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.unauthorized("The API key is empty or holds impossible characters.", code: "invalid_api_key")
        }
        upstreamHeaders = []
        for name in Self.passedOn {
            guard let value = headers.first(name: name), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                continue
            }
            upstreamHeaders.append((name, value))
        }
    }

    private static func unauthorized(_ message: String, code: String?) -> APIError {
        APIError(status: 401, message: message, type: "invalid_request_error", code: code)
    }
}
