import Testing

@testable import APITranslation

struct AdjustmentListTests {
    @Test func oneKindIsOneEntryWithItsCount() throws {
        let message = #"{"role":"developer","content":"d","name":"n"}"#
        let run = try RequestRun(
            RequestRun.messages(Array(repeating: message, count: 100).joined(separator: ","))
        )
        #expect(
            run.call.adjustments.headerValue
                == "messages[*].role;from=developer;to=system;reason=the model knows no developer role;count=100, "
                + "messages[*].name;from=string;to=none;reason=upstream knows names of tools only;count=100"
        )
    }

    @Test func fiftyPicturesWithDetailAreOneEntry() throws {
        let part = #"{"type":"image_url","image_url":{"url":"https://e.com/a.png","detail":"high"}}"#
        let run = try RequestRun(
            RequestRun.messages(
                #"{"role":"user","content":[\#(Array(repeating: part, count: 50).joined(separator: ","))]}"#,
                model: "qwen-vl-plus"
            )
        )
        #expect(run.adjustments.count == 1)
        #expect(run.adjustments.first?.hasPrefix("messages[*].content[*].image_url.detail;from=high;") == true)
        #expect(run.adjustments.first?.hasSuffix(";count=50") == true)
    }

    @Test func theWholeListIsBounded() {
        var list = AdjustmentList()
        for index in 0..<5000 { list.add("name\(index)", from: "a", to: "b", reason: "r") }
        #expect(list.headerValue.utf8.count <= AdjustmentList.longestText)
        let texts = list.texts
        #expect(texts.last == "more=\(5000 - (texts.count - 1))")
        #expect(texts.count > 10)
    }

    @Test func aFewRepairsAreAllThere() {
        var list = AdjustmentList()
        list.add("a", from: "1", to: "2", reason: "r")
        list.add("b[*]", at: "b[7]", from: "1", to: "2", reason: "r")
        #expect(list.headerValue == "a;from=1;to=2;reason=r, b[*];from=1;to=2;reason=r")
    }

    @Test func strictModeNamesTheExactPathOfTheFirst() {
        let error = #expect(throws: APIError.self) {
            _ = try RequestRun(
                RequestRun.messages(
                    #"{"role":"user","content":"x"},{"role":"user","content":"x","name":"a"},{"role":"user","content":"x","name":"a"}"#
                ),
                strict: true
            )
        }
        #expect(error?.param == "messages[1].name")
        #expect(error?.message.contains("messages[1].name;from=string;to=none") == true)
    }

    @Test func aLongTextIsNeverPartOfAReport() throws {
        let run = try RequestRun(RequestRun.with(#""verbosity":"a secret sentence","service_tier":"flex""#))
        #expect(
            run.adjustments == [
                "service_tier;from=flex;to=none;reason=no counterpart upstream",
                "verbosity;from=string;to=none;reason=no counterpart upstream",
            ]
        )
    }
}
