import APITranslation
import JSONBytes
import NIOCore
import Testing

struct ReplyLawTests {
    private func context(_ reply: NativeReply, includesUsage: Bool) -> ChatReplyContext {
        ChatReplyContext(
            model: "qwen-plus",
            created: 1_790_000_000,
            choices: reply.choices.count,
            includesUsage: includesUsage,
            isCumulative: reply.isCumulative
        )
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func foldingTheTranslatedStreamEqualsTranslatingTheFoldedReply(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let reply = NativeReply(using: &random)
        let body = reply.body(using: &random)
        let events = reply.events(using: &random)
        let includesUsage = random.chance(50)
        let context = context(reply, includesUsage: includesUsage)

        let whole = ReplyRun.whole(body, context)
        let stream = ReplyRun.stream(events, context)
        let folded = ReplyRun.fold(events, context)
        #expect(whole.error == nil && stream.error == nil && folded.error == nil)

        var expected = try whole.json
        #expect(try folded.json == expected, "folded events differ")
        #expect(folded.facts == whole.facts)
        #expect(stream.facts == whole.facts)
        if !includesUsage { expected["usage"] = nil }
        #expect(try ChunkAccumulator.completion(of: stream, includesUsage: includesUsage) == expected)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func brokenLinesGiveTheSameAnswer(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let reply = NativeReply(using: &random)
        let context = context(reply, includesUsage: true)
        let events = reply.events(using: &random)
        var pieces: [String] = []
        for event in events {
            let cut = Int.random(in: 1..<event.unicodeScalars.count, using: &random)
            let scalars = event.unicodeScalars
            pieces.append(String(scalars.prefix(cut)))
            pieces.append(String(scalars.dropFirst(cut)))
        }
        let broken = ReplyRun.stream(pieces, context)
        #expect(broken.error == nil)
        #expect(broken.text == ReplyRun.stream(events, context).text)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func damagedEventsNeverCrash(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let reply = NativeReply(using: &random)
        let context = context(reply, includesUsage: true)
        var events = reply.events(using: &random)
        for index in events.indices {
            var bytes = Array(events[index].utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                bytes[position] = random.chance(50) ? UInt8.random(in: 0...255, using: &random) : 0x22
            }
            events[index] = String(decoding: bytes, as: UTF8.self)
        }
        _ = ReplyRun.stream(events, context)
        _ = ReplyRun.fold(events, context)
        for event in events { _ = ReplyRun.whole(event, context) }
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func arbitraryValuesInTheUsualPlacesNeverCrash(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let events = (0..<6).map { _ in Self.object(depth: 5, using: &random) }
        for context in [
            ChatReplyContext.plain, ChatReplyContext(model: "m", created: 1, choices: 3, isCumulative: true),
        ] {
            let stream = ReplyRun.stream(events, context)
            _ = try stream.chunks
            let folded = ReplyRun.fold(events, context)
            if folded.error == nil { _ = try folded.json }
            for event in events {
                let whole = ReplyRun.whole(event, context)
                if whole.error == nil { _ = try whole.json }
            }
        }
    }

    private static let names = [
        "output", "choices", "message", "content", "text", "finish_reason", "index", "tool_calls", "function", "id",
        "name", "arguments", "reasoning_content", "usage", "input_tokens", "search_info", "search_results", "logprobs",
        "top_logprobs", "request_id", "audio", "data", "phase", "extra", "deep_research", "annotations", "odd",
    ]

    private static func object(depth: Int, using random: inout SeededGenerator) -> String {
        var members = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            "\"\(names.randomElement(using: &random) ?? "")\":\(value(depth: depth - 1, using: &random))"
        }
        if depth == 5 { members.append("\"output\":{\"choices\":[\(object(depth: 4, using: &random))]}") }
        if depth == 4 { members.append("\"message\":\(object(depth: 3, using: &random)),\"finish_reason\":\"stop\"") }
        return "{\(members.joined(separator: ","))}"
    }

    private static func value(depth: Int, using random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: "null"
        case 1: "\"\(["", "stop", "null", "call_1", "\\u5929"].randomElement(using: &random) ?? "")\""
        case 2: "-1"
        case 3: "1e300"
        case 4: "2"
        case 5: "true"
        case 6: "[\(value(depth: depth - 1, using: &random)),\(value(depth: depth - 1, using: &random))]"
        case 7: "[\(object(depth: depth - 1, using: &random))]"
        default: object(depth: depth - 1, using: &random)
        }
    }
}
