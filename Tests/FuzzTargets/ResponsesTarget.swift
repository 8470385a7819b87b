import APITranslation
import JSONBytes
import NIOCore

/// What a Responses request becomes is JSON, and so is what it is put together with, whatever was read.
enum ResponsesTarget {
    private static let translator = ResponsesRequestTranslator(catalog: ModelCatalog())
    private static let composer = ResponsesComposer(options: TranslationOptions())
    private static let earlier = ByteBuffer(
        string: #"{"role":"user","content":"a"},{"id":"msg_1_0","role":"assistant","content":"b"}"#
    )

    static func request(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        _ = try? translator.estimateTokens(bytes, tape: tape)
        if let fault = translation(of: bytes, tape) ?? composition(of: bytes, tape) { return fault }
        return conversation(of: bytes, tape)
    }

    private static func isJSON(_ bytes: ByteBuffer, _ tape: JSONTape) -> Bool {
        bytes.withUnsafeReadableBytes { (try? tape.parse($0)) != nil }
    }

    private static func translate(_ bytes: ByteBuffer, _ tape: JSONTape, strict: Bool, history: Int = 0)
        throws(APIError) -> ChatCall
    {
        var turn = ResponsesTurn()
        turn.id = "1"
        turn.canStore = true
        turn.history = history
        return try translator.translate(bytes, tape: tape, strict: strict, created: 1, turn: turn)
    }

    private static func translation(of bytes: ByteBuffer, _ tape: JSONTape) -> String? {
        let call: ChatCall
        do throws(APIError) {
            call = try translate(bytes, tape, strict: false)
        } catch {
            return 400..<500 ~= error.status ? nil : "a refusal with \(error.status)"
        }
        guard isJSON(call.body, tape) else { return "the native call is no JSON" }
        let header = call.adjustments.headerValue
        guard header.utf8.count <= AdjustmentList.longestText, header.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            return "adjustments that no header may carry"
        }
        guard let reply = call.context.makeReply(isStreamed: true) as? any BackgroundReplying,
            isJSON(reply.document(.queued), tape)
        else { return "the response is no JSON" }
        let isTakenStrictly = (try? translate(bytes, tape, strict: true)) != nil
        return isTakenStrictly == call.adjustments.isEmpty ? nil : "strict mode and adjustments disagree"
    }

    /// With an earlier turn in front, and an item in the place of its reference.
    private static func composition(of bytes: ByteBuffer, _ tape: JSONTape) -> String? {
        guard (try? composer.references(bytes, tape: tape)) != nil else { return nil }
        let items = ["msg_1_0": ByteBuffer(string: #"{"role":"assistant","content":"c"}"#)]
        if let body = try? composer.compose(bytes, tape: tape, history: earlier, items: items) {
            guard isJSON(body, tape) else { return "the body with its history is no JSON" }
            _ = try? translate(body, tape, strict: false, history: 2)
        }
        if let body = try? composer.composeCompaction(bytes, tape: tape, history: earlier, items: items) {
            guard isJSON(body, tape) else { return "the body that asks for a summary is no JSON" }
        }
        return nil
    }

    /// The same bytes as the body of a request about a conversation.
    private static func conversation(of bytes: ByteBuffer, _ tape: JSONTape) -> String? {
        guard
            let request = try? ConversationRequest(bytes, id: "1", tape: tape, options: TranslationOptions())
        else { return nil }
        var page = ByteBuffer()
        try? StoredItems.writePage(request.items, StoredItems.Page(), tape: tape, into: &page)
        guard isJSON(page, tape) else { return "the list of items is no JSON" }
        return isJSON(request.document(id: "conv_1", created: 1), tape) ? nil : "the conversation is no JSON"
    }
}
