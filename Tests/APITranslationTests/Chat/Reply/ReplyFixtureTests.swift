import APITranslation
import NIOCore
import Testing

struct ReplyFixtureTests {
    @Test func theFullStreamIsWrittenAsItsFixtureSays() throws {
        let context = ChatReplyContext.withUsage
        let native = try Fixture.text("chat/full.native.sse")
        #expect(
            try MessageLawTests.stream([ByteBuffer(string: native)], context) == Fixture.text("chat/full.reply.sse")
        )
        let events = native.split(separator: "\n").filter { $0.hasPrefix("data:") }.map { String($0.dropFirst(5)) }
        #expect(try ReplyRun.fold(events, context).json == JSON(parsing: Fixture.text("chat/full.reply.json")))
    }
}
