import Foundation
import JSONBytes
import NIOCore
import Testing
import WireFormats

@testable import APITranslation

struct SpeechReplyTests {
    private func run(
        _ members: String = "",
        model: String = "qwen3-tts-flash",
        input: String = "Hello"
    ) throws -> SpeechRun {
        try SpeechRun(#"{"model":"\#(model)","input":"\#(input)"\#(members.isEmpty ? "" : "," + members)}"#)
    }

    private func event(_ bytes: [UInt8], finish: String = "null", usage: String? = nil, url: String? = nil) -> String {
        let data = Data(bytes).base64EncodedString()
        let link = url.map { #","url":"\#($0)""# } ?? ""
        let usage = usage.map { #","usage":\#($0)"# } ?? ""
        let output = #"{"audio":{"data":"\#(data)"\#(link)},"finish_reason":"\#(finish)"}"#
        return #"{"output":\#(output)\#(usage),"request_id":"r-1"}"#
    }

    private func header(_ samples: Int?, rate: UInt32 = 24_000) -> [UInt8] {
        var header = ByteBuffer()
        WaveFormat(rate: rate).writeHeader(samples: samples, into: &header)
        return Array(header.readableBytesView)
    }

    private let last = #"{"output":{"audio":{"data":""},"finish_reason":"stop"},"usage":{"characters":5}}"#

    @Test func wavFilesOfSeveralCallsAreOne() throws {
        let text = String(repeating: "This is a sentence. ", count: 60)
        let run = try run(input: text)
        #expect(run.bodies.count == 2 || run.bodies.count == 3)
        // One stream has a header, the other none.
        let streams = run.bodies.indices.map { index -> [String] in
            [event((index == 0 ? header(nil) : []) + [UInt8(index), 1, 2, 3]), last]
        }
        let file = try run.answer(streams)
        let samples = run.bodies.indices.flatMap { index -> [UInt8] in [UInt8(index), 1, 2, 3] }
        #expect(Array(file.readableBytesView) == header(samples.count) + samples)
    }

    @Test func samplesHaveNoHeader() throws {
        let bytes = try run(#""response_format":"pcm""#).answer([[event(header(nil) + [1, 2]), event([3, 4]), last]])
        #expect(Array(bytes.readableBytesView) == [1, 2, 3, 4])
    }

    @Test func anOddPartIsFilledUp() throws {
        let run = try run(#""response_format":"pcm""#, input: String(repeating: "This is a sentence. ", count: 40))
        let bytes = try run.answer([[event([1, 2, 3]), last], [event([4, 5]), last]])
        #expect(Array(bytes.readableBytesView) == [1, 2, 3, 0, 4, 5])
    }

    @Test func samplesOfAnotherRateAreNoAnswer() throws {
        let run = try run(#""response_format":"pcm""#)
        #expect(throws: APIError.self) { try run.answer([[event(header(nil, rate: 22_050) + [1, 2]), last]]) }
        let own = try self.run(#""response_format":"pcm","sample_rate":16000"#, model: "cosyvoice-v3-flash")
        #expect(try own.answer([[event(header(nil, rate: 16_000) + [1, 2]), last]]).readableBytes == 2)
    }

    @Test func otherFormatsAreJoinedAsTheyAre() throws {
        let bytes = try run(#""response_format":"mp3""#, model: "cosyvoice-v3-flash").answer([
            [event([0xFF, 0xF3]), event([0x80]), last]
        ])
        #expect(Array(bytes.readableBytesView) == [0xFF, 0xF3, 0x80])
    }

    @Test func eventsHoldPiecesAndEndWithUsage() throws {
        let run = try run(#""stream_format":"sse","response_format":"mp3""#, model: "cosyvoice-v3-flash")
        let text = String(buffer: try run.answer([[event([1, 2, 3]), last]]))
        #expect(
            text == """
                event: speech.audio.delta
                data: {"type":"speech.audio.delta","audio":"AQID"}

                event: speech.audio.done
                data: {"type":"speech.audio.done","usage":{"input_tokens":0,"output_tokens":0,"total_tokens":0,"characters":5}}


                """
        )
    }

    @Test func usageOfAllCallsIsSummed() throws {
        let long = String(repeating: "This is a sentence. ", count: 30)
        let run = try run(#""stream_format":"sse""#, model: "qwen-tts", input: long)
        #expect(run.bodies.count == 2)
        let end =
            #"{"output":{"audio":{"data":""},"finish_reason":"stop"},"usage":{"input_tokens":3,"output_tokens":50,"total_tokens":53,"characters":0}}"#
        let text = String(buffer: try run.answer([[event([1, 2]), end], [event([3, 4]), end]]))
        #expect(
            text.contains(#""usage":{"input_tokens":6,"output_tokens":100,"total_tokens":106,"characters":0}"#)
        )
    }

    @Test func aStreamThatEndsEarlyIsNoAnswer() throws {
        let run = try run()
        #expect(throws: ErrorTable.incomplete(requestID: "r-1")) { try run.answer([[event([1, 2])]]) }
        #expect(throws: APIError.self) { try run.answer([[last]]) }
    }

    @Test func aRefusalKeepsItsReason() throws {
        let run = try run()
        let error = #expect(throws: APIError.self) {
            try run.answer([[#"{"code":"InvalidParameter","message":"The requested voice 'x' is not supported."}"#]])
        }
        #expect(error?.status == 400)
        #expect(error?.param == "voice")
    }

    @Test func dataThatIsNoBase64IsNoAnswer() throws {
        let run = try run()
        #expect(throws: APIError.self) {
            try run.answer([[#"{"output":{"audio":{"data":"*"},"finish_reason":"null"}}"#]])
        }
    }

    @Test func slashesMayBeEscaped() throws {
        let run = try run(#""response_format":"pcm""#)
        let bytes = try run.answer([
            [#"{"output":{"audio":{"data":"\/\/\/\/"},"finish_reason":"null"}}"#, last]
        ])
        #expect(bytes.readableBytes == 4)
    }

    @Test func theFileBehindALinkIsFetchedWhereThereIsNoAudio() throws {
        let part = try run(#""response_format":"wav""#).request.makePart()
        var output = ByteBuffer()
        let text = event([], finish: "stop", usage: #"{"characters":5}"#, url: "http://a.example/1.wav")
        let outcome = ByteBuffer(string: text).withUnsafeReadableBytes {
            part.receive(whole: $0, tape: JSONTape(), into: &output)
        }
        #expect(outcome == .complete)
        #expect(part.links == ["http://a.example/1.wav"])
        part.take(ByteBuffer(bytes: header(2, rate: 22_050) + [7, 8] + Array("LIST".utf8)), ofLink: 0)
        #expect(part.finish(into: &output) == nil)
        #expect(Array(output.readableBytesView) == [7, 8])
        #expect(part.samples.rate == 22_050)
    }
}
