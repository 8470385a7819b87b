/// Why a call to upstream gave no complete answer.
package struct UpstreamError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Name resolution, refused connection, TLS failure.
        case unreachable
        case connectTimeout
        /// The connection ended before the answer did.
        case connectionClosed
        /// What came is not HTTP/1.1.
        case invalidResponse
        /// No connection became free in time, or too many calls wait for one.
        case poolExhausted
    }

    package var code: Code
    /// For the log: what the system said, without key or prompt.
    package var detail: String

    package init(_ code: Code, detail: String = "") {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail.isEmpty ? code.rawValue : "\(code.rawValue): \(detail)" }
}
