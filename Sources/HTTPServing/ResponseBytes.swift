package import NIOCore

/// Response heads written as bytes; NIO's own encoder costs several buffers for each message.
extension ByteBuffer {
    /// Appends `Name: value` and a line break; characters that could end the line are left out.
    package mutating func writeHeader(_ name: StaticString, _ value: String) {
        append(name)
        append(": ")
        if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            writeBytes(value.utf8.filter { $0 >= 0x20 && $0 != 0x7F })
        } else {
            append(text: value)
        }
        append("\r\n")
    }

    mutating func writeStatusLine(_ status: Int) {
        switch status {
        case 200: append("HTTP/1.1 200 OK\r\n")
        case 204: append("HTTP/1.1 204 No Content\r\n")
        case 400: append("HTTP/1.1 400 Bad Request\r\n")
        case 401: append("HTTP/1.1 401 Unauthorized\r\n")
        case 403: append("HTTP/1.1 403 Forbidden\r\n")
        case 404: append("HTTP/1.1 404 Not Found\r\n")
        case 405: append("HTTP/1.1 405 Method Not Allowed\r\n")
        case 408: append("HTTP/1.1 408 Request Timeout\r\n")
        case 413: append("HTTP/1.1 413 Content Too Large\r\n")
        case 415: append("HTTP/1.1 415 Unsupported Media Type\r\n")
        case 429: append("HTTP/1.1 429 Too Many Requests\r\n")
        case 431: append("HTTP/1.1 431 Request Header Fields Too Large\r\n")
        case 500: append("HTTP/1.1 500 Internal Server Error\r\n")
        case 502: append("HTTP/1.1 502 Bad Gateway\r\n")
        case 503: append("HTTP/1.1 503 Service Unavailable\r\n")
        case 504: append("HTTP/1.1 504 Gateway Timeout\r\n")
        default: append(text: "HTTP/1.1 \(status) \(status < 400 ? "OK" : "Error")\r\n")
        }
    }
}

/// A piece of a streamed answer, with room in front for the size line of the chunked coding.
///
/// The size is written in place once it is known, so that a chunk is one buffer and nothing is copied.
package struct ChunkBuffer: ~Copyable {
    private static let prefixLength = 10

    package var bytes: ByteBuffer

    package init(allocator: ByteBufferAllocator, capacity: Int) {
        bytes = allocator.buffer(capacity: capacity + Self.prefixLength + 2)
        bytes.append("00000000\r\n")
    }

    package var isEmpty: Bool { bytes.readableBytes == Self.prefixLength }

    package var count: Int { bytes.readableBytes - Self.prefixLength }

    /// The bytes to send: framed as one chunk, or bare for a client that knows no chunks.
    consuming func framed(chunked: Bool) -> ByteBuffer {
        let size = count
        guard chunked else {
            bytes.moveReaderIndex(forwardBy: Self.prefixLength)
            return bytes
        }
        bytes.append("\r\n")
        var rest = size
        var index = bytes.readerIndex + 8
        repeat {
            index -= 1
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            bytes.setInteger(digit < 10 ? 0x30 + digit : 0x57 + digit, at: index)
            rest >>= 4
        } while rest > 0
        bytes.moveReaderIndex(to: index)
        return bytes
    }
}
