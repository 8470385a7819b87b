import Testing

@testable import APITranslation

/// Documents that are uploaded files.
struct MessagesFileTests {
    private static let document = #"{"type":"document","source":{"type":"file","file_id":"file-fe-1"}}"#

    private func run(_ content: String, model: String = "qwen-long") throws -> MessagesRun {
        try MessagesRun(MessagesRun.messages(#"{"role":"user","content":[\#(content)]}"#, model: model))
    }

    @Test func filesAreNamedBeforeTheQuestion() throws {
        let second = #"{"type":"document","source":{"type":"file","file_id":"file-fe-2"}}"#
        let run = try run(#"\#(Self.document),{"type":"text","text":"What is it?"},\#(second)"#)
        #expect(run.messages.count == 2)
        #expect(run.messages[0]["role"] == .string("system"))
        #expect(run.messages[0]["content"] == .string("fileid://file-fe-1,fileid://file-fe-2"))
        #expect(run.messages[1]["content"] == .string("What is it?"))
        #expect(run.adjustments.isEmpty)
    }

    @Test func theTitleOfAFileStays() throws {
        let titled = #"{"type":"document","title":"Report","source":{"type":"file","file_id":"file-fe-1"}}"#
        let run = try run(#"\#(titled),{"type":"text","text":"What is it?"}"#)
        #expect(run.messages[1]["content"] == .string("Report\n\nWhat is it?"))
    }

    @Test func otherModelsNameThePlace() throws {
        let request = MessagesRun.messages(
            #"{"role":"user","content":[\#(Self.document),{"type":"text","text":"x"}]}"#
        )
        let error = try #require(MessagesRun.refusal(request))
        #expect(error.status == 400)
        #expect(error.param == "messages.0.content.0.source.file_id")
        #expect(error.message.contains("qwen-long"))
    }

    @Test func aFileNeedsAnID() throws {
        let request = MessagesRun.messages(
            #"{"role":"user","content":[{"type":"document","source":{"type":"file"}},{"type":"text","text":"x"}]}"#,
            model: "qwen-long"
        )
        #expect(MessagesRun.refusal(request)?.param == "messages.0.content.0.source.file_id")
    }
}
