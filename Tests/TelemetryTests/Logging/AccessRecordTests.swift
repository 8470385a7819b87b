import ByteWriting
import Foundation
import Logging
import NIOCore
import Testing

@testable import Telemetry

struct AccessRecordTests {
    private func record() -> AccessRecord {
        var generator = SpanIDGenerator(seed: 1)
        return AccessRecord(
            requestID: "req_1",
            trace: TraceContext(
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                tracestate: nil,
                using: &generator
            ),
            method: "POST",
            route: "/v1/chat/completions",
            status: 200,
            duration: .microseconds(123_045),
            timeToFirstByte: .microseconds(9),
            timeToFirstToken: .milliseconds(20),
            upstreamDuration: .milliseconds(100),
            model: "qwen-plus",
            inputTokens: 12,
            outputTokens: 34,
            cachedTokens: 5,
            reasoningTokens: 6,
            isStreamed: true,
            clientAddress: "::1",
            keyID: 0x5E88_4898,
            httpVersion: "1.1",
            listener: "public",
            upstreamRequestID: "up-1",
            adjustments: ["top_p", "n"],
            attempts: 2,
            bytesSent: 99
        )
    }

    private func line(_ record: AccessRecord, _ format: LogFormat) -> String {
        ByteWriter.withBytes(capacity: 1024) {
            record.write(timestamp: TimestampText("2026-11-24T02:55:33.120Z"), format: format, into: &$0)
        } use: {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func everyFieldHasItsNameInJSON() throws {
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(line(record(), .json).utf8)) as? [String: any Sendable]
        )
        var texts = object.compactMapValues { $0 as? String }
        #expect(texts.removeValue(forKey: "span_id")?.count == 16)
        #expect(
            texts == [
                "timestamp": "2026-11-24T02:55:33.120Z", "level": "info", "message": "request",
                "request_id": "req_1", "trace_id": "0af7651916cd43dd8448eb211c80319c", "method": "POST",
                "route": "/v1/chat/completions", "model": "qwen-plus", "client_ip": "::1", "key_id": "000000005e884898",
                "http_version": "1.1", "listener": "public", "upstream_request_id": "up-1",
                "adjustments": "top_p,n",
            ]
        )
        let numbers = object.compactMapValues { $0 as? Double }
        #expect(
            numbers.filter { $0.key != "streamed" } == [
                "status": 200, "duration_ms": 123.045, "ttfb_ms": 0.009, "ttft_ms": 20, "upstream_ms": 100,
                "input_tokens": 12, "output_tokens": 34, "cached_tokens": 5, "reasoning_tokens": 6, "attempts": 2,
                "bytes_sent": 99,
            ]
        )
        #expect(object["streamed"] as? Bool == true)
    }

    private func terminalLine(_ record: AccessRecord, isColored: Bool = false) -> String {
        ByteWriter.withBytes(capacity: 1024) {
            record.writeTerminal(time: "14:03:22", isColored: isColored, into: &$0)
        } use: {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func aTerminalShowsWhatAPersonWantsToKnow() {
        var record = AccessRecord(
            requestID: "req_1",
            method: "POST",
            route: "/v1/chat/completions",
            status: 200,
            duration: .milliseconds(1234)
        )
        record.model = "qwen-plus"
        record.timeToFirstToken = .milliseconds(98)
        record.inputTokens = 12
        record.outputTokens = 34
        record.adjustments = ["top_p;from=0"]
        #expect(
            terminalLine(record)
                == "14:03:22 200 POST /v1/chat/completions qwen-plus 1.23 s  first token 0.10 s, tokens 12 + 34, "
                + "1 adjusted\n"
        )
        let colored = terminalLine(record, isColored: true)
        #expect(colored.hasPrefix("\u{1B}[2m14:03:22\u{1B}[0m \u{1B}[32m200\u{1B}[0m POST "))
    }

    @Test func aTerminalsLineEndsWithItsLastWord() {
        let record = AccessRecord(
            requestID: "req_1",
            method: "GET",
            route: "/v1/models",
            status: 200,
            duration: .milliseconds(1)
        )
        #expect(terminalLine(record) == "14:03:22 200 GET /v1/models 0.00 s\n")
    }

    @Test func aTerminalShowsIDsOfFailuresAndThePathThatIsUnknown() {
        var record = AccessRecord(
            requestID: "req_0123456789abcdef0123456789",
            method: "GET",
            route: "other",
            path: "/v1/nothing",
            status: 404,
            duration: .milliseconds(1)
        )
        record.errorCode = "unknown_url"
        #expect(
            terminalLine(record) == "14:03:22 404 GET /v1/nothing 0.00 s  unknown_url req_0123456789abcdef0123456789\n"
        )
    }

    @Test(arguments: 0..<60) func anIDIsNeverCutWhereItsLineHasRoom(length: Int) {
        var record = AccessRecord(
            requestID: "req_1",
            method: "POST",
            route: "/v1/chat/completions",
            status: 429,
            duration: .milliseconds(1310)
        )
        record.model = String(repeating: "m", count: length)
        record.errorCode = "rate_limit_exceeded"
        record.attempts = 2
        record.upstreamRequestID = "56435a8c-0763-4a08-bf70-e739fd6782f4"
        let text = terminalLine(record)
        #expect(text.hasSuffix("rate_limit_exceeded 2 attempts 56435a8c-0763-4a08-bf70-e739fd6782f4\n"))
        #expect(text.count <= 121)
    }

    @Test func aTerminalsLineHasAtMost120Columns() {
        for length in [0, 30, 60, 100, 400] {
            for status in [200, 502] {
                var record = record()
                record.status = status
                record.model = String(repeating: "模型m", count: length / 5)
                record.path = String(repeating: "/path", count: length / 5)
                record.errorCode = status == 502 ? String(repeating: "code", count: length / 4) : nil
                record.upstreamRequestID = String(repeating: "8", count: length)
                let columns = terminalLine(record).dropLast().reduce(0) { $0 + ($1.isASCII || $1 == "…" ? 1 : 2) }
                #expect(columns <= 120, "\(length)")
            }
        }
    }

    @Test func aTextLineHasEveryField() {
        var failed = AccessRecord(
            requestID: "req_2",
            method: "GET",
            route: "/v1/models",
            status: 502,
            duration: .milliseconds(3)
        )
        failed.errorCode = "upstream_unreachable"
        failed.errorOrigin = "upstream"
        failed.errorDetail = "connection refused"
        #expect(
            line(failed, .text)
                == "2026-11-24T02:55:33.120Z ERROR   GET /v1/models 502 3.000ms error=upstream_unreachable "
                + "origin=upstream detail=\"connection refused\" bytes=0 id=req_2\n"
        )
    }

    @Test(arguments: LogFormat.allCases)
    func wordsOfACallerCannotForgeALineOrSteerATerminal(format: LogFormat) {
        var record = record()
        record.model = "a\"\\\r\n{\"level\":\"error\"}\u{1B}[2J\u{7F}\u{9B}31m\u{2028}\u{202E}é"
        record.method = "GET 200\nx"
        let text = line(record, format)
        #expect(text.filter(\.isNewline).count == 1)
        let forbidden = text.unicodeScalars.dropLast().filter { scalar in
            scalar.properties.generalCategory == .control || (0x2028...0x202E).contains(scalar.value)
        }
        #expect(forbidden.isEmpty)
        // A terminal's line may end before the end of the model's name.
        if format != .terminal { #expect(text.contains("\\u001b[2J\\u007f\\u009b31m\\u2028\\u202eé\"")) }
    }

    @Test(arguments: [
        (200, nil, Logger.Level.info), (200, "upstream", .warning), (404, "client", .info), (429, "upstream", .info),
        (503, "gateway", .warning), (502, "upstream", .warning), (200, "client", .info), (500, nil, .warning),
    ])
    func faultsOfTheGatewayAndUpstreamAreWarnings(status: Int, origin: String?, level: Logger.Level) {
        var record = record()
        record.status = status
        record.errorOrigin = origin
        #expect(record.level == level)
    }

    @Test func recordsBelowTheThresholdAreLeftOut() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try LogWriter(path: path, format: .text)
        let threshold = LogThreshold(.info)
        let log = AccessLog(writer: writer, threshold: threshold)
        var record = record()
        func write(_ route: String, _ status: Int) {
            record.route = route
            record.status = status
            log.write(record, timestamp: TimestampText("2026-11-24T02:55:33.120Z"))
        }
        write("/health", 503)
        write("/v1/models", 200)
        threshold.level = .warning
        write("/v1/models", 201)
        write("/v1/models", 500)
        writer.flush()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(
            lines.map { $0.split(separator: " ")[3...4].joined(separator: " ") } == [
                "/health 503", "/v1/models 200", "/v1/models 500",
            ]
        )
    }

    @Test func timesOfOneSecondDifferInTheirMilliseconds() {
        var cache = TimestampCache()
        #expect(cache.time(seconds: 0, milliseconds: 7).description == "1970-01-01T00:00:00.007Z")
        #expect(cache.time(seconds: 0, milliseconds: 980).description == "1970-01-01T00:00:00.980Z")
        #expect(cache.time(seconds: 951_782_400, milliseconds: 1).description == "2000-02-29T00:00:00.001Z")
    }
}
