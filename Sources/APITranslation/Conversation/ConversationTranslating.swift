package import JSONBytes
package import NIOCore

/// Translates the requests of one face for conversations; the call it makes knows how the reply is made.
package protocol ConversationTranslating: AnyObject, Sendable {
    /// Whether a call that was refused because it asked for too long an answer is made again with the limit upstream told.
    var learnsOutputLimit: Bool { get }

    /// Translates one request body.
    ///
    /// `operation` overrides the path of the catalogue, `outputLimit` the model's largest answer; `created` is in Unix
    /// seconds. With `strict` a request that would need a repair is refused.
    func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?,
        outputLimit: Int?
    ) throws(APIError) -> ChatCall

    /// The caller's name of a parameter that upstream names in an error by its own.
    func name(of parameter: String) -> String
}

extension ConversationTranslating {
    package func name(of parameter: String) -> String { parameter }
}

extension ChatRequestTranslator: ConversationTranslating {
    package var learnsOutputLimit: Bool { false }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?,
        outputLimit: Int?
    ) throws(APIError) -> ChatCall {
        try translate(body, tape: tape, strict: strict, created: created, operation: operation)
    }
}

extension MessagesRequestTranslator: ConversationTranslating {
    package var learnsOutputLimit: Bool { true }
}
