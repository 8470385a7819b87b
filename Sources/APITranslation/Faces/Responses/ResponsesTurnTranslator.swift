package import JSONBytes
package import NIOCore

/// Translates the request of one turn.
package final class ResponsesTurnTranslator: ConversationTranslating {
    private let translator: ResponsesRequestTranslator
    private let turn: ResponsesTurn

    package init(_ translator: ResponsesRequestTranslator, _ turn: ResponsesTurn) {
        self.translator = translator
        self.turn = turn
    }

    package var learnsOutputLimit: Bool { false }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?,
        outputLimit: Int?
    ) throws(APIError) -> ChatCall {
        try translator.translate(body, tape: tape, strict: strict, created: created, operation: operation, turn: turn)
    }
}
