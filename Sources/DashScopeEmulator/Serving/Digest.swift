import Crypto
import NIOCore

/// SHA-256, with which tests compare what arrived.
enum Digest {
    static func hexadecimal(of bytes: ByteBuffer) -> String {
        var hash = SHA256()
        bytes.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
