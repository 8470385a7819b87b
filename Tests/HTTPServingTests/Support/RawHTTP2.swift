import NIOCore
import NIOPosix

/// HTTP/2 frames as bytes, for clients that no library would be.
enum RawHTTP2 {
    struct Frame: Equatable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]

        var endsStream: Bool { flags & 1 == 1 }

        /// The error code of RST_STREAM or GOAWAY.
        var code: UInt8? {
            switch type {
            case RawHTTP2.reset: payload.last
            case RawHTTP2.goAway: payload.count >= 8 ? payload[7] : nil
            default: nil
            }
        }
    }

    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let reset: UInt8 = 3
    static let settings: UInt8 = 4
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8

    /// The preface and empty settings.
    static let hello = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(settings)

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = UInt32(payload.count)
        return [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
            + number(stream) + payload
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }

    /// HEADERS of a request; each field written out, so that no table has to be kept.
    static func request(
        _ path: String,
        method: String = "GET",
        stream: UInt32,
        ends: Bool = true,
        _ more: [(String, String)] = []
    ) -> [UInt8] {
        var block: [UInt8] = []
        let head = [(":method", method), (":scheme", "http"), (":authority", "a"), (":path", path)]
        for (name, value) in head + more {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        return frame(headers, flags: ends ? 5 : 4, stream: stream, block)
    }

    /// Cuts bytes into frames, as far as they are complete.
    static func frames(in buffer: inout ByteBuffer) -> [Frame] {
        var frames: [Frame] = []
        while buffer.readableBytes >= 9 {
            let bytes = buffer.readableBytesView
            let start = bytes.startIndex
            let length = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            guard bytes.count >= 9 + length, let frame = buffer.readBytes(length: 9 + length) else { break }
            let stream = frame[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(Frame(type: frame[3], flags: frame[4], stream: stream, payload: Array(frame[9...])))
        }
        return frames
    }

    /// Sends each piece, and reads until the frames so far satisfy the condition that belongs to it or the server closes.
    static func call(
        _ port: Int,
        group: any EventLoopGroup,
        _ pieces: [(bytes: [UInt8], until: ([Frame]) -> Bool)]
    ) async throws -> [Frame] {
        try await RawClient.open(.port(port), group: group).executeThenClose { inbound, outbound in
            var iterator = inbound.makeAsyncIterator()
            var buffer = ByteBuffer()
            var frames: [Frame] = []
            for piece in pieces {
                try await outbound.write(ByteBuffer(bytes: piece.bytes))
                while !piece.until(frames), let bytes = try await iterator.next() {
                    buffer.writeImmutableBuffer(bytes)
                    frames += Self.frames(in: &buffer)
                }
            }
            return frames
        }
    }
}
