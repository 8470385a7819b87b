import ByteWriting
import NIOCore
import Testing

@testable import HTTPServing

struct ResponseBytesTests {
    @Test(arguments: [1, 9, 15, 16, 255, 256, 4095, 65_536, 1_048_575]) func aChunkIsFramedWithItsSize(size: Int) {
        let text = String(repeating: "x", count: size)
        var chunk = ChunkBuffer(capacity: 8)
        chunk.bytes.writeString(text)
        let framed = String(buffer: chunk.framed(chunked: true))
        #expect(framed == "\(String(size, radix: 16))\r\n\(text)\r\n")
    }

    @Test func aClientThatKnowsNoChunksGetsBareBytes() {
        var chunk = ChunkBuffer(capacity: 8)
        chunk.bytes.writeString("bare")
        #expect(String(buffer: chunk.framed(chunked: false)) == "bare")
    }

    @Test func aHeaderValueCannotEndItsLine() {
        var lines = ByteBuffer()
        lines.writeHeader("x-request-id", "a\r\nset-cookie: b\u{7F}")
        #expect(String(buffer: lines) == "x-request-id: aset-cookie: b\r\n")
    }

    @Test(arguments: [(200, "OK"), (405, "Method Not Allowed"), (413, "Content Too Large"), (418, "Error")])
    func statusLinesAreWritten(status: Int, reason: String) {
        var bytes = ByteBuffer()
        bytes.compose(capacity: 64) { $0.writeStatusLine(status) }
        #expect(String(buffer: bytes) == "HTTP/1.1 \(status) \(reason)\r\n")
    }
}
