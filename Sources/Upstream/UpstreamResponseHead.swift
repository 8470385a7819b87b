package import NIOCore

/// Status and header lines of an upstream answer; values are looked up when somebody asks.
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
    /// Whether the first value with this name (given in lower case) begins so.
    package func first(_ name: StaticString, startsWith prefix: StaticString) -> Bool {
        fields.withUnsafeReadableBytes { bytes in
            var lines = HeaderLines(bytes)
            while let line = lines.next() {
                guard line.name(is: name) else { continue }
                guard line.value.count >= prefix.utf8CodeUnitCount else { return false }
                let start = line.value.startIndex
                for index in 0..<prefix.utf8CodeUnitCount
                where line.value.base[start + index] != prefix.utf8Start[index] { return false }
                return true
            }
            return false
        }
    }
}

/// Walks over header lines without copying them.
struct HeaderLines {
    struct Line {
        var name: Slice<UnsafeRawBufferPointer>
        var value: Slice<UnsafeRawBufferPointer>

        func name(is other: StaticString) -> Bool {
            let count = name.count
            guard count == other.utf8CodeUnitCount else { return false }
            let first = name.startIndex
            for index in 0..<count {
                let byte = name.base[first + index]
                let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
                if lower != other.utf8Start[index] { return false }
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
            return Line(name: bytes[start..<colon], value: bytes[first..<last])
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
