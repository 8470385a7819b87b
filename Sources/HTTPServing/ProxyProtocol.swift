import NIOCore

/// Reads the header of the PROXY protocol, versions 1 and 2, as HAProxy's specification gives it.
enum ProxyProtocol {
    /// Whom the header names.
    enum Peer: Equatable {
        /// The proxy speaks for itself, or does not know: the connection's own address counts.
        case connection
        /// A client's IP address.
        case client(SocketAddress)
        /// A client on a Unix socket, which has no address.
        case unnamed
    }

    /// The faults of a header.
    enum Fault: Error, Equatable {
        case notAHeader
        case malformed
        case tooLong
    }

    /// The longest line of version 1, with its line break.
    private static let maximumLine = 107
    /// More than any proxy sends: addresses and a few extensions.
    private static let maximumExtension = 4096
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    /// Takes the header off the front of `buffer`; nil where more bytes are needed.
    static func read(from buffer: inout ByteBuffer) throws(Fault) -> Peer? {
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return nil }
        switch first {
        case 0x0D: return try readBinary(from: &buffer)
        case UInt8(ascii: "P"): return try readLine(from: &buffer)
        default: throw .notAHeader
        }
    }

    private static func readLine(from buffer: inout ByteBuffer) throws(Fault) -> Peer? {
        let view = buffer.readableBytesView
        guard view.prefix(6).elementsEqual("PROXY ".utf8.prefix(view.count)) else { throw .notAHeader }
        guard let end = view.prefix(maximumLine).firstIndex(of: 0x0A) else {
            if view.count >= maximumLine { throw .tooLong }
            return nil
        }
        let line = view[view.startIndex..<end]
        guard line.last == 0x0D else { throw .malformed }
        let words = line.dropLast().split(separator: 0x20, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        buffer.moveReaderIndex(forwardBy: line.count + 1)
        guard words.count >= 2 else { throw .malformed }
        if words[1] == "UNKNOWN" { return .connection }
        guard words.count == 6, isPort(words[4]), isPort(words[5]) else { throw .malformed }
        guard let source = address(words[2], words[1]), address(words[3], words[1]) != nil else { throw .malformed }
        return .client(source)
    }

    private static func isPort(_ text: String) -> Bool {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return UInt16(text) != nil && (text == "0" || text.utf8.first != 0x30)
    }

    /// The address, where it is one of the family.
    private static func address(_ text: String, _ family: String) -> SocketAddress? {
        guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        switch (address, family) {
        case (.v4, "TCP4"), (.v6, "TCP6"): return address
        default: return nil
        }
    }

    private static func readBinary(from buffer: inout ByteBuffer) throws(Fault) -> Peer? {
        let view = buffer.readableBytesView
        guard view.prefix(signature.count).elementsEqual(signature.prefix(view.count)) else { throw .notAHeader }
        guard view.count >= 16 else { return nil }
        let start = buffer.readerIndex
        guard let command = buffer.getInteger(at: start + 12, as: UInt8.self),
            let family = buffer.getInteger(at: start + 13, as: UInt8.self),
            let length = buffer.getInteger(at: start + 14, as: UInt16.self)
        else { return nil }
        guard command >> 4 == 2, command & 0xF <= 1 else { throw .malformed }
        guard length <= maximumExtension else { throw .tooLong }
        guard view.count >= 16 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 16)
        guard var rest = buffer.readSlice(length: Int(length)) else { throw .malformed }
        // LOCAL: the proxy's own health check.
        guard command & 0xF == 1 else { return .connection }
        // The high half is the family, the low half must say stream.
        switch family {
        case 0x11: return try client(in: &rest, length: 4, total: 12)
        case 0x21: return try client(in: &rest, length: 16, total: 36)
        case 0x31:
            guard rest.readableBytes >= 216 else { throw .malformed }
            return .unnamed
        case 0x00: return .connection
        default: throw .malformed
        }
    }

    private static func client(in rest: inout ByteBuffer, length: Int, total: Int) throws(Fault) -> Peer {
        guard rest.readableBytes >= total, let packed = rest.readSlice(length: length),
            let address = try? SocketAddress(packedIPAddress: packed, port: 0)
        else { throw .malformed }
        return .client(address)
    }
}
