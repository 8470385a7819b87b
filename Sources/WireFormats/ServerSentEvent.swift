package import NIOCore

/// One `data:` line of an event stream, with what the lines before it said.
package struct ServerSentEvent: Sendable, Equatable {
    /// The text after `data:` and at most one blank.
    package var data: ByteBuffer
    /// `event:error` came before.
    package var isError: Bool
    /// The number in a comment `:HTTP_STATUS/NNN` before.
    package var status: Int?

    package init(data: ByteBuffer, isError: Bool = false, status: Int? = nil) {
        self.data = data
        self.isError = isError
        self.status = status
    }
}
