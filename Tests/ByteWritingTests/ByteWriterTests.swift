import ByteWriting
import NIOCore
import Testing

struct ByteWriterTests {
    private func text(capacity: Int, _ compose: (inout ByteWriter) -> Void) -> String {
        ByteWriter.withBytes(capacity: capacity, compose) { String(decoding: $0, as: UTF8.self) }
    }

    @Test func piecesComeOneAfterAnother() {
        let written = text(capacity: 256) { writer in
            writer.append("static ")
            writer.append(text: "String of more than fifteen bytes, 你好 ")
            writer.append(text: "")
            writer.append(byte: UInt8(ascii: "b"))
            writer.append(ByteBuffer(string: " buffer"))
            writer.append(ByteBuffer())
        }
        #expect(written == "static String of more than fifteen bytes, 你好 b buffer")
    }

    @Test(arguments: [
        0, 1, 9, 10, 11, 99, 100, 101, 12_345, 1_000_000, -1, -10, Int.max, Int.min, Int.min + 1,
        999_999_999_999_999_999, 1_000_000_000_000_000_000,
    ])
    func numbersAreDecimal(number: Int) {
        #expect(text(capacity: 32) { $0.append(number: number) } == String(number))
        // Not a byte too little or too much is asked for.
        #expect(text(capacity: 0) { $0.append(number: number) } == String(number))
    }

    @Test func hexadecimalNumbersKeepTheirZeros() {
        #expect(text(capacity: 32) { $0.append(hexadecimal: 0xBE, digits: 4) } == "00be")
        #expect(text(capacity: 32) { $0.append(hexadecimal: .max, digits: 16) } == "ffffffffffffffff")
        #expect(text(capacity: 32) { $0.append(hexadecimal: 0x12345, digits: 2) } == "45")
    }

    @Test(arguments: 0...20) func whatDoesNotFitIsWrittenInASecondRun(capacity: Int) {
        var runs = 0
        let written = text(capacity: capacity) { writer in
            runs += 1
            writer.append("abc")
            writer.append(text: "defgh")
            writer.append(byte: UInt8(ascii: "i"))
            writer.append(number: -12)
        }
        #expect(written == "abcdefghi-12")
        #expect(runs == (capacity < 12 ? 2 : 1))
    }

    @Test(arguments: [0, 3, 4000]) func aBufferGrowsToWhatIsWritten(capacity: Int) {
        var buffer = ByteBuffer(string: "before ")
        buffer.compose(capacity: capacity) { writer in
            for _ in 0..<1000 { writer.append("0123456789") }
        }
        #expect(buffer.readableBytes == 10_007)
        #expect(String(buffer: buffer).hasPrefix("before 01234567890123"))
        #expect(String(buffer: buffer).hasSuffix("90123456789"))
    }

    @Test(arguments: [0, 3, 4000]) func aNewBufferHoldsWhatIsWritten(capacity: Int) {
        let buffer = ByteBuffer(capacity: capacity) { writer in
            writer.append("0123")
            writer.append(hexadecimal: 0xAB, digits: 4)
        }
        #expect(String(buffer: buffer) == "012300ab")
    }

    @Test func aTextStandsBetweenTwoOthers() {
        var buffer = ByteBuffer(string: "x")
        for text in ["", "middle"] {
            var text = text
            text.withUTF8 { buffer.append("(", UnsafeRawBufferPointer($0), ")") }
        }
        #expect(String(buffer: buffer) == "x()(middle)")
    }

    @Test func nothingComposedIsNothingWritten() {
        var buffer = ByteBuffer(string: "x")
        buffer.compose(capacity: 0) { _ in }
        #expect(String(buffer: buffer) == "x")
    }
}
