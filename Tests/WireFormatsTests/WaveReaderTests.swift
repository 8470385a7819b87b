import NIOCore
import Testing
import WireFormats

struct WaveReaderTests {
    private static let samples: [UInt8] = (0..<200).map { UInt8($0) }

    private static func header(_ length: Int?, format: WaveFormat = WaveFormat(rate: 24_000)) -> [UInt8] {
        var header = ByteBuffer()
        format.writeHeader(samples: length, into: &header)
        return Array(header.readableBytesView)
    }

    private static func read(_ pieces: [[UInt8]], trustsLength: Bool = false) throws -> (WaveReader, [UInt8]) {
        var reader = WaveReader(trustsLength: trustsLength)
        var output = ByteBuffer()
        for piece in pieces { try reader.append(ByteBuffer(bytes: piece), into: &output) }
        try reader.finish(into: &output)
        return (reader, Array(output.readableBytesView))
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        var bytes = Array(name.utf8)
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: content.count >> shift)) }
        return bytes + content + (content.count % 2 == 1 ? [0] : [])
    }

    @Test func aHeaderIs44BytesWithTheLengthsInIt() {
        let header = Self.header(200, format: WaveFormat(channels: 2, rate: 44_100, bits: 16))
        #expect(
            header
                == Array("RIFF".utf8) + [236, 0, 0, 0] + Array("WAVEfmt ".utf8) + [16, 0, 0, 0, 1, 0, 2, 0]
                + [0x44, 0xAC, 0, 0, 0x10, 0xB1, 2, 0, 4, 0, 16, 0] + Array("data".utf8) + [200, 0, 0, 0]
        )
    }

    @Test(arguments: 1...60)
    func aHeaderMayBeDividedAnywhere(size: Int) throws {
        let bytes = Self.header(nil) + Self.samples
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        let (reader, output) = try Self.read(pieces)
        #expect(output == Self.samples)
        #expect(reader.format == WaveFormat(rate: 24_000))
    }

    @Test func eachPieceMayHaveItsOwn() throws {
        let piece = Self.header(nil) + Self.samples
        #expect(try Self.read([piece, piece]).1 == Self.samples + Self.samples)
    }

    @Test(arguments: [1, 2, 3, 4, 11, 12, 200])
    func samplesWithoutAHeaderPassAsTheyAre(count: Int) throws {
        let samples = Array("RIFF WHATEVER".utf8.prefix(count)) + Self.samples.dropFirst(13).prefix(max(0, count - 13))
        let (reader, output) = try Self.read([samples])
        #expect(output == samples)
        #expect(reader.format == nil)
    }

    @Test func partsBeforeTheSamplesAreSkipped() throws {
        let extended = Array(Self.header(nil)[20..<36]) + [2, 0, 0, 0]
        let file =
            Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WAVE".utf8) + Self.chunk("LIST", [1, 2, 3])
            + Self.chunk("fmt ", extended) + Self.chunk("data", Self.samples) + Self.chunk("LIST", [9, 9])
        #expect(try Self.read([file], trustsLength: true).1 == Self.samples)
        // A stream wrote its length before it knew it.
        #expect(try Self.read([file]).1 == Self.samples + Self.chunk("LIST", [9, 9]))
    }

    @Test func whatCannotBePlayedAsItIsIsRefused() {
        var compressed = Self.header(200)
        compressed[20] = 2
        #expect(throws: WaveReader.Fault.compressed) { try Self.read([compressed + Self.samples]) }
        #expect(throws: WaveReader.Fault.truncated) { try Self.read([Array(Self.header(200).prefix(30))]) }
        let long = Array("RIFF....WAVE".utf8) + Self.chunk("LIST", Array(repeating: 0, count: 70_000))
        #expect(throws: WaveReader.Fault.longHeader) { try Self.read([long]) }
    }

    @Test func base64IsWrittenIntoABuffer() {
        func decoded(_ text: String) -> String? {
            var output = ByteBuffer(string: ">")
            let isValid = Array(text.utf8).withUnsafeBytes { Base64.decode($0, into: &output) }
            return isValid ? String(buffer: output) : output.readableBytes == 1 ? nil : "something was written"
        }
        #expect(decoded("") == ">")
        #expect(decoded("YQ==") == ">a")
        #expect(decoded("YWI") == ">ab")
        #expect(decoded("YWJj") == ">abc")
        #expect(decoded("a+/=") != nil)
        for wrong in ["Y", "YWJjY", "YW=j", "Y*==", "YWJj\n", "===="] { #expect(decoded(wrong) == nil, "\(wrong)") }
    }
}
