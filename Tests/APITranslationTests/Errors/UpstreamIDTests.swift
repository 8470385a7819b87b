import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct UpstreamIDTests {
    @Test(
        arguments: [
            ("4f7b-1", "4f7b-1"), (String(repeating: "a", count: 128), String(repeating: "a", count: 128)),
            (String(repeating: "a", count: 100_000), String(repeating: "a", count: 128)), ("a b\r\nc\u{1b}d", "abcd"),
            ("你好", nil), ("", nil),
        ] as [(String, String?)]
    )
    func onlyVisibleCharactersGoOut(id: String, shown: String?) {
        #expect(UpstreamID.visible(id) == shown)
    }

    @Test func errorsCarryABoundedID() {
        let id = String(repeating: "i", count: 5000)
        let error = ErrorTable.map(status: 400, code: "InvalidParameter", message: "m", requestID: id)
        #expect(error.requestID?.utf8.count == 128)
    }

    @Test(arguments: [true, false])
    func answersCarryABoundedID(isPlain: Bool) throws {
        let id = String(repeating: "i", count: 5000)
        let more = isPlain ? "" : #""brand_new":1,"#
        let reply =
            #"{\#(more)"request_id":"\#(id)","output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"hi"}}]},"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}"#
        let body = try ReplyRun.whole(reply, ChatReplyContext(model: "m", created: 1)).json
        #expect(body["id"]?.text == "chatcmpl-" + String(repeating: "i", count: 128))
    }
}
