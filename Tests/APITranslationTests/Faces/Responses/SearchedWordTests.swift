@testable import APITranslation
import NIOCore
import Testing

struct SearchedWordTests {
    private func stands(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { SearchedWord("\"conversation\"").stands(in: UnsafeRawBufferPointer($0)) }
    }

    @Test func aWordIsFoundWhereverItStands() {
        for before in 0..<40 {
            let padding = String("\"conversation conversation\"co\"conv\"on".prefix(before))
            #expect(stands(padding + "\"conversation\""))
            #expect(stands(padding + "\"conversation\"" + padding))
        }
    }

    @Test(arguments: [
        "", "\"", "\"conversation", "conversation\"", "\"conversatiom\"", "\"conversation\\\"", "\"\"onversation\"",
        "nversation\"nversation\"nversation\"",
    ])
    func otherTextsAreNotTakenForIt(text: String) {
        #expect(!stands(text))
        #expect(!stands(text + String(repeating: "n", count: 14) + text))
    }

    @Test(arguments: [
        (#"{"model":"m","previous_response_id":"r"}"#, true), (#"{"conversation" : "c"}"#, true),
        (#"{"input":[{"type":"item_reference","id":"i"}]}"#, true), (#"{"input":"a conversation"}"#, false),
    ])
    func aBodyMayRefer(body: String, mayRefer: Bool) {
        #expect(ResponsesComposer.mayRefer(ByteBuffer(string: body)) == mayRefer)
    }
}
