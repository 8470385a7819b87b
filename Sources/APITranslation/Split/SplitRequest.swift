package import JSONBytes
package import NIOCore

/// A request that becomes one or several native calls, whose answers are merged into one.
package final class SplitRequest: TranslatedRequest {
    /// In the order of the caller's input.
    package var calls: [NativeCall]
    /// The model name the client used.
    package let model: String
    package let adjustments: AdjustmentList
    /// Whether the client reads a stream; the parts of the answer are then chunks, in the order in which they come.
    package let streamsToClient: Bool
    /// Whether tasks are waited for; otherwise the answer tells only that they are there.
    package var awaitsTasks = true
    package let reply: any SplitReply

    package init(
        calls: [NativeCall],
        model: String,
        adjustments: AdjustmentList,
        streamsToClient: Bool = false,
        reply: any SplitReply
    ) {
        self.calls = calls
        self.model = model
        self.adjustments = adjustments
        self.streamsToClient = streamsToClient
        self.reply = reply
    }
}

/// What every request tells that becomes several calls.
package protocol TranslatedRequest: AnyObject {
    var adjustments: AdjustmentList { get }
}

/// Makes one answer of the answers to all calls of a request.
///
/// The text of the answer is what ``begin(requestID:into:)`` writes, then the elements of each part in the order of the calls,
/// separated by commas, then what ``end(requestID:into:)`` writes.
package protocol SplitReply: AnyObject {
    /// A translator for the answer to one call; its end writes the elements of this part.
    func makePart(_ index: Int) -> any ReplyTranslating
    /// The place of one call's inputs in the caller's input, for the error of that call.
    func place(ofPart index: Int) -> String
    /// The type of an answer that is no stream.
    var contentType: StaticString { get }
    /// The caller's name of a native parameter that upstream names in an error.
    func name(of parameter: String) -> String
    /// The caller's member that an error of upstream's is about.
    func member(of error: APIError) -> String?
    /// The code of an error of upstream's, which may speak of an image where the caller sent none.
    func code(of error: APIError) -> String?
    /// `requestID` is the gateway's own; comes before the first part is made.
    func begin(requestID: String, into output: inout ByteBuffer)
    /// `requestID` is upstream's, where it gave one.
    func end(requestID: String, into output: inout ByteBuffer)
    /// Writes the event that ends a stream because of an error.
    func fail(_ error: APIError, into output: inout ByteBuffer)
    /// Writes a sign of life into a stream.
    func keepAlive(into output: inout ByteBuffer)
}

extension SplitReply {
    package var contentType: StaticString { "application/json" }
    package func name(of parameter: String) -> String { parameter }
    package func member(of error: APIError) -> String? { error.param.map(name) }
    package func code(of error: APIError) -> String? { error.code }
    package func fail(_ error: APIError, into output: inout ByteBuffer) { output.writeErrorEvent(error) }
    package func keepAlive(into output: inout ByteBuffer) { output.writeKeepAlive() }
}

/// Translates the requests of an endpoint whose requests become several calls.
package protocol SplitTranslating: AnyObject, Sendable {
    /// The kind of work, for traces.
    var operationName: String { get }
    /// Translates one request body; `created` is in Unix seconds, `operation` overrides the path of the catalogue where
    /// a model may live on either.
    ///
    /// - Throws: A 400 that names the parameter. With `strict` a request that would need a repair is refused, too.
    func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest
}

extension SplitTranslating {
    package func translate(_ body: ByteBuffer, tape: JSONTape, strict: Bool, created: Int) throws(APIError)
        -> SplitRequest
    {
        try translate(body, tape: tape, strict: strict, created: created, operation: nil)
    }
}
