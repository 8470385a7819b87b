package import NIOCore

/// Status and header lines of an upstream answer; values are looked up on demand.
package struct UpstreamResponseHead: Sendable, Equatable {
    package var status: Int
    /// The header lines, each with its CR LF.
    package var fields: ByteBuffer

    package init(status: Int, fields: ByteBuffer) {
        self.status = status
        self.fields = fields
    }

    /// The first value with this name (given in lower case), blanks around it removed.
    package func first(_ name: StaticString) -> String? {
        fields.withUnsafeReadableBytes { bytes in
            var lines = HeaderLines(bytes)
            while let line = lines.next() {
                if line.name(is: name) { return String(decoding: line.value, as: UTF8.self) }
            }
            return nil
        }
    }
}

extension UpstreamResponseHead {
    /// The kinds of bodies.
    package enum Content: Sendable {
        case json, events
    }

    /// The kind of body by the first `content-type`; nil where there is none or it is another.
    package var content: Content? {
        fields.withUnsafeReadableBytes { bytes in
            var lines = HeaderLines(bytes)
            while let line = lines.next() {
                guard line.name(is: "content-type") else { continue }
                if line.value(startsWith: "application/json") { return .json }
                return line.value(startsWith: "text/event-stream") ? .events : nil
            }
            return nil
        }
    }
}

/// Walks over header lines without copying them.
struct HeaderLines {
    struct Line {
        var name: UnsafeRawBufferPointer
        var value: UnsafeRawBufferPointer

        /// Whether this is the name, given in lower case.
        func name(is other: StaticString) -> Bool { Self.equal(name, other) }

        /// Whether this is the value, given in lower case.
        func value(is other: StaticString) -> Bool { Self.equal(value, other) }

        /// Whether this word, given in lower case, is one of those between the commas of the value.
        func value(lists word: StaticString) -> Bool {
            var first = 0
            while first < value.count {
                var end = first
                while end < value.count, value[end] != UInt8(ascii: ",") { end &+= 1 }
                let next = end + 1
                while first < end, value[first] == 0x20 || value[first] == 0x09 { first &+= 1 }
                while end > first, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end &-= 1 }
                if Self.equal(UnsafeRawBufferPointer(rebasing: value[first..<end]), word) { return true }
                first = next
            }
            return false
        }

        private static func equal(_ bytes: UnsafeRawBufferPointer, _ other: StaticString) -> Bool {
            guard bytes.count == other.utf8CodeUnitCount else { return false }
            let wanted = other.utf8Start
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == wanted[index] else { return false }
                index &+= 1
            }
            return true
        }

        func value(startsWith prefix: StaticString) -> Bool {
            guard value.count >= prefix.utf8CodeUnitCount else { return false }
            let wanted = prefix.utf8Start
            var index = 0
            while index < prefix.utf8CodeUnitCount {
                guard value[index] == wanted[index] else { return false }
                index &+= 1
            }
            return true
        }
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// A line without a colon, or one that continues the line before, was met.
    private(set) var isMalformed = false

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func next() -> Line? {
        while position < bytes.count {
            let start = position
            var end = lineFeed(from: start)
            position = end + 1
            if end > start, bytes[end - 1] == 0x0D { end -= 1 }
            guard end > start else { continue }
            var colon = start
            while colon < end, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
            guard colon > start, colon < end, bytes[start] > 0x20 else {
                isMalformed = true
                continue
            }
            var first = colon + 1
            while first < end, bytes[first] == 0x20 || bytes[first] == 0x09 { first += 1 }
            var last = end
            while last > first, bytes[last - 1] == 0x20 || bytes[last - 1] == 0x09 { last -= 1 }
            return Line(
                name: UnsafeRawBufferPointer(rebasing: bytes[start..<colon]),
                value: UnsafeRawBufferPointer(rebasing: bytes[first..<last])
            )
        }
        return nil
    }

    /// The next line feed, or the end; looked for eight bytes at a time.
    @inline(__always)
    private func lineFeed(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = start
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let difference = word ^ (ones &* 0x0A)
            let found = (difference &- ones) & ~difference & 0x8080_8080_8080_8080
            if found != 0 { return position + found.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        return position
    }
}
