import ByteWriting
import JSONBytes
import NIOCore
import WireFormats

/// Closes texts that clients keep and send back without reading them, and opens them again.
///
/// It belongs to one caller: what another caller's closed cannot be opened.
package struct ContentSeal: Sendable {
    package enum Purpose: String, Sendable {
        case reasoning, compaction
    }

    let close: @Sendable ([UInt8], Purpose) -> [UInt8]
    let open: @Sendable ([UInt8], Purpose) -> [UInt8]?

    /// `open` gives nil for what was not closed by `close` for the same purpose.
    package init(
        close: @escaping @Sendable ([UInt8], Purpose) -> [UInt8],
        open: @escaping @Sendable ([UInt8], Purpose) -> [UInt8]?
    ) {
        self.close = close
        self.open = open
    }
}

/// `encrypted_content` of items.
enum SealedContent {
    private static let mark = "dsg2."

    /// Appends a sealed text, which is the inside of a JSON string, as the inside of another.
    static func write(
        _ text: ByteBuffer,
        _ purpose: ContentSeal.Purpose,
        _ seal: ContentSeal,
        into output: inout ByteBuffer
    ) {
        var quoted = ByteBuffer()
        quoted.append("\"")
        quoted.writeImmutableBuffer(text)
        quoted.append("\"")
        let tape = JSONTape()
        let plain = quoted.withUnsafeReadableBytes { (try? tape.parse($0))?.string } ?? ""
        output.append(text: mark)
        output.append(bytes: Base64.encode(seal.close(Array(plain.utf8), purpose)))
    }

    /// The text of a sealed one; nil where it was sealed elsewhere, for another caller, or is damaged.
    static func open(_ sealed: JSONValue, _ purpose: ContentSeal.Purpose, _ seal: ContentSeal?) -> String? {
        guard let seal, let content = sealed.string, content.hasPrefix(mark),
            let bytes = Base64.decode(content.utf8.dropFirst(mark.utf8.count)),
            let plain = seal.open(bytes, purpose)
        else { return nil }
        return String(validating: plain, as: UTF8.self)
    }
}
