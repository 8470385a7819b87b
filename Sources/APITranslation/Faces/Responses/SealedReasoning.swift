import ByteWriting
import JSONBytes
import NIOCore
import WireFormats

/// `encrypted_content` of reasoning items: a copy of the thoughts that clients keep and send back without reading it.
enum SealedReasoning {
    private static let mark = "dsg1."

    /// Appends the copy of a text, which is the inside of a JSON string, as the inside of another.
    static func write(_ text: ByteBuffer, into output: inout ByteBuffer) {
        var quoted = ByteBuffer()
        quoted.append("\"")
        quoted.writeImmutableBuffer(text)
        quoted.append("\"")
        let tape = JSONTape()
        let plain = quoted.withUnsafeReadableBytes { (try? tape.parse($0))?.string } ?? ""
        output.append(text: mark)
        output.append(bytes: Base64.encode(plain.utf8))
    }

    /// The thoughts in a copy; nil where it was made elsewhere.
    static func open(_ sealed: JSONValue) -> String? {
        guard let content = sealed.string, content.hasPrefix(mark),
            let bytes = Base64.decode(content.utf8.dropFirst(mark.utf8.count))
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
