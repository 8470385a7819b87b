import JSONBytes
import NIOCore

/// Cuts a text at the first of the client's stop sequences that stands in it.
///
/// DashScope ends an answer before a stop sequence and does not say that it did. A model that writes on is cut here, and
/// then the sequence is known. Text that may be the beginning of a sequence is held until more of it has come.
struct StopSequences: Sendable {
    private struct Sequence: Sendable {
        let bytes: [UInt8]
        /// For each beginning of the sequence the length of its longest proper ending that is a beginning, too.
        let fallback: [Int]
        var matched = 0

        init(_ text: String) {
            let bytes = Array(text.utf8)
            var fallback = Array(repeating: 0, count: bytes.count)
            var length = 0
            for index in bytes.indices.dropFirst() {
                while length > 0, bytes[index] != bytes[length] { length = fallback[length - 1] }
                if bytes[index] == bytes[length] { length += 1 }
                fallback[index] = length
            }
            self.bytes = bytes
            self.fallback = fallback
        }

        /// Reads one byte; true where it completes the sequence.
        mutating func read(_ byte: UInt8) -> Bool {
            while matched > 0, bytes[matched] != byte { matched = fallback[matched - 1] }
            if bytes[matched] == byte { matched += 1 }
            return matched == bytes.count
        }
    }

    /// Longer ones are left to upstream: what is held of a text is as long.
    private static let longest = 1024

    private var sequences: [Sequence]
    private var held: [UInt8] = []
    /// The sequence at which the text was cut.
    private(set) var found: [UInt8]?

    init(_ texts: [String]) {
        sequences = texts.filter { (1...Self.longest).contains($0.utf8.count) }.map { Sequence($0) }
    }

    var isEmpty: Bool { sequences.isEmpty }

    /// Takes the inside of a JSON string; returns the inside of one with what can be passed on.
    mutating func take(_ text: UnsafeRawBufferPointer) -> ByteBuffer {
        guard found == nil else { return ByteBuffer() }
        for byte in [UInt8](unescaping: text) {
            held.append(byte)
            for index in sequences.indices where sequences[index].read(byte) {
                let bytes = sequences[index].bytes
                if bytes.count > found?.count ?? 0 { found = bytes }
            }
            if let found { return release(keeping: found.count) }
        }
        return release(keeping: sequences.reduce(0) { max($0, $1.matched) })
    }

    /// The text ends here, or something else follows: what was held belongs to it.
    mutating func flush() -> ByteBuffer {
        guard found == nil else { return ByteBuffer() }
        for index in sequences.indices { sequences[index].matched = 0 }
        return release(keeping: 0)
    }

    private mutating func release(keeping count: Int) -> ByteBuffer {
        let text = String(decoding: held.dropLast(count), as: UTF8.self)
        held = Array(held.suffix(count))
        var output = ByteBuffer()
        output.writeJSONContent(text)
        return output
    }
}
