package import NIOHTTP1

/// Request line and header fields of one request.
package struct RequestHead: Sendable {
    package let method: HTTPMethod
    /// The target as it came: path and query, percent-encoding untouched.
    package internal(set) var uri: String
    package let version: HTTPVersion
    package let headers: RequestHeaders
    /// Whether the connection may carry another request after this one.
    package let isKeepAlive: Bool
    /// Whether the answer may have a head only.
    ///
    /// A pattern: comparing methods compares their names.
    package var isHead: Bool {
        if case .HEAD = method { true } else { false }
    }
    /// The body's size as the client stated it; nil for chunks and where there is no body.
    package let contentLength: Int?
    /// The client has sent `Expect: 100-continue`.
    let expectsContinue: Bool

    init(
        method: HTTPMethod,
        uri: String,
        version: HTTPVersion,
        headers: RequestHeaders,
        isKeepAlive: Bool,
        contentLength: Int?,
        expectsContinue: Bool
    ) {
        self.method = method
        self.uri = uri
        self.version = version
        self.headers = headers
        self.isKeepAlive = isKeepAlive
        self.contentLength = contentLength
        self.expectsContinue = expectsContinue
    }

    /// A head that was decoded elsewhere, such as from HTTP/2.
    package init(_ head: HTTPRequestHead) {
        self.init(
            method: head.method,
            uri: head.uri,
            version: head.version,
            headers: RequestHeaders(head.headers),
            isKeepAlive: head.isKeepAlive,
            contentLength: head.headers.first(name: "content-length").flatMap { Int($0) },
            expectsContinue: head.version.minor >= 1
                && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        )
    }
}
