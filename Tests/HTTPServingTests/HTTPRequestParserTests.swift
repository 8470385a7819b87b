import HTTPServing
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

struct HTTPRequestParserTests {
    /// What a reader of requests learns, bodies joined.
    private struct Seen: Equatable, CustomStringConvertible {
        var method: HTTPMethod
        var uri: String
        var version: HTTPVersion
        var headers: [String]
        var isKeepAlive: Bool
        var body: [UInt8] = []
        var isComplete = false

        init(_ head: HTTPRequestHead) {
            method = head.method
            uri = head.uri
            version = head.version
            // The decoder of NIO leaves blanks at the end of a value where they are.
            headers = head.headers.map { field in
                var value = Substring(field.value)
                while value.last == " " || value.last == "\t" { value.removeLast() }
                return "\(field.name):\(value)"
            }
            isKeepAlive = head.isKeepAlive
        }

        init(_ head: RequestHead) {
            method = head.method
            uri = head.uri
            version = head.version
            headers = head.headers.list.map { "\($0.name):\($0.value)" }
            isKeepAlive = head.isKeepAlive
        }

        var description: String { "\(method) \(uri) \(version) \(headers) \(body.count) \(isKeepAlive) \(isComplete)" }
    }

    /// The requests read, and why reading stopped; nothing is read behind a request that closes the connection.
    private func parse(
        _ pieces: [ByteBuffer],
        limit: Int = 4096
    ) -> (requests: [Seen], failure: HTTPRequestParser.Failure?) {
        var parser = HTTPRequestParser(maximumHeadBytes: limit)
        var seen: [Seen] = []
        do {
            for piece in pieces {
                parser.append(piece)
                while seen.last.map({ $0.isKeepAlive || !$0.isComplete }) ?? true, let event = try parser.next() {
                    switch event {
                    case .head(let head): seen.append(Seen(head))
                    case .body(let bytes): seen[seen.count - 1].body += Array(bytes.readableBytesView)
                    case .end: seen[seen.count - 1].isComplete = true
                    }
                }
            }
            return (seen, nil)
        } catch {
            return (seen, error)
        }
    }

    /// What NIO's decoder makes of the same bytes.
    private func decode(_ bytes: ByteBuffer) throws -> (requests: [Seen], failed: Bool) {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
        var failed = false
        do { try channel.writeInbound(bytes) } catch { failed = true }
        var seen: [Seen] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): seen.append(Seen(head))
            case .body(let bytes): seen[seen.count - 1].body += Array(bytes.readableBytesView)
            case .end: seen[seen.count - 1].isComplete = true
            }
        }
        _ = try? channel.finish()
        return (seen, failed)
    }

    private static let valid = [
        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/chat/completions?a=b%20c HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nhost:x\r\nContent-Length:0\r\n\r\nGET / HTTP/1.1\r\nHost: [::1]:80\r\nX: \r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\ntransfer-encoding:\tchunked \r\n\r\nA;n;m=\"a b\"\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\nHost: y\r\n\r\n",
        "DELETE /v1/responses/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost:\r\nConnection: Keep-Alive, x\r\nContent-Length: 1\r\n\r\n\u{0}",
        "\r\n\r\nPATCH /~a!$&'()*+,;=:@ HTTP/1.1\r\nHost: a_b.c-d\r\nX-Y_z.1: \u{e9} \t tab\tinside \r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\nOrigin: null\r\nAccess-Control-Request-Headers: a, b\r\n\r\n",
        "GET http://example.com:80/x HTTP/1.1\r\nHost: example.com:80\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabcPROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n",
    ]

    @Test(arguments: valid.indices) func divisionsOfTheBytesChangeNothing(index: Int) {
        let text = Self.valid[index]
        let whole = parse([ByteBuffer(string: text)])
        #expect(whole.failure == nil)
        #expect(!whole.requests.isEmpty && whole.requests.allSatisfy { $0.isComplete })
        for pieces in ByteDivision.all(of: text, seed: UInt64(index)) {
            let divided = parse(pieces)
            #expect(divided.requests == whole.requests)
            #expect(divided.failure == nil)
        }
    }

    @Test(arguments: valid.indices) func agreesWithTheDecoderOfNIO(index: Int) throws {
        let bytes = ByteBuffer(string: Self.valid[index])
        let theirs = try decode(bytes).requests
        #expect(parse([bytes]).requests == theirs)
    }

    @Test(
        arguments: [
            // Lines and the request line.
            "GET / HTTP/1.1\nHost: x\n\n",
            "GET / HTTP/1.1\r\nHost: x\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\rA: b\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
            "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
            "GET / http/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.12\r\nHost: x\r\n\r\n",
            "GET /\r\nHost: x\r\n\r\n",
            "get / HTTP/1.1\r\nHost: x\r\n\r\n",
            "NONSENSE / HTTP/1.1\r\nno field\r\n\r\n",
            "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\u{16}\u{3}\u{1}",
            " GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            // Fields.
            "GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
            "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: \u{0}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: \u{7f}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA\u{e9}: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA(: b\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a@x\r\n\r\n",
            // The end of the body.
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\nx",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\nx",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nx",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\nx",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ]
            + [
                "\r\n", "x\r\n", " 1\r\nx\r\n", "1 \r\nx\r\n", "0x1\r\nx\r\n", "-1\r\n", "1\nx\r\n", "1\r\nxy\r\n",
                "1\r\nx\n0\r\n",
                "1;\r\n", "1;=\r\n", "1;a=\r\n", "1;a=\"b\r\n", "1;a b\r\n", "1;a=\"\\\"\"\r\n", "1000000000000000\r\n",
                "0\r\nContent-Length: 1\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nHost: y\r\n\r\n",
                "0\r\n folded\r\n\r\n", "0\r\nA: b\n\r\n", "0\r\n\n",
            ].map { "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + $0 }
    )
    func refusesWhatCouldBeReadInTwoWays(text: String) {
        for pieces in ByteDivision.all(of: text, random: 3) {
            let result = parse(pieces)
            #expect(result.failure == .malformed)
            #expect(!result.requests.contains { $0.isComplete })
        }
    }

    @Test func anUnknownMethodIsToldFromNonsense() {
        for pieces in ByteDivision.all(of: "NONSENSE / HTTP/1.1\r\nHost: x\r\n\r\n", random: 3) {
            let result = parse(pieces)
            #expect(result.failure == .unknownMethod)
            #expect(result.requests.isEmpty)
        }
    }

    @Test func headsAndTrailersBeyondTheLimitAreRefused() {
        let long = String(repeating: "y", count: 200)
        let head = "GET / HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n"
        for pieces in ByteDivision.all(of: head, random: 3) {
            #expect(parse(pieces, limit: head.utf8.count - 1).failure == .headTooLarge)
            #expect(parse(pieces, limit: head.utf8.count).failure == nil)
        }
        let start = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        for end in ["0\r\nX: \(long)\r\n\r\n", "0\r\n" + String(repeating: "X: y\r\n", count: 40) + "\r\n"] {
            #expect(parse([ByteBuffer(string: start + end)], limit: 150).failure == .headTooLarge)
        }
        #expect(parse([ByteBuffer(string: String(repeating: "\r\n", count: 200))], limit: 100).failure == .headTooLarge)
        #expect(parse([ByteBuffer(string: "GET /" + long)], limit: 100).failure == .headTooLarge)
    }

    @Test func extensionsOfChunksAreBounded() {
        let start = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        let long = String(repeating: "x", count: 300)
        #expect(parse([ByteBuffer(string: start + "1;\(long)\r\n")]).failure == .malformed)
        #expect(parse([ByteBuffer(string: start + "1;\(long)")]).failure == .malformed)
        let many = String(repeating: "1;\(long.prefix(200))\r\nx\r\n", count: 100)
        #expect(parse([ByteBuffer(string: start + many)]).failure == .malformed)
    }

    @Test func fieldsAreFoundWhateverTheirCase() throws {
        let text = "GET / HTTP/1.1\r\nHost: x\r\nX-Long-Name:  one \r\nx-long-name: two,  three\r\nAccept:\r\n\r\n"
        var parser = HTTPRequestParser(maximumHeadBytes: 1024)
        parser.append(ByteBuffer(string: text))
        guard case .head(let head) = try parser.next() else {
            Issue.record("no head")
            return
        }
        #expect(head.headers.first(name: "X-LONG-name") == "one")
        #expect(head.headers["x-long-name"] == ["one", "two,  three"])
        #expect(head.headers[canonicalForm: "x-long-name"] == ["one", "two", "three"])
        #expect(head.headers.first(name: "accept") == "")
        #expect(head.headers.contains(name: "host"))
        for absent in ["x-long-nam", "x-long-namE1", "hosu", "", "long-name"] {
            #expect(head.headers.first(name: absent) == nil)
            #expect(!head.headers.contains(name: absent))
        }
    }

    private static let marks: [UInt8] = Array("\r\n\t :;,=\"0aF/?#*".utf8) + [0, 0x7F, 0x80, 0xFF]

    private func mutated(_ seed: Int) -> (bytes: [UInt8], generator: SeededGenerator) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var bytes = Array(Self.valid[seed % Self.valid.count].utf8)
        bytes += Array(Self.valid[Int.random(in: 0..<Self.valid.count, using: &generator)].utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let mark = Self.marks[Int.random(in: 0..<Self.marks.count, using: &generator)]
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = mark
            case 1: bytes.insert(mark, at: place)
            case 2: bytes.remove(at: place)
            case 3: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            default:
                let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0..<bytes.count, using: &generator))
            }
        }
        return (bytes, generator)
    }

    /// A thousand mutations for each case; the seed says which.
    @Test(arguments: 0..<20) func whatIsAcceptedMeansTheSameToNIO(block: Int) throws {
        var accepted = 0
        for seed in block * 1000..<(block + 1) * 1000 {
            let (bytes, _) = mutated(seed)
            let ours = parse([ByteBuffer(bytes: bytes)]).requests.filter { $0.isComplete }
            let theirs = try decode(ByteBuffer(bytes: bytes)).requests.filter { $0.isComplete }
            #expect(ours == Array(theirs.prefix(ours.count)), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            accepted += ours.count
        }
        #expect(accepted > 100)
    }

    @Test(arguments: 0..<20) func anyDivisionOfMutatedBytesGivesTheSame(block: Int) {
        for seed in block * 200..<(block + 1) * 200 {
            var (bytes, generator) = mutated(seed)
            let whole = parse([ByteBuffer(bytes: bytes)])
            let divided = parse(ByteDivision.random(bytes, using: &generator))
            #expect(
                divided.requests.filter { $0.isComplete } == whole.requests.filter { $0.isComplete },
                "seed \(seed)"
            )
            #expect(divided.failure == whole.failure, "seed \(seed)")
        }
    }
}
