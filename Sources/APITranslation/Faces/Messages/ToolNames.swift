import ByteWriting
import JSONBytes
import NIOCore

/// Names of tools as the model can take them: at most 64 letters, digits, `_` and `-`, and not `search`.
struct ToolNames {
    private static let longest = 64

    /// From the name sent upstream to the client's, for those that had to be changed.
    private(set) var changed: [String: String] = [:]

    /// Appends the name to send, as the inside of a JSON string.
    ///
    /// A name that has to be changed becomes the same in every request: its beginning and a hash of the whole.
    mutating func append(_ name: JSONValue, to body: inout ByteBuffer) {
        guard let content = name.escapedContent else { return }
        if Self.isTaken(content), !name.equals("search") { return body.append(bytes: content) }
        let text = name.string ?? ""
        let sent = Self.substitute(for: text)
        changed[sent] = text
        body.append(text: sent)
    }

    /// Whether a name goes up unchanged.
    static func isUnchanged(_ name: JSONValue) -> Bool {
        name.escapedContent.map { isTaken($0) } ?? false && !name.equals("search")
    }

    /// Whether the model takes a name as it is.
    static func isTaken(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isTaken(UnsafeRawBufferPointer($0)) } && name != "search"
    }

    private static func isTaken(_ name: UnsafeRawBufferPointer) -> Bool {
        (1...longest).contains(name.count) && name.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// A name the model takes: the beginning of this one and a hash of the whole.
    static func substitute(for name: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let beginning = name.utf8.prefix(longest - 17).map { isAllowed($0) ? $0 : UInt8(ascii: "_") }
        let digits = String(hash, radix: 16)
        return String(decoding: beginning, as: UTF8.self) + "_" + String(repeating: "0", count: 16 - digits.count)
            + digits
    }
}
