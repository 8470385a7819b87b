import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct TaskReplyTests {
    private func read(_ text: String) throws -> TaskReply? {
        let tape = JSONTape()
        return try ByteBuffer(string: text).withUnsafeReadableBytes { TaskReply(try tape.parse($0)) }
    }

    private func reply(_ status: String, _ more: String = "") throws -> TaskReply? {
        try read(#"{"request_id":"r","output":{"task_id":"0a6f-1","task_status":"\#(status)"\#(more)}}"#)
    }

    @Test(arguments: [
        ("PENDING", TaskReply.Status.pending), ("SUSPENDED", .pending), ("RUNNING", .running),
        ("POST-PROCESSING", .running), ("A-NEW-WORD", .running), ("SUCCEEDED", .succeeded), ("FAILED", .failed),
        ("CANCELED", .canceled), ("UNKNOWN", .unknown),
    ])
    func theWordsOfStatus(word: String, status: TaskReply.Status) throws {
        let reply = try #require(try reply(word))
        #expect(reply.status == status)
        #expect(reply.id == "0a6f-1")
    }

    @Test(arguments: [
        "{}", #"{"output":{}}"#, #"{"output":{"task_id":"a","task_status":null}}"#,
        #"{"output":{"task_id":"../../x","task_status":"PENDING"}}"#,
        #"{"output":{"task_id":"","task_status":"PENDING"}}"#,
        #"{"code":"InvalidParameter","message":"no"}"#,
    ])
    func whatTellsOfNoTask(text: String) throws { #expect(try read(text) == nil) }

    @Test func aFailureHasTheTasksOwnCode() throws {
        let error = try #require(
            try reply("FAILED", #","code":"InvalidParameter","message":"The size is not match""#)?.error
        )
        #expect(error.status == 400)
        #expect(error.upstreamCode == "InvalidParameter")
        #expect(error.message == "The size is not match")
        #expect(error.requestID == "r")
        #expect(try reply("FAILED", #","code":"InternalError.Timeout","message":"m""#)?.error?.status == 504)
    }

    @Test func theOtherEnds() throws {
        let unknown = try #require(try reply("UNKNOWN")?.error)
        #expect(unknown.status == 404)
        #expect(unknown.message.contains("it has expired"))
        #expect(unknown.message.contains("another account's"))
        #expect(try reply("CANCELED")?.error?.code == "task_canceled")
        for word in ["PENDING", "RUNNING", "SUCCEEDED"] { #expect(try reply(word)?.error == nil) }
    }
}
