import NIOCore

extension ByteBuffer {
    /// Appends bytes as base64, without quotes.
    mutating func writeBase64(_ bytes: UnsafeRawBufferPointer) {
        let count = (bytes.count + 2) / 3 * 4
        writeWithUnsafeMutableBytes(minimumWritableBytes: count) { output in
            Base64.pairs.withUnsafeBufferPointer { pairs in
                var (position, written) = (0, 0)
                while position + 3 <= bytes.count {
                    let word =
                        Int(bytes[position]) << 16 | Int(bytes[position + 1]) << 8 | Int(bytes[position + 2])
                    output.storeBytes(of: pairs[word >> 12], toByteOffset: written, as: UInt16.self)
                    output.storeBytes(of: pairs[word & 0xFFF], toByteOffset: written + 2, as: UInt16.self)
                    position += 3
                    written += 4
                }
                let rest = bytes.count - position
                guard rest > 0 else { return }
                let word = Int(bytes[position]) << 16 | (rest == 2 ? Int(bytes[position + 1]) << 8 : 0)
                output.storeBytes(of: pairs[word >> 12], toByteOffset: written, as: UInt16.self)
                output.storeBytes(of: pairs[word & 0xFFF], toByteOffset: written + 2, as: UInt16.self)
                output[written + 3] = UInt8(ascii: "=")
                if rest == 1 { output[written + 2] = UInt8(ascii: "=") }
            }
            return count
        }
    }
}

private enum Base64 {
    /// The two characters for each 12 bits, in the order of memory.
    static let pairs: [UInt16] = {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return (0..<4096).map { UInt16(littleEndian: UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8) }
    }()
}
