package import JSONBytes
package import NIOCore

/// A request that becomes one or several native calls, whose answers are merged into one.
package final class SplitRequest {
    /// In the order of the caller's input.
    package var calls: [NativeCall]
    /// The model name the client used.
    package let model: String
    package let adjustments: AdjustmentList
    package let reply: any SplitReply

    package init(calls: [NativeCall], model: String, adjustments: AdjustmentList, reply: any SplitReply) {
        self.calls = calls
        self.model = model
        self.adjustments = adjustments
        self.reply = reply
    }
}

/// Makes one answer of the answers to all calls of a request.
///
/// The text of the answer is what ``begin(into:)`` writes, then the elements of each part in the order of the calls,
/// separated by commas, then what ``end(requestID:into:)`` writes.
package protocol SplitReply: AnyObject {
    /// A translator for the answer to one call; its end writes the elements of this part.
    func makePart(_ index: Int) -> any ReplyTranslating
    /// The place of one call's inputs in the caller's input, for the error of that call.
    func place(ofPart index: Int) -> String
    func begin(into output: inout ByteBuffer)
    func end(requestID: String, into output: inout ByteBuffer)
    /// The sum over the parts that have ended.
    var usage: TokenUsage? { get }
}

/// Translates the requests of an endpoint whose requests become several calls.
package protocol SplitTranslating: AnyObject, Sendable {
    /// The kind of work, for traces.
    var operationName: String { get }
    /// Translates one request body; `created` is in Unix seconds.
    ///
    /// - Throws: A 400 that names the parameter. With `strict` a request that would need a repair is refused, too.
    func translate(_ body: ByteBuffer, tape: JSONTape, strict: Bool, created: Int) throws(APIError) -> SplitRequest
}
