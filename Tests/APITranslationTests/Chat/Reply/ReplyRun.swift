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
    static func stream(_ events: [String], _ context: any ReplyContext = ChatReplyContext.plain) -> ReplyRun {
        events.withReply(of: context, isStreamed: true)
    }

    /// Folds events into one answer.
    static func fold(_ events: [String], _ context: any ReplyContext = ChatReplyContext.plain) -> ReplyRun {
        events.withReply(of: context, isStreamed: false)
    }

    /// Translates a whole reply.
    static func whole(_ body: String, _ context: any ReplyContext = ChatReplyContext.plain) -> ReplyRun {
        whole(ByteBuffer(string: body), context)
    }

    static func whole(_ body: ByteBuffer, _ context: any ReplyContext = ChatReplyContext.plain) -> ReplyRun {
        var run = ReplyRun()
        let reply = context.makeReply(isStreamed: false)
        var output = ByteBuffer()
        let outcome = body.withUnsafeReadableBytes { reply.receive(whole: $0, tape: JSONTape(), into: &output) }
        if case .refused(let error) = outcome {
            run.error = error
        } else {
            run.error = reply.finish(into: &output)
        }
        run.text = String(buffer: output)
        run.facts = reply.facts
        return run
    }
}

extension [String] {
    fileprivate func withReply(of context: any ReplyContext, isStreamed: Bool) -> ReplyRun {
        var run = ReplyRun()
        let reply = context.makeReply(isStreamed: isStreamed)
        var output = ByteBuffer()
        let tape = JSONTape()
        for event in self {
            let outcome = ByteBuffer(string: event).withUnsafeReadableBytes {
                reply.receive($0, isError: false, status: nil, tape: tape, into: &output)
            }
            if case .refused(let error) = outcome {
                run.error = error
                break
            }
        }
        if run.error == nil { run.error = reply.finish(into: &output) }
        run.text = String(buffer: output)
        run.facts = reply.facts
        return run
    }
}

extension ChatReplyContext {
    static let plain = ChatReplyContext(model: "qwen-plus", created: 1_790_000_000)
    static let withUsage = ChatReplyContext(model: "qwen-plus", created: 1_790_000_000, includesUsage: true)
}
