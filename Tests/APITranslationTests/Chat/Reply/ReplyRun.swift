import APITranslation
import Foundation
import JSONBytes
import NIOCore

/// What came of a native stream or reply.
struct ReplyRun {
    var text = ""
    var error: APIError?
    var facts = ReplyFacts()

    /// The chunks of a stream, without `[DONE]`.
    var chunks: [JSON] {
        get throws {
            try lines.filter { $0 != "[DONE]" }.map { try JSON(parsing: $0) }
        }
    }

    /// The data of each event; every event is one line.
    var lines: [String] {
        text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { String($0.dropFirst("data: ".count)) }
    }

    var deltas: [JSON] {
        get throws { try chunks.compactMap { $0["choices"]?[0]?["delta"] } }
    }

    var json: JSON {
        get throws { try JSON(parsing: text) }
    }

    var contentText: String {
        get throws { try deltas.compactMap { $0["content"]?.text }.joined() }
    }

    /// Streams events to a client.
    static func stream(_ events: [String], _ context: ChatReplyContext = .plain) -> ReplyRun {
        var run = ReplyRun()
        var translator = ChatStreamTranslator(context: context)
        var output = ByteBuffer()
        let tape = JSONTape()
        for event in events {
            let outcome = ByteBuffer(string: event).withUnsafeReadableBytes {
                translator.receive($0, isError: false, status: nil, tape: tape, into: &output)
            }
            if case .refused(let error) = outcome {
                run.error = error
                break
            }
        }
        if run.error == nil { run.error = translator.finish(into: &output) }
        run.text = String(buffer: output)
        run.facts = translator.facts
        return run
    }

    /// Folds events into one completion.
    static func fold(_ events: [String], _ context: ChatReplyContext = .plain) -> ReplyRun {
        var run = ReplyRun()
        var folder = ChatStreamFolder(context: context)
        var output = ByteBuffer()
        let tape = JSONTape()
        for event in events {
            let outcome = ByteBuffer(string: event).withUnsafeReadableBytes {
                folder.receive($0, isError: false, status: nil, tape: tape)
            }
            if case .refused(let error) = outcome {
                run.error = error
                return run
            }
        }
        run.error = folder.finish(into: &output)
        run.text = String(buffer: output)
        run.facts = folder.facts
        return run
    }

    /// Translates a whole reply.
    static func whole(_ body: String, _ context: ChatReplyContext = .plain) -> ReplyRun {
        var run = ReplyRun()
        var output = ByteBuffer()
        let result = ByteBuffer(string: body).withUnsafeReadableBytes {
            ChatReplyTranslator.translate($0, context: context, tape: JSONTape(), into: &output)
        }
        switch result {
        case .success(let facts): run.facts = facts
        case .failure(let error): run.error = error
        }
        run.text = String(buffer: output)
        return run
    }
}

extension ChatReplyContext {
    static let plain = ChatReplyContext(model: "qwen-plus", created: 1_790_000_000)
    static let withUsage = ChatReplyContext(model: "qwen-plus", created: 1_790_000_000, includesUsage: true)
}

/// Fixtures of the native side, `Tests/Fixtures/dashscope/chat`.
enum ReplyFixture {
    static func text(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/dashscope/chat")
        return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// The data lines of an event stream.
    static func events(_ name: String) throws -> [String] {
        try text(name).split(separator: "\n").filter { $0.hasPrefix("data:") }.map { String($0.dropFirst(5)) }
    }
}
