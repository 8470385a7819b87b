import APITranslation
import JSONBytes
import NIOCore
import WireFormats

/// What is written is JSON, whatever was read.
enum ChatTarget {
    private static let translator = ChatRequestTranslator(catalog: ModelCatalog())

    static func request(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        let call: ChatCall
        do throws(APIError) {
            call = try translator.translate(bytes, tape: tape, strict: false, created: 1)
        } catch {
            return 400..<500 ~= error.status ? nil : "a refusal with \(error.status)"
        }
        guard isJSON(call.body, tape) else { return "the native call is no JSON" }
        let header = call.adjustments.headerValue
        guard header.utf8.count <= AdjustmentList.longestText, header.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            return "adjustments that no header may carry"
        }
        let isTakenStrictly: Bool
        do throws(APIError) {
            _ = try translator.translate(bytes, tape: tape, strict: true, created: 1)
            isTakenStrictly = true
        } catch {
            isTakenStrictly = false
        }
        if isTakenStrictly != call.adjustments.isEmpty { return "strict mode and adjustments disagree" }
        do throws(APIError) {
            let other = try translator.translate(
                bytes,
                tape: tape,
                strict: false,
                created: 1,
                operation: call.operation.other
            )
            if !isJSON(other.body, tape) { return "the call of the other path is no JSON" }
        } catch {
            // The other path may take less.
        }
        return nil
    }

    static func reply(_ bytes: ByteBuffer) -> String? {
        var several = ChatReplyContext(
            model: "m",
            created: 1,
            choices: 3,
            includesUsage: true,
            customTools: ["a", "get_weather"]
        )
        several.fallbackID = "id"
        let contexts: [any ReplyContext] = [
            ChatReplyContext(model: "m", created: 1), several,
            ChatReplyContext(model: "m", created: 1, usesLegacyFunctions: true, isCumulative: true),
            MessagesReplyContext(model: "m", created: 1), ResponsesReplyContext(model: "m", created: 1),
        ]
        for context in contexts {
            let make = { context.makeReply(isStreamed: $0) }
            if let fault = whole(bytes, make) ?? stream(bytes, make) { return fault }
        }
        return whole(bytes, SplitTarget.completion) ?? stream(bytes, SplitTarget.completion)
    }

    private static func whole(_ bytes: ByteBuffer, _ make: (Bool) -> any ReplyTranslating) -> String? {
        let reply = make(false)
        var output = ByteBuffer()
        let outcome = bytes.withUnsafeReadableBytes { reply.receive(whole: $0, tape: JSONTape(), into: &output) }
        if case .refused = outcome { return nil }
        guard reply.finish(into: &output) == nil else { return nil }
        return isJSON(output, JSONTape()) ? nil : "the answer is no JSON"
    }

    private static func stream(_ bytes: ByteBuffer, _ make: (Bool) -> any ReplyTranslating) -> String? {
        let tape = JSONTape()
        let (translator, folder) = (make(true), make(false))
        var chunks = ByteBuffer()
        var answer = ByteBuffer()
        for event in EventTarget.read([bytes]) {
            let (streamed, folded) = event.data.withUnsafeReadableBytes { data in
                (
                    translator.receive(data, isError: event.isError, status: event.status, tape: tape, into: &chunks),
                    folder.receive(data, isError: event.isError, status: event.status, tape: tape, into: &answer)
                )
            }
            if streamed != folded { return "stream and fold disagree about an event" }
            if case .refused = streamed { break }
        }
        if answer.readableBytes > 0 { return "the whole answer began before its end" }
        let streamed = translator.finish(into: &chunks)
        let folded = folder.finish(into: &answer)
        if streamed != folded { return "stream and fold disagree about the end" }
        if folded == nil, !isJSON(answer, tape) { return "the folded answer is no JSON" }
        return areChunks(chunks, tape) ? nil : "an event is no JSON"
    }

    private static func areChunks(_ output: ByteBuffer, _ tape: JSONTape) -> Bool {
        for event in EventTarget.read([output])
        where event.data != ByteBuffer(string: "[DONE]") && !isJSON(event.data, tape) {
            return false
        }
        return true
    }

    private static func isJSON(_ bytes: ByteBuffer, _ tape: JSONTape) -> Bool {
        bytes.withUnsafeReadableBytes { (try? tape.parse($0)) != nil }
    }
}
