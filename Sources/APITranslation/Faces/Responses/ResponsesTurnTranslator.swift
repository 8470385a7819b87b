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

    package func name(of parameter: String) -> String {
        switch parameter {
        case "messages": "input"
        case "max_tokens", "max_completion_tokens": "max_output_tokens"
        case "response_format": "text.format"
        default: parameter
        }
    }

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
