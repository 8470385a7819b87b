import NIOCore
import TestSupport
import Testing

@testable import HTTPServing

/// What an HTTP/1 client may do, byte by byte on a real socket.
@Suite(.timeLimit(.minutes(15)))
struct HTTP1Tests {
    /// The answers of one connection that sends `request` and nothing more.
    private static func call(_ request: String, endsSending: Bool = true) async throws -> (
        answer: String, record: TestApplication.Record
    ) {
        try await ServerUnderTest.run { test in
            let answer = try await RawClient.call(test.port, group: test.group, request, endsSending: endsSending)
            return (answer, test.application.record)
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let requests =
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\nGET /4 HTTP/1.1\r\n"
            + "Host: a\r\nConnection: close\r\n\r\n"
        try await ServerUnderTest.run { test in
            for pieces in ByteDivision.all(of: requests, random: 5) {
                let answer = try await RawClient.call(.port(test.port), group: test.group, pieces, endsSending: false)
                let bodies = answer.split(separator: "[").dropFirst().map { $0.prefix { $0 != "]" } }
                #expect(bodies == ["GET /1 ", "POST /2 abc", "POST /3 xy", "GET /4 "])
            }
        }
    }

    /// The room for the rest of a body is made in another way once megabytes have arrived.
    @Test func aBodyOfManyMegabytesArrivesWhole() async throws {
        let line = String(decoding: (0..<1_000).map { UInt8(97 + $0 % 23) }, as: UTF8.self)
        let body = (0..<9_000).map { "\(10_000 + $0)\(line)" }.joined()
        let head =
            "POST /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let (answer, record) = try await Self.call(head + body, endsSending: false)
        #expect(answer.contains("[POST /1 \(body.utf8.count) bytes]"))
        #expect(record.longBody == ByteBuffer(string: body))
    }

    @Test func garbageAfterAGoodRequestIsRefusedAfterItsAnswer() async throws {
        let (answer, record) = try await Self.call("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\u{1}\u{2}garbage\r\n\r\n")
        #expect(answer.contains("[GET /1 ]"))
        #expect(answer.contains("HTTP/1.1 400 "))
        #expect(record.requests == ["GET /1 "])
        #expect(record.rejections == [.malformed])
    }

    @Test func garbageWhileAnAnswerIsMadeWaitsForIt() async throws {
        try await ServerUnderTest.run { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.executeThenClose { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(string: "GET /begin HTTP/1.1\r\nHost: a\r\n\r\n\u{1}garbage\r\n\r\n")
                )
                var iterator = inbound.makeAsyncIterator()
                let first = try await iterator.next().map { String(buffer: $0) }
                #expect(first?.hasPrefix("HTTP/1.1 200 ") == true)
                #expect(test.application.record.rejections == [])
            }
        }
    }

    @Test func anAbsoluteTargetIsItsPath() async throws {
        let (answer, _) = try await Self.call("GET http://A:80/x?y=1 HTTP/1.1\r\nHost: a:80\r\n\r\n")
        #expect(answer.contains("[GET /x?y=1 ]"))
    }

    @Test func anAskedForContinueComesBeforeTheBody() async throws {
        try await ServerUnderTest.run { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.executeThenClose { inbound, outbound in
                var iterator = inbound.makeAsyncIterator()
                let head = "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
                try await outbound.write(ByteBuffer(string: head))
                #expect(try await iterator.next().map { String(buffer: $0) } == "HTTP/1.1 100 Continue\r\n\r\n")
                try await outbound.write(ByteBuffer(string: "hi"))
                #expect(try await iterator.next().map { String(buffer: $0) }?.contains("[POST /x hi]") == true)
            }
        }
    }

    @Test func aRefusedRequestIsNotAskedToContinue() async throws {
        let head = "POST /early HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        let (answer, _) = try await Self.call(head)
        #expect(answer.hasPrefix("HTTP/1.1 401 "))
        #expect(!answer.contains("100 Continue"))
    }

    @Test(arguments: ["/x", "/stream"]) func theAnswerToHeadHasNoBody(path: String) async throws {
        let (answer, _) = try await Self.call("HEAD \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.hasSuffix("\r\n\r\n"))
        #expect(!answer.contains("part"))
    }

    @Test func anOldClientGetsBareBytesAndTheEnd() async throws {
        let (answer, _) = try await Self.call("GET /stream HTTP/1.0\r\n\r\n")
        #expect(answer.hasSuffix("\r\n\r\npart 0;part 1;part 2;"))
        #expect(!answer.lowercased().contains("transfer-encoding"))
        #expect(answer.contains("Connection: close"))
    }

    @Test func anUpgradeIsIgnored() async throws {
        let head =
            "POST /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            + "HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 2\r\n\r\nhi"
        let (answer, record) = try await Self.call(head)
        #expect(answer.contains("[POST /x hi]"))
        #expect(record.requests == ["POST /x hi"])
    }

    @Test func aBodyThatIsRefusedEarlyIsNotReadAsARequest() async throws {
        try await ServerUnderTest.run(HTTPServerConfiguration(maximumBodyBytes: 10)) { test in
            let hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
            let known = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)"
            let answer = try await RawClient.call(test.port, group: test.group, known)
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            let chunked =
                "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n24\r\n\(hidden)\r\n0\r\n\r\n"
            let answer1 = try await RawClient.call(test.port, group: test.group, chunked)
            #expect(answer1.hasPrefix("HTTP/1.1 413 "))
            #expect(test.application.record.requests == [])
        }
    }

    @Test func anAnswerLargerThanEverySocketBufferArrivesWholeBeforeTheEnd() async throws {
        let (answer, _) = try await Self.call(
            "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            endsSending: false
        )
        #expect(answer.utf8.count > TestAnswer.bigSize)
    }
}
