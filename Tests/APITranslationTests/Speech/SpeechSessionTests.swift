import Foundation
import JSONBytes
import NIOCore
import Testing
import WireFormats

@testable import APITranslation

/// Models that speak over WebSocket: what a session is told, and what its answers mean.
struct SpeechSessionTests {
    private func run(_ members: String = "", model: String, input: String = "Hello there") throws -> SpeechRun {
        try SpeechRun(#"{"model":"\#(model)","input":"\#(input)"\#(members.isEmpty ? "" : "," + members)}"#)
    }

    private func messages(_ call: NativeCall) -> [String] {
        let messages = SpeechMessages(call, task: "t-1")
        return ([messages.opening] + messages.following).map { String(buffer: $0) }
    }

    // MARK: - Requests

    @Test func aTaskIsOpenedWithItsOrderAndItsTextsFollow() throws {
        let run = try run(
            #""voice":"echo","speed":1.5,"volume":40,"pitch":1.2,"response_format":"wav","sample_rate":8000,"new":1"#,
            model: "cosyvoice-v1"
        )
        #expect(run.request.calls.map(\.operation) == [.speechTask])
        #expect(
            messages(run.request.calls[0]) == [
                #"{"header":{"action":"run-task","task_id":"t-1","streaming":"duplex"},"payload":{"task_group":"audio","task":"tts","function":"SpeechSynthesizer","model":"cosyvoice-v1","parameters":{"voice":"longcheng","format":"wav","rate":1.5,"text_type":"PlainText","sample_rate":8000,"volume":40,"pitch":1.2,"new":1},"input":{}}}"#,
                #"{"header":{"action":"continue-task","task_id":"t-1","streaming":"duplex"},"payload":{"input":{"text":"Hello there"}}}"#,
                #"{"header":{"action":"finish-task","task_id":"t-1","streaming":"duplex"},"payload":{"input":{}}}"#,
            ]
        )
    }

    @Test func sambertIsToldItsTextAtOnce() throws {
        let run = try run(#""voice":"alloy","instructions":"softly""#, model: "sambert-zhichu-v1")
        #expect(
            messages(run.request.calls[0]) == [
                #"{"header":{"action":"run-task","task_id":"t-1","streaming":"out"},"payload":{"task_group":"audio","task":"tts","function":"SpeechSynthesizer","model":"sambert-zhichu-v1","parameters":{"format":"mp3","text_type":"PlainText"},"input":{"text":"Hello there"}}}"#
            ]
        )
        #expect(run.request.adjustments.entries.map(\.name) == ["voice", "instructions"])
    }

    @Test func eventsAreTheSettingsAndTheTexts() throws {
        let run = try run(
            #""voice":"Cherry","speed":1.5,"pitch":0.9,"instructions":"softly","response_format":"wav","sample_rate":16000,"mode":"commit""#,
            model: "qwen3-tts-instruct-flash-realtime"
        )
        #expect(run.request.calls.map(\.operation) == [.speechRealtime])
        #expect(
            messages(run.request.calls[0]) == [
                #"{"type":"session.update","session":{"voice":"Cherry","response_format":"pcm","speech_rate":1.5,"instructions":"softly","mode":"server_commit","sample_rate":16000,"pitch_rate":0.9}}"#,
                #"{"type":"input_text_buffer.append","text":"Hello there"}"#, #"{"type":"session.finish"}"#,
            ]
        )
        #expect(run.request.adjustments.entries.map(\.name) == ["mode"])
    }

    @Test func aModelWithOneRateIsToldNone() throws {
        let run = try run(#""response_format":"wav","sample_rate":8000,"speed":2"#, model: "qwen-tts-realtime")
        #expect(
            messages(run.request.calls[0])[0]
                == #"{"type":"session.update","session":{"voice":"Cherry","response_format":"pcm","mode":"server_commit"}}"#
        )
        #expect(run.request.makePart().samples == WaveFormat(rate: 24_000))
    }

    @Test func aLongTextIsOneSessionOfSeveralTexts() throws {
        let text = String(repeating: "This is a sentence. ", count: 100)
        let run = try run(model: "qwen3-tts-flash-realtime", input: text)
        #expect(run.request.calls.count == 1)
        let texts = try run.request.calls[0].texts.map { try JSON(parsing: String(buffer: $0)).text ?? "" }
        #expect(texts.count == 4)
        // A blank that divides two sentences still does.
        #expect(texts.joined() == text.trimmingCharacters(in: .whitespaces))
        #expect(texts.allSatisfy { $0.count <= 600 })
    }

    @Test func aVeryLongTextIsSeveralSessions() throws {
        let text = String(repeating: "This is a sentence. ", count: 600)
        let run = try run(model: "qwen3-tts-flash-realtime", input: text)
        #expect(run.request.calls.map(\.texts.count) == [10, 10])
        let sambert = try self.run(model: "sambert-zhichu-v1", input: text)
        #expect(sambert.request.calls.count == 2)
        #expect(sambert.request.calls.allSatisfy { $0.texts.isEmpty })
    }

    @Test func markupIsNotDivided() throws {
        let text = String(repeating: "This is a sentence. ", count: 600)
        let request = #"{"model":"sambert-zhichu-v1","input":"\#(text)","text_type":"SSML"}"#
        #expect(SpeechRun.refusal(request)?.param == "input")
        let short = try run(#""text_type":"SSML""#, model: "sambert-zhichu-v1")
        #expect(messages(short.request.calls[0])[0].contains(#""text_type":"SSML""#))
        #expect(!messages(short.request.calls[0])[0].contains("PlainText"))
    }

    @Test(arguments: [
        ("sambert-new-v1", DashScopeOperation.speechTask), ("qwen9-tts-realtime", .speechRealtime),
        ("qwen3-tts-flash-realtime-2025-11-27", .speechRealtime), ("cosyvoice-v1-2024-01-01", .speechTask),
        ("cosyvoice-v3-flash", .speechSynthesis),
    ])
    func interfacesOfNames(model: String, operation: DashScopeOperation) throws {
        #expect(try run(model: model).request.calls[0].operation == operation)
    }

    // MARK: - Answers

    private final class Session {
        let part: SpeechPart
        let operation: DashScopeOperation
        var audio = ByteBuffer()

        init(_ run: SpeechRun) {
            part = run.request.makePart()
            operation = run.request.calls[0].operation
        }

        func take(_ event: String) -> SpeechPart.SessionStep {
            ByteBuffer(string: event).withUnsafeReadableBytes {
                part.receive(event: $0, of: operation, tape: JSONTape(), into: &audio)
            }
        }

        func take(_ bytes: [UInt8]) -> SpeechPart.SessionStep {
            part.receive(audio: ByteBuffer(bytes: bytes), into: &audio)
        }

        func finish() -> APIError? { part.finish(into: &audio) }
        var bytes: [UInt8] { Array(audio.readableBytesView) }
    }

    private func event(_ name: String, _ payload: String = "{}", header: String = "") -> String {
        #"{"header":{"task_id":"t-1","event":"\#(name)","attributes":{}\#(header)},"payload":\#(payload)}"#
    }

    @Test func aTaskFromItsBeginningToItsEnd() throws {
        let session = Session(try run(#""response_format":"pcm""#, model: "cosyvoice-v1"))
        #expect(session.take(event("task-started")) == .ready)
        #expect(
            session.take(event("result-generated", #"{"output":{"sentence":{"words":[]}}}"#)) == .outcome(.progress)
        )
        #expect(session.take([1, 2, 3]) == .outcome(.progress))
        #expect(session.take(event("not-yet-known")) == .none)
        #expect(session.take([4]) == .outcome(.progress))
        let end = event("task-finished", #"{"output":{"sentence":{"words":[]}},"usage":{"characters":11}}"#)
        #expect(session.take(end) == .outcome(.complete))
        #expect(session.finish() == nil)
        #expect(session.bytes == [1, 2, 3, 4])
        #expect(session.part.facts.usage?.characters == 11)
    }

    @Test func anEndWithoutAudioOrBeforeTheEndIsNoAnswer() throws {
        let empty = Session(try run(model: "cosyvoice-v1"))
        #expect(empty.take(event("task-finished")) == .outcome(.complete))
        #expect(empty.finish()?.status == 502)
        let early = Session(try run(model: "cosyvoice-v1"))
        _ = early.take([1, 2])
        #expect(early.finish()?.code == "upstream_incomplete")
    }

    @Test(arguments: [
        ("InvalidParameter", "[tts:]Engine return error code: 418", 400, "voice"),
        ("Throttling.RateQuota", "Requests rate limit exceeded", 429, nil), ("InternalError", "x", 500, nil),
        ("ModelNotFound", "Model can not be found.", 404, "model"), ("DataInspectionFailed", "x", 400, nil),
    ])
    func failuresOfTasksGoThroughTheTable(code: String, message: String, status: Int, param: String?) throws {
        let session = Session(try run(model: "cosyvoice-v1"))
        let step = session.take(
            event("task-failed", header: #","error_code":"\#(code)","error_message":"\#(message)""#)
        )
        guard case .outcome(.refused(let error)) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(error.status == status)
        #expect(error.param == param)
        #expect(error.upstreamCode == code)
        #expect(error.requestID == "t-1")
    }

    @Test func responsesOfEventsAreOneAnswer() throws {
        let session = Session(try run(#""response_format":"pcm""#, model: "qwen3-tts-flash-realtime"))
        #expect(session.take(#"{"type":"session.created","session":{"id":"sess_1"}}"#) == .none)
        #expect(session.take(#"{"type":"session.updated","session":{}}"#) == .ready)
        for piece in [[1, 2, 3, 4], [5, 6]] as [[UInt8]] {
            #expect(session.take(#"{"type":"response.created","response":{}}"#) == .none)
            let delta = Data(piece).base64EncodedString()
            #expect(session.take(#"{"type":"response.audio.delta","delta":"\#(delta)"}"#) == .outcome(.progress))
            let done = #"{"type":"response.done","response":{"status":"completed","usage":{"characters":4}}}"#
            #expect(session.take(done) == .outcome(.progress))
        }
        #expect(session.take(#"{"type":"session.finished"}"#) == .outcome(.complete))
        #expect(session.finish() == nil)
        #expect(session.bytes == [1, 2, 3, 4, 5, 6])
        #expect(session.part.facts.usage?.characters == 8)
        #expect(session.part.facts.requestID == "sess_1")
    }

    @Test(arguments: [
        (
            #"{"type":"error","error":{"type":"invalid_request_error","code":"invalid_value","message":"The requested voice 'x' is not supported."}}"#,
            400
        ),
        (#"{"type":"error","error":{"type":"server_error","code":"internal_error","message":"x"}}"#, 500),
        (#"{"type":"error","error":{"type":"server_error","code":"Throttling.RateQuota","message":"x"}}"#, 429),
        (#"{"type":"error"}"#, 500),
        (#"{"type":"response.done","response":{"status":"incomplete"}}"#, 502),
        (
            #"{"type":"response.done","response":{"status":"failed","status_details":{"error":{"type":"invalid_request_error","code":"x_y","message":"m"}}}}"#,
            400
        ),
        (#"{"type":"response.audio.delta","delta":"%"}"#, 502), ("not JSON", 502), ("[]", 502),
    ])
    func failuresOfEvents(event: String, status: Int) throws {
        let session = Session(try run(model: "qwen3-tts-flash-realtime"))
        guard case .outcome(.refused(let error)) = session.take(event) else {
            Issue.record("no refusal: \(event)")
            return
        }
        #expect(error.status == status, "\(error)")
    }

    @Test func aCloseMaySayWhy() throws {
        let part = try run(model: "qwen3-tts-flash-realtime").request.makePart()
        #expect(part.refusal(closeCode: 1007, reason: "The requested voice 'x' is not supported.")?.status == 400)
        #expect(part.refusal(closeCode: 1011, reason: "x")?.status == 500)
        #expect(part.refusal(closeCode: 1011, reason: "") == nil)
        #expect(part.refusal(closeCode: 1000, reason: "bye") == nil)
        #expect(part.refusal(closeCode: nil, reason: "cut") == nil)
    }
}
