package import ByteWriting
package import NIOCore

extension ByteBuffer {
    /// Appends `Name: value` and a line break; characters that could end the line are left out.
    package mutating func writeHeader(_ name: StaticString, _ value: String) {
        compose(capacity: name.utf8CodeUnitCount + value.utf8.count + 4) { $0.writeHeader(name, value) }
    }
}

/// Response heads written as bytes; NIO's own encoder costs several buffers for each message.
extension ByteWriter {
    /// Appends `Name: value` and a line break; characters that could end the line are left out.
    package mutating func writeHeader(_ name: StaticString, _ value: String) {
        append(name)
        writeHeaderValue(value)
    }

    /// Appends a header's value between the colon and the line break; characters that could end it are left out.
    package mutating func writeHeaderValue(_ value: String) {
        append(": ")
        var value = value
        value.withUTF8 { bytes in
            var isClean = true
            for byte in bytes where byte < 0x20 || byte == 0x7F { isClean = false }
            if isClean { return append(bytes: UnsafeRawBufferPointer(bytes)) }
            for byte in bytes where byte >= 0x20 && byte != 0x7F { append(byte: byte) }
        }
        append("\r\n")
    }

    mutating func writeStatusLine(_ status: Int) {
        switch status {
        case 200: append("HTTP/1.1 200 OK\r\n")
        case 204: append("HTTP/1.1 204 No Content\r\n")
        case 206: append("HTTP/1.1 206 Partial Content\r\n")
        case 400: append("HTTP/1.1 400 Bad Request\r\n")
        case 401: append("HTTP/1.1 401 Unauthorized\r\n")
        case 403: append("HTTP/1.1 403 Forbidden\r\n")
        case 404: append("HTTP/1.1 404 Not Found\r\n")
        case 405: append("HTTP/1.1 405 Method Not Allowed\r\n")
        case 408: append("HTTP/1.1 408 Request Timeout\r\n")
        case 409: append("HTTP/1.1 409 Conflict\r\n")
        case 413: append("HTTP/1.1 413 Content Too Large\r\n")
        case 415: append("HTTP/1.1 415 Unsupported Media Type\r\n")
        case 416: append("HTTP/1.1 416 Range Not Satisfiable\r\n")
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

    package init(capacity: Int) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity + Self.prefixLength + 2)
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
