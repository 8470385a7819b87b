import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// What upstream says of a task, and the object that a caller sees.
struct VideoObjectTests {
    private func task(_ json: String) throws -> VideoTask {
        let tape = JSONTape()
        return try ByteBuffer(string: json).withUnsafeReadableBytes { bytes in
            try withExtendedLifetime(tape) { try #require(VideoTask(try tape.parse(bytes))) }
        }
    }

    private func task(status: String, _ more: String = "", usage: String = "") throws -> VideoTask {
        try task(
            #"{"request_id":"up-1","output":{"task_id":"t-1","task_status":"\#(status)","submit_time":"2026-09-29 14:18:52.331"\#(more)}\#(usage)}"#
        )
    }

    private func object(_ task: VideoTask?, facts: VideoFacts = VideoFacts()) -> VideoObject {
        var object = VideoObject(id: "video_t-1", facts: facts, created: 9)
        if let task { object.take(task, error: task.error) }
        return object
    }

    private func json(_ object: VideoObject, stored: Bool = false) throws -> JSON {
        var output = ByteBuffer()
        object.write(into: &output, stored: stored)
        return try JSON(parsing: String(buffer: output))
    }

    private static let ended = #","end_time":"2026-09-29 14:23:39.407""#
    private static let facts = VideoFacts(
        model: "wan2.6-t2v",
        prompt: ByteBuffer(string: #""a \"cat\"""#),
        size: "1280x720",
        seconds: "8",
        remixedFrom: "video_0"
    )

    @Test(arguments: [
        ("PENDING", "queued", 0), ("SUSPENDED", "queued", 0), ("RUNNING", "in_progress", 50),
        ("PRE-PROCESSING", "in_progress", 50), ("SOMETHING-NEW", "in_progress", 50),
    ])
    func stateOfATaskThatRuns(native: String, status: String, progress: Int) throws {
        let object = try json(object(task(status: native), facts: Self.facts))
        #expect(
            object
                == (try JSON(
                    parsing:
                        #"{"id":"video_t-1","object":"video","model":"wan2.6-t2v","status":"\#(status)","progress":\#(progress),"created_at":1790662732,"completed_at":null,"expires_at":null,"prompt":"a \"cat\"","size":"1280x720","seconds":"8","remixed_from_video_id":"video_0","error":null}"#
                ))
        )
    }

    @Test func aFinishedVideoHasItsLinkAndItsEnd() throws {
        let task = try task(
            status: "SUCCEEDED",
            Self.ended
                + #","orig_prompt":"a cat","actual_prompt":"A grey cat","video_url":"https://a.example/x.mp4?Signature=a%3D""#,
            usage: #","usage":{"duration":10.0,"output_video_duration":10.0,"SR":720,"ratio":"9:16","fps":30}"#
        )
        let object = try json(object(task))
        // Nobody knows the model, the rest is upstream's.
        #expect(
            object
                == (try JSON(
                    parsing:
                        #"{"id":"video_t-1","object":"video","model":null,"status":"completed","progress":100,"created_at":1790662732,"completed_at":1790663019,"expires_at":1790749419,"prompt":"a cat","size":"720x1280","seconds":"10","remixed_from_video_id":null,"error":null,"url":"https://a.example/x.mp4?Signature=a%3D","revised_prompt":"A grey cat","usage":{"duration":10.0,"output_video_duration":10.0,"SR":720,"ratio":"9:16","fps":30}}"#
                ))
        )
    }

    @Test(arguments: [
        #""video_url":"L""#, #""results":{"video_url":"L"}"#, #""results":[{"url":"L"}]"#, #""output_video_url":"L""#,
    ])
    func servicesNameTheLinkDifferently(member: String) throws {
        #expect(try object(task(status: "SUCCEEDED", Self.ended + "," + member)).link == "L")
    }

    @Test(arguments: [
        (#"{"duration":5,"size":"1280*720"}"#, "5", "1280x720"),
        (#"{"video_duration":5,"video_ratio":"standard","video_count":1}"#, "5", nil),
        (
            #"{"duration":9.5,"input_video_duration":4,"output_video_duration":5.5,"SR":"1080","ratio":"1:1"}"#, "5.5",
            "1440x1440"
        ),
        ("{}", nil, nil),
    ])
    func usageTellsLengthAndSize(usage: String, seconds: String?, size: String?) throws {
        let task = try task(status: "SUCCEEDED", Self.ended + #","video_url":"L""#, usage: #","usage":\#(usage)"#)
        let object = try json(object(task))
        #expect(object["seconds"] == (seconds.map { .string($0) } ?? .null))
        #expect(object["size"] == (size.map { .string($0) } ?? .null))
    }

    @Test func aFailureIsTold() throws {
        let task = try task(
            status: "FAILED",
            Self.ended + #","code":"DataInspectionFailed","message":"Output data may contain inappropriate content.""#
        )
        let object = try json(object(task, facts: Self.facts))
        #expect(object["status"] == .string("failed"))
        #expect(
            object["error"]
                == (try JSON(
                    parsing:
                        #"{"code":"content_filter","message":"Output data may contain inappropriate content.","upstream_code":"DataInspectionFailed"}"#
                ))
        )
        #expect(object["completed_at"] == .null)
    }

    @Test func aTaskWithoutAVideoHasFailed() throws {
        #expect(try json(object(task(status: "SUCCEEDED", Self.ended)))["status"] == .string("failed"))
        let canceled = try json(object(task(status: "CANCELED", Self.ended)))
        #expect(canceled["error"]?["code"] == .string("task_canceled"))
    }

    @Test func whatIsStoredIsReadAgain() throws {
        let done = try task(
            status: "SUCCEEDED",
            Self.ended + #","actual_prompt":"A grey cat","video_url":"https://a.example/x.mp4""#,
            usage: #","usage":{"duration":8,"size":"1280*720"}"#
        )
        let failed = try task(status: "FAILED", #","code":"InternalError.Timeout","message":"too long""#)
        for object in [object(nil, facts: Self.facts), object(done, facts: Self.facts), object(failed)] {
            var stored = ByteBuffer()
            object.write(into: &stored, stored: true)
            let read = try #require(VideoObject(stored, tape: JSONTape()))
            #expect(try json(read, stored: true) == json(object, stored: true))
            #expect(try newAPI(read) == newAPI(object))
        }
        #expect(VideoObject(VideoObject.deleted, tape: JSONTape()) == nil)
    }

    private func newAPI(_ object: VideoObject) throws -> JSON {
        var output = ByteBuffer()
        object.writeNewAPI(into: &output)
        return try JSON(parsing: String(buffer: output))
    }

    @Test func theFormOfNewAPI() throws {
        #expect(try newAPI(object(nil)) == (try JSON(parsing: #"{"task_id":"video_t-1","status":"queued"}"#)))
        let done = try task(
            status: "SUCCEEDED",
            Self.ended + #","video_url":"https://a.example/x.mp4""#,
            usage: #","usage":{"duration":8,"size":"1280*720","fps":24}"#
        )
        #expect(
            try newAPI(object(done))
                == (try JSON(
                    parsing:
                        #"{"task_id":"video_t-1","status":"completed","url":"https://a.example/x.mp4","format":"mp4","metadata":{"duration":8,"fps":24,"width":1280,"height":720}}"#
                ))
        )
        let failed = try task(status: "FAILED", #","code":"InternalError.Timeout","message":"too long""#)
        #expect(
            try newAPI(object(failed))
                == (try JSON(
                    parsing: #"{"task_id":"video_t-1","status":"failed","error":{"code":504,"message":"too long"}}"#
                ))
        )
    }

    @Test(arguments: [
        ("2026-09-29 14:18:52.331", 1_790_662_732), ("1970-01-01 08:00:00", 0), ("2026-02-30", nil),
        ("2026-09-29T14:18", nil), ("yesterday", nil), ("", nil),
    ])
    func timesAreThoseOfBeijing(text: String, seconds: Int?) {
        #expect(VideoTask.seconds(text) == seconds)
    }

    @Test(arguments: [
        ("video_0a6f-1", "0a6f-1"), ("video_", nil), ("0a6f-1", nil), ("video_../x", nil), ("video_a/b", nil),
        ("video_a b", nil),
    ])
    func anIDNamesATask(id: String, task: String?) {
        #expect(VideoObject.task(of: id) == task)
    }
}
