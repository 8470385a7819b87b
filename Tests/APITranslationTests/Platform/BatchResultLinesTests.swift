import JSONBytes
import NIOCore
import TestSupport
import Testing

@testable import APITranslation

/// The results of a batch, line by line.
struct BatchResultLinesTests {
    private func rewritten(_ pieces: [String]) -> String {
        let tape = JSONTape()
        var lines = BatchResultLines()
        var output = ByteBuffer()
        for piece in pieces { lines.append(ByteBuffer(string: piece), tape: tape, into: &output) }
        lines.finish(tape: tape, into: &output)
        return String(buffer: output)
    }

    private static let complete =
        #"{"id":"1","custom_id":"a","response":{"status_code":200,"body":{"n": 1.0}},"error":null}"# + "\r\n"

    @Test func aCompleteLineStaysAsItIs() {
        #expect(rewritten([Self.complete]) == Self.complete)
    }

    @Test func whatIsMissingIsNull() {
        let text = #"{"id":"1","custom_id":"a","error":{"code":"x"}}"# + "\n" + #"{"custom_id":"b","response":{}} "#
        #expect(
            rewritten([text])
                == #"{"id":"1","custom_id":"a","error":{"code":"x"},"response":null}"# + "\n"
                + #"{"custom_id":"b","response":{},"error":null} "#
        )
    }

    @Test func whatIsNoResultStays() {
        let text = "not json\n{\"a\":1}\n\n[1]\n"
        #expect(rewritten([text]) == text)
    }

    @Test func anyDivisionGivesTheSame() {
        let text = Self.complete + #"{"custom_id":"b"}"# + "\n" + Self.complete
        let expected = rewritten([text])
        for end in 1..<text.utf8.count {
            let pieces = [String(text.prefix(end)), String(text.dropFirst(end))]
            #expect(rewritten(pieces) == expected)
        }
    }

    @Test func aLongLineIsNotKept() {
        let tape = JSONTape()
        var lines = BatchResultLines()
        var output = ByteBuffer()
        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 300_000)
        for _ in 0..<10 {
            lines.append(piece, tape: tape, into: &output)
            #expect(lines.bufferedBytes <= BatchResultLines.longestLine)
        }
        lines.append(ByteBuffer(string: "\n{\"custom_id\":\"b\"}\n"), tape: tape, into: &output)
        let last = #"{"custom_id":"b","response":null,"error":null}"# + "\n"
        #expect(output.readableBytes == 3_000_000 + 1 + last.utf8.count)
    }
}
