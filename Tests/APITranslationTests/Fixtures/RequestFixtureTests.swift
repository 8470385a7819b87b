import Foundation
import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Whole requests of each face and the native calls they become.
struct RequestFixtureTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures")

    private func translate(_ request: String, face: String) throws -> ChatCall {
        let (body, tape, catalog) = (ByteBuffer(string: request), JSONTape(), ModelCatalog())
        if face == "chat" || face == "apps" {
            return try ChatRequestTranslator(catalog: catalog).translate(body, tape: tape, strict: false, created: 1)
        }
        if face == "responses" {
            return try ResponsesRequestTranslator(catalog: catalog)
                .translate(body, tape: tape, strict: false, created: 1)
        }
        return try MessagesRequestTranslator(catalog: catalog).translate(body, tape: tape, strict: false, created: 1)
    }

    @Test(arguments: ["chat/full", "messages/full", "responses/full", "apps/full"])
    func theRequestBecomesTheCall(name: String) throws {
        let request = try String(
            contentsOf: Self.folder.appending(path: "\(name).request.json"),
            encoding: .utf8
        )
        let expected = try JSON(
            parsing: String(contentsOf: Self.folder.appending(path: "\(name).call.json"), encoding: .utf8)
        )
        let call = try translate(request, face: String(name.prefix { $0 != "/" }))
        #expect(try JSON(parsing: String(buffer: call.body)) == expected["body"])
        #expect(call.operation.rawValue == expected["operation"]?.text)
        #expect(JSON.bool(call.streamsUpstream) == expected["streams"])
        #expect(call.adjustments.texts.map { .string($0) } == expected["adjustments"]?.elements)
    }

    @Test(arguments: [
        "embeddings/full", "rerank/full", "images/full", "images/task", "images-edits/full", "transcription/full",
        "transcription/task",
        "videos/full", "videos/media",
    ])
    func aRequestWithoutStreamsAndItsAnswer(example: String) throws {
        func text(_ name: String) throws -> String {
            try String(contentsOf: Self.folder.appending(path: "\(example).\(name).json"), encoding: .utf8)
        }
        let catalog = ModelCatalog()
        let translator: any SplitTranslating =
            switch example.prefix(while: { $0 != "/" }) {
            case "rerank": RerankTranslator(catalog: catalog)
            case "transcription": TranscriptionTranslator(catalog: catalog)
            case "images": ImagesTranslator(catalog: catalog)
            case "images-edits": ImageEditsTranslator(catalog: catalog)
            case "videos": VideosTranslator(catalog: catalog)
            default: EmbeddingsTranslator(catalog: catalog)
            }
        let run = try SplitRun(text("request"), translator)
        let expected = try JSON(parsing: text("call"))
        #expect(run.bodies == [try #require(expected["body"])])
        #expect(run.request.calls[0].operation.rawValue == expected["operation"]?.text)
        #expect(JSON.bool(run.request.calls[0].streamsUpstream) == expected["streams"])
        #expect(run.request.adjustments.texts.map { .string($0) } == expected["adjustments"]?.elements)
        let document = try? text("document")
        #expect(try run.answer([text("native")], files: document.map { [$0] } ?? []) == text("reply"))
    }

    @Test func speechLeavesPieceByPiece() throws {
        func text(_ name: String) throws -> String {
            try String(contentsOf: Self.folder.appending(path: "speech/full.\(name)"), encoding: .utf8)
        }
        let run = try SpeechRun(text("request.json"))
        let expected = try JSON(parsing: text("call.json"))
        #expect(run.bodies == [try #require(expected["body"])])
        #expect(run.request.calls[0].operation.rawValue == expected["operation"]?.text)
        #expect(JSON.bool(run.request.calls[0].streamsUpstream) == expected["streams"])
        #expect(run.request.adjustments.texts.map { .string($0) } == expected["adjustments"]?.elements)
        let events = try text("native.sse").split(separator: "\n").filter { $0.hasPrefix("data:") }
            .map { String($0.dropFirst(5)) }
        #expect(String(buffer: try run.answer([events], inPieces: true)) == (try text("reply.sse")))
    }

    @Test(arguments: ["task", "realtime"])
    func speechOverWebSocketIsASession(name: String) throws {
        func text(_ kind: String) throws -> String {
            try String(contentsOf: Self.folder.appending(path: "speech/\(name).\(kind)"), encoding: .utf8)
        }
        let run = try SpeechRun(text("request.json"))
        let expected = try JSON(parsing: text("call.json"))
        #expect(run.bodies == [try #require(expected["body"])])
        let call = run.request.calls[0]
        #expect(call.operation.rawValue == expected["operation"]?.text)
        #expect(run.request.adjustments.texts.map { .string($0) } == expected["adjustments"]?.elements)
        let messages = SpeechMessages(call, task: "t-1")
        let sent = ([messages.opening] + messages.following).map { String(buffer: $0) + "\n" }.joined()
        #expect(sent == (try text("messages.jsonl")))
        let (part, reply) = (run.request.makePart(), run.request.makeReply())
        var output = ByteBuffer()
        var isReady = false
        for line in try text("native.jsonl").split(separator: "\n") {
            var audio = ByteBuffer()
            let step: SpeechPart.SessionStep
            if line.hasPrefix("\""), let data = Data(base64Encoded: String(line.dropFirst().dropLast())) {
                step = part.receive(audio: ByteBuffer(bytes: data), into: &audio)
            } else {
                step = ByteBuffer(substring: line).withUnsafeReadableBytes {
                    part.receive(event: $0, of: call.operation, tape: JSONTape(), into: &audio)
                }
            }
            if step == .ready { isReady = true }
            if case .outcome(.refused(let error)) = step { throw error }
            if audio.readableBytes > 0, let error = reply.write(audio, of: part, into: &output) { throw error }
        }
        #expect(isReady)
        var rest = ByteBuffer()
        #expect(part.finish(into: &rest) == nil)
        reply.add(part)
        reply.end(into: &output)
        #expect(String(buffer: output) == (try text("reply.sse")))
    }
}
