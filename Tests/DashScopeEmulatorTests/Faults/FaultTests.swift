@testable import DashScopeEmulator
import NIOHTTP1
import Testing

struct FaultTests {
    @Test(arguments: [
        ("emulator-throttled", 429, "Throttling.RateQuota"),
        ("emulator-throttled-tokens", 429, "Throttling.AllocationQuota"), ("emulator-arrearage", 400, "Arrearage"),
        ("emulator-moderated", 400, "DataInspectionFailed"), ("emulator-500", 500, "InternalError"),
        ("emulator-503", 503, "ModelUnavailable"), ("emulator-200-code", 200, "InternalError.Algo"),
        ("emulator-url-error", 400, "InvalidParameter"), ("emulator-context-too-long", 400, "InvalidParameter"),
        ("emulator-unknown-model", 404, "ModelNotFound"), ("emulator-access-denied", 403, "AccessDenied"),
        ("qwen-plus-emulator-throttled", 429, "Throttling.RateQuota"),
        ("emulator-code-429-Throttling.BurstRate", 429, "Throttling.BurstRate"),
        ("emulator-retry-after-7", 429, "Throttling.RateQuota"),
    ])
    func refusalsAreAskedForByName(model: String, status: Int, code: String) {
        let reply = Call(model: model, ask: "Hi").streaming().reply()
        #expect(reply.status == status)
        #expect(reply.code == code)
        #expect(reply.header("retry-after") == (model.contains("retry-after") ? "7" : nil))
    }

    @Test
    func baseModelsKeepTheirPath() {
        #expect(Call(.multimodal, model: "qwen3-vl-plus-emulator-crlf", ask: "Hi").reply().status == 200)
        #expect(Call(.text, model: "qwen3-vl-plus-emulator-crlf", ask: "Hi").reply().status == 400)
    }

    @Test
    func answersNameTheKeyTheyWereAskedWith() {
        func answer(_ key: String) -> String {
            Call(model: "emulator-names-key", ask: "Hi")
                .with { $0.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(key)") }
                .document().contentText
        }
        #expect(answer("sk-one") == "Key \(RequestJournal.keyHash("Bearer sk-one")). Echo: Hi")
        #expect(answer("sk-one") == answer("sk-one"))
        #expect(answer("sk-one") != answer("sk-two"))
        #expect(!answer("sk-one").contains("sk-one"))
    }

    @Test
    func edgeFailuresAreNotJSON() {
        let page = Call(model: "emulator-html-502", ask: "Hi").reply()
        #expect(page.status == 502)
        #expect(page.text.hasPrefix("<html>"))
        let empty = Call(model: "emulator-empty-500", ask: "Hi").reply()
        #expect(empty.status == 500)
        #expect(empty.body.isEmpty)
        #expect(Call(model: "emulator-not-json", ask: "Hi").document() == .null)
        #expect(Call(model: "emulator-no-content-type", ask: "Hi").streaming().reply().header("content-type") == nil)
    }

    @Test(arguments: [("emulator-refuses-first-event", 200), ("emulator-refuses-sse-400", 400)])
    func refusalsMayBeEvents(model: String, status: Int) {
        let reply = Call(model: model, ask: "Hi").streaming().reply()
        #expect(reply.status == status)
        #expect(reply.header("content-type")?.hasPrefix("text/event-stream") == true)
        #expect(reply.events.map(\.name) == ["error"])
    }

    @Test
    func streamsEndBadly() {
        let moderated = Call(model: "emulator-moderates-mid-stream", ask: "Hi").streaming().reply()
        #expect(moderated.events.first?.name == "result")
        #expect(moderated.events.last?.data["code"] == "DataInspectionFailed")
        #expect(Call(model: "emulator-breaks-mid-stream", ask: "Hi").streaming().reply().steps.last == .abort)
        #expect(Call(model: "emulator-silent-mid-stream", ask: "Hi").streaming().reply().steps.last == .silence)
        #expect(Call(model: "emulator-silent", ask: "Hi").streaming().reply().steps == [.silence])
        let early = Call(model: "emulator-ends-early", ask: "Hi").streaming().events()
        #expect(early.allSatisfy { $0.choice?["finish_reason"] == "null" })
    }

    @Test
    func bytesAreFramedOtherwise() {
        let plain = Call(model: "emulator-no-blank-lines", ask: "Hi").streaming().reply()
        #expect(!plain.text.contains("\n\n"))
        let crlf = Call(model: "emulator-crlf", ask: "Hi").streaming().reply()
        #expect(crlf.text.hasPrefix("id:1\r\nevent:result\r\n"))
        let comments = Call(model: "emulator-comments", ask: "Hi").streaming().reply()
        #expect(comments.text.hasPrefix(": keep-alive\n\n"))
        let split = Call(model: "emulator-split-utf8", ask: "Hi").streaming().reply()
        #expect(split.steps.allSatisfy { if case .bytes(let bytes) = $0 { bytes.count == 1 } else { false } })
        #expect(split.events.map(\.data.contentText).joined().contains("世界"))
        let large = Call(model: "emulator-megabyte-event", ask: "Hi").streaming().events()
        #expect(large.contains { $0.contentText.utf8.count == 1 << 20 })
    }

    @Test
    func dataInTwoLinesJoinsWithOrWithoutALineEnd() {
        let text = Call(model: "emulator-data-in-two-lines", ask: "Hi").streaming().reply().text
        let blocks = text.split(separator: "\n\n")
        for block in blocks {
            let data = block.split(separator: "\n").filter { $0.hasPrefix("data:") }.map { $0.dropFirst(5) }
            #expect(data.count == 2)
            #expect(JSON(bytes: data.joined().utf8) != nil)
            #expect(JSON(bytes: data.joined(separator: "\n").utf8) != nil)
        }
    }

    @Test
    func contentFaultsKeepTheAnswer() {
        let usage = Call(model: "emulator-usage-empty", ask: "Hi").streaming().events()
        #expect(usage.allSatisfy { $0["usage"] == [:] })
        let cumulative = Call(model: "emulator-cumulative", ask: "Hello").streaming().events()
        #expect(cumulative.last?.contentText == "Echo: Hello")
        let fast = Call(model: "emulator-fast-100", ask: "Hi").streaming().events()
        #expect(fast.map(\.contentText).joined() == (0..<100).map { "\($0) " }.joined())
    }

    @Test
    func slownessIsCounted() {
        let reply = Call(model: "emulator-slow-200", ask: "Hi").streaming().reply()
        #expect(reply.steps.first == .pause(.milliseconds(200)))
    }

    @Test
    func wrongPathSwapsThePaths() {
        let refused = Call(.text, model: "qwen-plus-emulator-wrong-path", ask: "Hi").reply()
        #expect(refused.message.contains("url error"))
        let served = Call(.multimodal, model: "qwen-plus-emulator-wrong-path", ask: "Hi").document()
        #expect(served.answer?["content"] == [["text": "Echo: Hi"]])
    }

    @Test
    func theFirstRequestsOfABodyMeetTheFault() {
        let emulator = testEmulator()
        let call = Call(model: "qwen-plus-emulator-first-2-throttled", ask: "Hi")
        let other = Call(model: "qwen-plus-emulator-first-2-throttled", ask: "Another")
        // Twice through: a good answer starts the count again, and bodies do not disturb each other.
        for _ in 0..<2 {
            #expect(call.reply(from: emulator).status == 429)
            #expect(other.reply(from: emulator).status == 429)
            #expect(call.reply(from: emulator).status == 429)
            #expect(call.reply(from: emulator).status == 200)
            #expect(other.reply(from: emulator).status == 429)
            #expect(other.reply(from: emulator).status == 200)
        }
        #expect(Call(model: "emulator-first-2-first-1-500", ask: "Hi").reply(from: emulator).status == 404)
    }

    @Test
    func connectionsCloseBeforeAnyAnswer() {
        let unanswered = Call(model: "emulator-closes-unanswered", ask: "Hi").reply()
        #expect(unanswered.steps == [.abort])
        #expect(!unanswered.isChunked)
        let headOnly = Call(model: "emulator-closes-after-head", ask: "Hi").streaming().reply()
        #expect(headOnly.steps == [.abort])
        #expect(headOnly.isChunked)
    }

    private static let weather: JSON = ["tools": ToolCallTests.tools, "parallel_tool_calls": true]

    @Test
    func theLimitFallsInsideTheArguments() throws {
        let call = Call(model: "emulator-length-in-call", ask: "Weather in Hangzhou?", parameters: Self.weather)
        let whole = call.document()
        #expect(whole.choice?["finish_reason"] == "length")
        #expect(whole.answer?["tool_calls"]?[0]?["function"]?["arguments"] == "{\"city\": \"Han")
        let events = call.streaming().events()
        #expect(events.last?.choice?["finish_reason"] == "length")
        let pieces = events.flatMap { $0.answer?["tool_calls"]?.array ?? [] }
        #expect(pieces.compactMap { $0["function"]?["arguments"]?.string }.joined() == "{\"city\": \"Han")
    }

    @Test
    func recursiveArgumentsComeInUnluckyPieces() {
        let call = Call(
            model: "emulator-recursive-arguments",
            ask: "Weather in Hangzhou and Shanghai?",
            parameters: Self.weather
        ).streaming()
        var pieces: [[String]] = [[], []]
        for fragment in call.events().flatMap({ $0.answer?["tool_calls"]?.array ?? [] }) {
            pieces[fragment["index"]?.int ?? 0].append(fragment["function"]?["arguments"]?.string ?? "")
        }
        #expect(pieces == [["{\"a\":", "{\"a\":", "1}}"], ["{\"children\": [", "{\"children\": [", "]}]}"]])
        let whole = call.with { $0.headers.remove(name: "X-DashScope-SSE") }.document()
        #expect(whole.answer?["tool_calls"]?[0]?["function"]?["arguments"] == "{\"a\":{\"a\":1}}")
    }

    @Test
    func connectionsLingerBehindTheLastEvent() {
        let forever = Call(model: "emulator-lingers", ask: "Hi").streaming().reply()
        #expect(forever.steps.last == .silence)
        #expect(forever.events.last?.data.choice?["finish_reason"] == "stop")
        #expect(forever.events.last?.data["usage"]?["output_tokens"] != nil)
        let bounded = Call(model: "emulator-lingers-250", ask: "Hi").streaming().reply()
        #expect(bounded.steps.last == .pause(.milliseconds(250)))
    }

    @Test
    func usageIsMissingOrLateBehindTheLastChoice() {
        let without = Call(model: "emulator-lingers-without-usage", ask: "Hi").streaming().reply()
        #expect(without.events.last?.data["usage"] == [:])
        #expect(without.steps.last == .silence)
        let late = Call(model: "emulator-late-usage", ask: "Hi").streaming().reply()
        #expect(late.events.last?.data["output"] == ["choices": []])
        #expect(late.events.last?.data["usage"]?["output_tokens"] != nil)
        #expect(late.events.dropLast().last?.data["usage"] == [:])
        #expect(late.steps.last == .silence)
    }

    @Test
    func eventsThatBringNothingStandBetweenTheOthers() {
        let question = "A question that is long enough for many events, one after the other"
        let events = Call(model: "emulator-null-output", ask: question).streaming().events()
        #expect(events.map(\.contentText).joined() == "Echo: \(question)")
        #expect(events.contains { $0["output"]?.isNull == true })
        #expect(events.contains { $0["output"] == nil })
        #expect(events.contains { $0["output"] == [:] })
    }

    @Test
    func halfASurrogatePairIsAnEscape() {
        let call = Call(model: "emulator-lone-surrogate", ask: "Hi")
        #expect(call.reply().text.contains("Echo: Hi \\ud83d half a pair"))
        #expect(call.streaming().reply().text.contains("\\ud83d"))
    }

    @Test
    func fragmentsOfSeveralCallsTakeTurns() {
        let call = Call(
            model: "emulator-interleaved-calls",
            ask: "Weather in Hangzhou and Shanghai?",
            parameters: Self.weather
        ).streaming()
        let fragments = call.events().flatMap { $0.answer?["tool_calls"]?.array ?? [] }
        #expect(fragments.prefix(4).map { $0["index"]?.int } == [0, 1, 0, 1])
        let first = fragments.filter { $0["index"] == 0 }.compactMap { $0["function"]?["arguments"]?.string }
        #expect(first.joined() == "{\"city\": \"Hangzhou\"}")
    }

    @Test
    func aModelMayThinkTwice() throws {
        let call = Call(
            model: "qwen3-max-emulator-second-thought",
            ask: "a question of some length, for several pieces",
            parameters: ["enable_thinking": true]
        )
        let events = call.streaming().events()
        let again = try #require(events.firstIndex { $0.answer?["reasoning_content"] == " I think again." })
        #expect(events[..<again].contains { !$0.contentText.isEmpty })
        #expect(events[again...].contains { !$0.contentText.isEmpty })
        #expect(call.document().answer?["reasoning_content"]?.string?.hasSuffix(" I think again.") == true)
    }
}
