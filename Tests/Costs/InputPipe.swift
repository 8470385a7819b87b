import Foundation
import NIOCore

/// The inputs of laws between the process that makes them and the one that is counted.
///
/// A text and a buffer are their length in 32 bits, then their bytes; an input is the number of its buffers, then these.
enum InputPipe {
    private nonisolated(unsafe) static let input = fdopen(0, "r")
    private nonisolated(unsafe) static let output = fdopen(1, "w")

    /// Sends what was written; exits where nobody reads it.
    static func flush() {
        guard fflush(output) == 0 else { exit(1) }
    }

    static func write(text: String) { write(ByteBuffer(string: text)) }

    static func write(_ input: [ByteBuffer]) {
        write(number: input.count)
        for buffer in input { write(buffer) }
    }

    /// Nil at the end of standard input.
    static func readText() -> String? { readBuffer().map { String(buffer: $0) } }

    static func read() -> [ByteBuffer]? {
        guard let count = readNumber() else { return nil }
        var input: [ByteBuffer] = []
        input.reserveCapacity(count)
        for _ in 0..<count {
            guard let buffer = readBuffer() else { return nil }
            input.append(buffer)
        }
        return input
    }

    private static func write(_ buffer: ByteBuffer) {
        write(number: buffer.readableBytes)
        buffer.withUnsafeReadableBytes { write(bytes: $0) }
    }

    private static func write(number: Int) {
        withUnsafeBytes(of: UInt32(number)) { write(bytes: $0) }
    }

    private static func write(bytes: UnsafeRawBufferPointer) {
        guard fwrite(bytes.baseAddress, 1, bytes.count, output) == bytes.count else { exit(1) }
    }

    private static func readNumber() -> Int? {
        var number: UInt32 = 0
        return fread(&number, 4, 1, input) == 1 ? Int(number) : nil
    }

    private static func readBuffer() -> ByteBuffer? {
        guard let count = readNumber() else { return nil }
        var buffer = ByteBuffer()
        let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) {
            fread($0.baseAddress, 1, count, input)
        }
        return read == count ? buffer : nil
    }
}
