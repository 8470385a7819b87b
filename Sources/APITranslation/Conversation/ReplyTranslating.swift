package import JSONBytes
package import NIOCore

/// Makes a face's bytes of one native reply: what a relay holds, whichever endpoint it serves.
///
/// Knows whether its client reads a stream or a whole answer. One object serves one request; it may outlive a call
/// that was refused, as long as nothing of an answer was received.
package protocol ReplyTranslating: AnyObject {
    /// Takes one event of an upstream stream; a line whose JSON is not complete is kept and joined with the next one.
    ///
    /// - Parameters:
    ///   - data: The text behind `data:`.
    ///   - isError: Whether the event is an `event:error`.
    ///   - status: The number of the `:HTTP_STATUS/NNN` line, if there was one.
    ///   - tape: Scratch memory.
    ///   - output: Takes what a client of a stream may see; nothing is written for a client of a whole answer.
    /// - Returns: Whether the event was taken.
    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome

    /// Takes the body of an answer that is no stream.
    ///
    /// DashScope also refuses with status 200 and a `code`: that is told as a refusal.
    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome

    /// Upstream has ended: writes what closes a stream, or the whole answer.
    ///
    /// - Returns: An error where the answer is not complete; nothing is written then.
    func finish(into output: inout ByteBuffer) -> APIError?

    /// Writes the event that ends a stream because of an error.
    func fail(_ error: APIError, into output: inout ByteBuffer)

    /// Writes a sign of life into a stream.
    func keepAlive(into output: inout ByteBuffer)

    /// The facts of the answer so far; of the whole answer once it is complete.
    var facts: ReplyFacts { get }
}

/// The facts of a request that a face needs for the answer.
package protocol ReplyContext: Sendable {
    /// The model name the client used.
    var model: String { get }
    /// Stands in the answer's id where upstream gives no request id; unique where the caller sets it so.
    var fallbackID: String { get set }

    /// A translator for one reply, streamed to the client or whole.
    func makeReply(isStreamed: Bool) -> any ReplyTranslating
}

/// The facts of a request that the reader of native replies needs, for every face.
struct NativeReplyContext: Sendable {
    /// Unix seconds, the same in every object of one answer.
    var created: Int
    /// Number of choices asked for.
    var choices = 1
    /// Upstream repeats the text so far in each event, whatever was asked (older translation models).
    var isCumulative = false
    /// Names of custom tools that were presented upstream as functions with one string `input`.
    var customTools: [String] = []
    var fallbackID = ""
}
