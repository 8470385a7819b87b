import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing
import Upstream

struct HTTPResponseParserTests {
    /// What a reader of responses learns, bodies joined.
    private struct Seen: Equatable {
        var status: Int
        var body = ""
        var reusable: Bool?
    }

    private func parse(_ pieces: [ByteBuffer], ends: Bool = false) throws -> [Seen] {
        var parser = HTTPResponseParser()
        var seen: [Seen] = []
        func note(_ event: HTTPResponseParser.Event) {
            switch event {
            case .head(let head): seen.append(Seen(status: head.status))
            case .body(let bytes): seen[seen.count - 1].body += String(buffer: bytes)
            case .end(let reusable): seen[seen.count - 1].reusable = reusable
            }
        }
        for piece in pieces {
            parser.append(piece)
            while let event = try parser.next() {
                note(event)
                if case .end = event { parser.reset() }
            }
        }
        if ends, let event = try parser.finish() { note(event) }
        return seen
    }

    private static let valid: [(text: String, ends: Bool)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", false),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false),
        ("HTTP/1.1 204 No Content\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nend", false),
        ("HTTP/1.1 200 OK\r\nX: y\r\n\r\nuntil the end", true),
        ("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", false),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", false),
    ]

    @Test(arguments: valid.indices) func divisionsOfTheBytesChangeNothing(index: Int) throws {
        let (text, ends) = Self.valid[index]
        let whole = try parse([ByteBuffer(string: text)], ends: ends)
        #expect(whole.allSatisfy { $0.reusable != nil })
        for pieces in ByteDivision.all(of: text, seed: UInt64(index)) {
            #expect(try parse(pieces, ends: ends) == whole)
        }
    }

    @Test(arguments: valid.indices) func agreesWithTheDecoderOfNIO(index: Int) throws {
        let (text, ends) = Self.valid[index]
        let channel = EmbeddedChannel()
        // The channel and its pipeline hold each other until it is closed.
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        for _ in 0..<3 {
            try channel.writeOutbound(HTTPClientRequestPart.head(.init(version: .http1_1, method: .POST, uri: "/")))
            try channel.writeOutbound(HTTPClientRequestPart.end(nil))
        }
        try channel.writeInbound(ByteBuffer(string: text))
        if ends { _ = try? channel.finish() }
        var seen: [Seen] = []
        while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
            switch part {
            case .head(let head): seen.append(Seen(status: Int(head.status.code)))
            case .body(let bytes): seen[seen.count - 1].body += String(buffer: bytes)
            case .end: break
            }
        }
        let ours = try parse([ByteBuffer(string: text)], ends: ends)
        #expect(ours.map(\.status) == seen.map(\.status))
        #expect(ours.map(\.body) == seen.map(\.body))
    }

    @Test(arguments: [
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "ICY 200 OK\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n folded: x\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    ])
    func refusesWhatIsNoResponse(text: String) {
        for pieces in ByteDivision.all(of: text, random: 3) {
            #expect(throws: UpstreamError.self) { _ = try parse(pieces) }
        }
    }

    @Test func anEndInsideABodyIsAnError() {
        #expect(throws: UpstreamError(.connectionClosed, detail: "inside a response")) {
            _ = try parse([ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")], ends: true)
        }
    }

    @Test func lengthAndChunksTogetherEndTheConnection() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        #expect(try parse([ByteBuffer(string: text)]) == [Seen(status: 200, body: "x", reusable: false)])
    }

    @Test(arguments: [
        ("1.1", "close", false), ("1.1", "x, Close\t,y", false), ("1.1", "keep-alive", true), ("1.1", "closed", true),
        ("1.1", "", true), ("1.0", " x ,\tKeep-Alive", true), ("1.0", "keep-alive-not", false), ("1.0", ",", false),
    ])
    func wordsOfConnectionDecide(version: String, connection: String, reusable: Bool) throws {
        let text = "HTTP/\(version) 200 OK\r\nContent-Length: 1\r\nConnection: \(connection)\r\n\r\nx"
        #expect(try parse([ByteBuffer(string: text)]) == [Seen(status: 200, body: "x", reusable: reusable)])
    }

    @Test func headersAreFoundWhateverTheirCase() throws {
        var parser = HTTPResponseParser()
        parser.append(ByteBuffer(string: "HTTP/1.1 200 OK\r\nX-Request-ID:  abc \r\nContent-Length: 0\r\n\r\n"))
        guard case .head(let head) = try parser.next() else { throw UpstreamError(.invalidResponse) }
        #expect(head.first("x-request-id") == "abc")
        #expect(head.first("x-request") == nil)
    }

    @Test(arguments: 0..<300) func arbitraryBytesNeverTrap(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var bytes = Array(Self.valid[seed % Self.valid.count].text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        let whole = try? parse([ByteBuffer(bytes: bytes)])
        let divided = try? parse(ByteDivision.random(bytes, using: &generator))
        if let whole, let divided { #expect(whole == divided) }
    }
}
