import ByteWriting
import APITranslation
import AdmissionControl
import NIOCore
import Telemetry
import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the person on call looks up in `docs/operations.md` must be there.
struct OperationsPageTests {
    private static func text(of path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Every text between two backquotes that is no fence.
    private static func codeSpans(of page: String) -> [Substring] {
        page.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            line.hasPrefix("```")
                ? []
                : line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .filter { $0.offset % 2 == 1 }.map(\.element)
        }
    }

    private static func words() throws -> Set<Substring> {
        Set(codeSpans(of: try text(of: "docs/operations.md")))
    }

    /// A record in which nothing is missing.
    private static var record: AccessRecord {
        var generator = SpanIDGenerator(seed: 1)
        var record = AccessRecord(
            requestID: "req_1",
            trace: TraceContext(traceparent: nil, tracestate: nil, using: &generator),
            method: "POST",
            route: "/v1/chat/completions",
            path: "/v1/nothing",
            clientRequestID: "mine",
            status: 502,
            duration: .milliseconds(9),
            timeToFirstByte: .milliseconds(1),
            timeToFirstToken: .milliseconds(2),
            upstreamDuration: .milliseconds(3),
            model: "qwen-plus",
            inputTokens: 1,
            outputTokens: 2,
            cachedTokens: 3,
            reasoningTokens: 4,
            isStreamed: true,
            clientAddress: "127.0.0.1",
            keyID: 0x0123_4567_89AB_CDEF,
            httpVersion: "2",
            listener: "admin",
            upstreamRequestID: "up_1",
            adjustments: ["top_p"],
            errorCode: "upstream_closed",
            errorOrigin: "upstream",
            errorDetail: "closed",
            attempts: 2,
            bytesSent: 5
        )
        record.characters = 6
        record.sampling = 6
        return record
    }

    private static func line(_ format: LogFormat) -> String {
        ByteWriter.withBytes(capacity: 1024) {
            record.write(timestamp: TimestampText("2026-11-24T00:00:00.000Z"), format: format, into: &$0)
        } use: {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func everyMetricIsExplained() throws {
        let words = try Self.words()
        let names = MetricDescription.gateway.map(\.name)
        #expect(names.count > 30)
        for name in names { #expect(words.contains(Substring(name)), "\(name)") }
    }

    @Test func noMetricIsExplainedThatThereIsNot() throws {
        let names = Set(MetricDescription.gateway.map(\.name))
        for word in try Self.words() {
            let name = word.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard name.hasPrefix("gateway_") || name.hasPrefix("process_") else { continue }
            #expect(names.contains(String(name)), "\(name)")
        }
    }

    @Test func everyErrorCodeIsExplained() throws {
        let words = try Self.words()
        for code in APIError.codes { #expect(words.contains(Substring(code)), "\(code)") }
    }

    @Test func everyFieldOfARecordIsExplained() throws {
        let words = try Self.words()
        // The names of the members: texts in front of a colon.
        let parts = Self.line(.json).split(separator: "\"", omittingEmptySubsequences: false)
        let fields = parts.indices.dropLast().filter { $0 % 2 == 1 && parts[$0 + 1].hasPrefix(":") }.map { parts[$0] }
        #expect(fields.count > 25)
        for field in fields { #expect(words.contains(field), "\(field)") }
    }

    @Test func everyFieldOfATextRecordIsExplained() throws {
        let words = try Self.words()
        let fields: [Substring] = Self.line(.text).split(separator: " ").compactMap { field in
            field.firstIndex(of: "=").map { field[...$0] }
        }
        #expect(fields.count > 15)
        for field in fields { #expect(words.contains(field), "\(field)") }
    }

    @Test func everyWordOfALimitIsExplained() throws {
        let words = try Self.words()
        for scope in AdmissionRefusal.Scope.allCases { #expect(words.contains(Substring(scope.rawValue))) }
        for limit in AdmissionRefusal.Limit.allCases { #expect(words.contains(Substring(limit.rawValue))) }
    }

    @Test func everyExitStatusIsExplained() throws {
        let page = try Self.text(of: "docs/operations.md")
        let code = try Self.text(of: "Sources/dashscope-gateway/GatewayCommand.swift")
        // The command's own, `ExitCode(78)`, and those of signals.
        let own = code.split(separator: "ExitCode(").dropFirst().map { $0.prefix { $0.isNumber } }
        #expect(own.count >= 2)
        let rows = page.split(separator: "## Reload")[0].split(separator: "\n").filter { $0.hasPrefix("| ") }
        let explained = rows.compactMap { $0.split(separator: "|").first }
            .flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "," }) }
        for status in own + ["0", "1", "130", "143"] { #expect(explained.contains(status), "\(status)") }
    }

    @Test func everySettingThatIsNamedExists() throws {
        let keys = Set(SettingTable.all.map(\.key))
        let sections = Set(keys.compactMap { $0.split(separator: ".").first.map(String.init) })
        for word in try Self.words() {
            // Such as `server.maximumOpenRequests` or `server.reusePort: true`.
            let key = word.prefix { $0 != ":" && $0 != " " }
            guard let section = key.split(separator: ".").first, key.contains("."), sections.contains(String(section)),
                !key.contains("*"), key.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x2F && $0 != 0x28 })
            else { continue }
            #expect(keys.contains(String(key)), "\(key)")
        }
    }
}
