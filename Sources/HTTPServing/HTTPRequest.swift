package import NIOCore
package import NIOHTTP1

/// One request with its whole body, as the slow lane sees it.
package struct HTTPRequest: Sendable {
    /// Upper-case method name, such as `POST`.
    package var method: String
    /// The target as it came: path and query, percent-encoding untouched.
    package var target: String
    package var headers: HTTPHeaders
    package var body: ByteBuffer
    /// The peer's address without port; empty where there is none.
    package var remoteAddress: String

    package init(
        method: String,
        target: String,
        headers: HTTPHeaders,
        body: ByteBuffer,
        remoteAddress: String = ""
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The target up to the question mark, percent-encoding untouched.
    package var path: Substring { target.prefix { $0 != "?" } }

    /// The text behind the question mark; empty where there is none.
    package var query: Substring { target.drop { $0 != "?" }.dropFirst() }
}
