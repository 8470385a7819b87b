import NIOCore
import TestSupport
import Testing
import WireFormats

struct ServerSentEventDecoderTests {
    private struct Seen: Equatable {
        var data: String
        var isError = false
        var status: Int?
    }

    private func decode(_ pieces: [ByteBuffer]) throws -> [Seen] {
        var decoder = ServerSentEventDecoder()
        var seen: [Seen] = []
        func note(_ event: ServerSentEvent) {
            seen.append(Seen(data: String(buffer: event.data), isError: event.isError, status: event.status))
        }
        for piece in pieces {
            decoder.append(piece)
            while let event = try decoder.next() { note(event) }
        }
        if let event = decoder.finish() { note(event) }
        return seen
    }

    private func expect(_ text: String, _ expected: [Seen], _ location: SourceLocation = #_sourceLocation) throws {
        for pieces in ByteDivision.all(of: text) {
            #expect(try decode(pieces) == expected, sourceLocation: location)
        }
    }

    @Test func recordedFramingGivesOneEventForEachDataLine() throws {
        try expect(
            "id:1\nevent:result\n:HTTP_STATUS/200\ndata:{\"a\":1}\n\nid:2\nevent:result\n:HTTP_STATUS/200\ndata:{\"a\":2}\n\n",
            [Seen(data: "{\"a\":1}", status: 200), Seen(data: "{\"a\":2}", status: 200)]
        )
    }

    @Test func missingBlankLinesDoNotJoinEvents() throws {
        try expect(
            "id:1\nevent:error\n:HTTP_STATUS/400\ndata:{}\nid:2\nevent:result\n:HTTP_STATUS/200\ndata:[]\n",
            [Seen(data: "{}", isError: true, status: 400), Seen(data: "[]", status: 200)]
        )
    }

    @Test func carriageReturnsAreTakenOff() throws {
        try expect("data: 你好\r\n\r\ndata:x\r\n\r\n", [Seen(data: "你好"), Seen(data: "x")])
    }

    @Test func onlyOneBlankAfterTheColonIsTakenOff() throws {
        try expect("data:  x\n\n", [Seen(data: " x")])
    }

    @Test func commentsAndUnknownFieldsAreSkipped() throws {
        try expect(": keep-alive\n\nretry: 5\nevent:done\nstatus:200\ndata: y\n\n", [Seen(data: "y")])
    }

    @Test func anErrorEventEndsWithItsBlankLine() throws {
        try expect(
            "event:error\n:HTTP_STATUS/429\ndata:a\n\ndata:b\n\n",
            [Seen(data: "a", isError: true, status: 429), Seen(data: "b")]
        )
    }

    @Test func aLastLineWithoutBreakIsAnEvent() throws {
        try expect("data: one\n\ndata: two", [Seen(data: "one"), Seen(data: "two")])
    }

    @Test func aMegabyteEventArrivesWhole() throws {
        let text = String(repeating: "é", count: 600_000)
        let bytes = Array("data:\(text)\n\n".utf8)
        var generator = SeededGenerator(seed: 7)
        var pieces: [ByteBuffer] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = min(rest.count, Int.random(in: 1...65_536, using: &generator))
            pieces.append(ByteBuffer(bytes: rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        #expect(try decode(pieces) == [Seen(data: text)])
    }

    @Test func aLineBeyondTheLimitIsRefused() {
        var decoder = ServerSentEventDecoder(maximumLineBytes: 10)
        decoder.append(ByteBuffer(string: "data:0123456789"))
        #expect(throws: ServerSentEventDecoder.LineTooLong(limit: 10)) { _ = try decoder.next() }
    }

    @Test(arguments: 0..<200) func arbitraryBytesNeverTrap(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let alphabet = Array("data:event:error\n\r :id:HTTP_STATUS/2x0\u{0}é".utf8)
        let bytes = (0..<300).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        let whole = try decode([ByteBuffer(bytes: bytes)])
        #expect(try decode(ByteDivision.random(bytes, using: &generator)) == whole)
    }
}
