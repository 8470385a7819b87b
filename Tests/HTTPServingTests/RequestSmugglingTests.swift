import NIOCore
import TestSupport
import Testing

@testable import HTTPServing

/// Heads and bodies that two readers could understand differently, on a real socket.
@Suite(.timeLimit(.minutes(15)))
struct RequestSmugglingTests {
    /// A request that must never be seen, hidden behind the one that is refused.
    private static let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func isRefused(_ request: String, status: Int = 400) async throws {
        try await ServerUnderTest.run { test in
            let bytes = Array((request + hidden).utf8)
            let divisions = [[ByteBuffer(bytes: bytes)], bytes.map { ByteBuffer(bytes: [$0]) }]
            for pieces in divisions {
                let answer = try await RawClient.call(.port(test.port), group: test.group, pieces)
                #expect(
                    answer.hasPrefix("HTTP/1.1 \(status) "),
                    "\(request.debugDescription): \(answer.debugDescription)"
                )
                #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(answer.debugDescription)")
            }
            #expect(test.application.record.requests == [])
            #expect(test.application.record.rejections.count == 2)
        }
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\nabc",
    ]) func aLengthIsOneDecimalNumber(request: String) async throws {
        try await Self.isRefused(request)
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ]) func theOnlyTransferCodingIsChunked(request: String) async throws {
        try await Self.isRefused(request)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nX-Folded: one\r\n two\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Bare: one\rtwo\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\nX-Line: one\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n X-Blank: one\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Nul: one\u{0}two\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\u{0}: one\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: nameless\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\rX: b\r\n\r\n",
        "NONSENSE\r\n\r\n",
    ]) func linesAreWhatTheyMustBe(request: String) async throws {
        try await Self.isRefused(request)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    ]) func theTargetAndTheHostAreOne(request: String) async throws {
        try await Self.isRefused(request)
    }

    @Test(arguments: [
        "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n",
        "3\nabc\r\n0\r\n\r\n", "3\r\nabcX\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n", "3;a\nb\r\nabc\r\n0\r\n\r\n", "3;a=\u{1}\r\nabc\r\n0\r\n\r\n",
    ]) func aChunkIsFramedExactly(body: String) async throws {
        try await Self.isRefused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    }

    @Test func aChunkExtensionIsNotPartOfTheBody() async throws {
        try await ServerUnderTest.run { test in
            let request =
                "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;name=value\r\nabc\r\n2;q=\"x\"\r\nde\r\n0\r\nTrailer: ignored\r\n\r\n"
            for pieces in ByteDivision.all(of: request + Self.hidden, random: 5) {
                _ = try await RawClient.call(.port(test.port), group: test.group, pieces)
            }
            #expect(Set(test.application.record.requests) == ["POST /x abcde", "GET /hidden "])
            #expect(test.application.record.rejections == [])
        }
    }

    @Test func endlessHeadersAreRefused() async throws {
        let many = (0..<2000).map { "X-\($0): y\r\n" }.joined()
        try await Self.isRefused("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n", status: 431)
        let long = String(repeating: "y", count: 200_000)
        try await ServerUnderTest.run { test in
            let answer = try await RawClient.call(test.port, group: test.group, "GET / HTTP/1.1\r\nX: \(long)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 431 "))
            let target = try await RawClient.call(
                test.port,
                group: test.group,
                "GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            #expect(target.hasPrefix("HTTP/1.1 4"))
            #expect(test.application.record.requests == [])
        }
    }

    @Test(arguments: ["Authorization: a\r\nAuthorization: b", "authorization: a\r\nX: y\r\nAUTHORIZATION: a"])
    func twoLinesThatSayWhoCallsAreRefused(lines: String) async throws {
        try await ServerUnderTest.run { test in
            let request = "GET /x HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n"
            let answer = try await RawClient.call(test.port, group: test.group, request)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(test.application.record.rejections == [.repeatedAuthorization])
        }
    }
}
