import Foundation
import NIOCore
import Testing

@testable import APITranslation

/// Base64 in JSON, decoded piece by piece.
struct MediaDecoderTests {
    /// The bytes of a text that comes in pieces of this length; nil where it is refused.
    private func decode(_ text: String, pieces length: Int) -> String? {
        var decoder = MediaDecoder()
        var (rest, output) = (ByteBuffer(string: text), ByteBuffer())
        while let piece = rest.readSlice(length: min(length, rest.readableBytes)), piece.readableBytes > 0 {
            guard piece.withUnsafeReadableBytes({ decoder.decode($0, into: &output) }) else { return nil }
        }
        return decoder.isComplete() ? output.readableBytesView.map { String($0) }.joined(separator: " ") : nil
    }

    private static let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 197 ^ $0 >> 3) }

    @Test(arguments: 0..<10)
    func piecesOfAnyLengthMeanTheSame(cut: Int) {
        let bytes = Data(Self.bytes.dropLast(cut))
        let plain = bytes.base64EncodedString()
        let wanted = bytes.map { String($0) }.joined(separator: " ")
        let texts = [
            plain, plain.replacing("/", with: "\\/"),
            plain.replacing("+", with: "\\u002B").replacing("/", with: "\\u002f"),
            plain.replacing("=", with: ""), plain.replacing("=", with: "\\u003d"),
            stride(from: 0, to: plain.count, by: 76).map { String(plain.dropFirst($0).prefix(76)) }
                .joined(separator: "\\r\\n"),
        ]
        for text in texts {
            for length in [1, 2, 3, 4, 5, 7, 64, 1000] {
                #expect(decode(text, pieces: length) == wanted, "pieces of \(length)")
            }
        }
    }

    @Test(arguments: [
        "AAA-", "A", "AAAA=A", "AA===", "AAAAA", "AA\\u00ZZ", "AA\\\"A", "AA\\u005cA", "AA\\", "\\u00", "\u{e9}AAA",
    ])
    func whatIsNoBase64IsRefused(text: String) {
        for length in [1, 3, 100] { #expect(decode(text, pieces: length) == nil) }
    }
}
