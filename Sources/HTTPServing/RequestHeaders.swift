import NIOCore
package import NIOHTTP1

/// The header fields of one request, kept as the bytes they came in; a value becomes a string on demand.
///
/// A request has ten fields of which three are read: a list of strings would cost more than the search.
package struct RequestHeaders: Sendable {
    private enum Storage: Sendable {
        /// Validated lines, each with its CR LF.
        case lines(ByteBuffer)
        case list(HTTPHeaders)
    }

    private let storage: Storage
    /// Which names may be among the fields; asked first, because most names that are looked for are absent.
    private let names: NameFilter

    init(lines: ByteBuffer, names: NameFilter) {
        storage = .lines(lines)
        self.names = names
    }

    /// Fields that were decoded elsewhere, such as from HPACK.
    package init(_ list: HTTPHeaders) {
        storage = .list(list)
        names = .all
    }

    /// How many bytes the fields are, about.
    var byteCount: Int {
        switch storage {
        case .list(let list): list.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        case .lines(let lines): lines.readableBytes
        }
    }

    /// The first value with this name, whatever the case, blanks around it removed.
    package func first(name: String) -> String? {
        var value: String?
        withFirst(name: name) { value = String(decoding: $0, as: UTF8.self) }
        return value
    }

    /// Lends the bytes of the first value with this name to `body`; false where there is none.
    @discardableResult
    package func withFirst(name: String, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard names.mayContain(name) else { return false }
        switch storage {
        case .list(let list):
            guard var value = list.first(name: name) else { return false }
            value.withUTF8 { body(UnsafeRawBufferPointer($0)) }
            return true
        case .lines(let lines):
            var isThere = false
            Self.each(lines, named: name) { text in
                isThere = true
                body(UnsafeRawBufferPointer(rebasing: text))
                return false
            }
            return isThere
        }
    }

    package func contains(name: String) -> Bool {
        withFirst(name: name) { _ in }
    }

    /// All values with this name, one for each line.
    package subscript(name: String) -> [String] {
        guard names.mayContain(name) else { return [] }
        switch storage {
        case .list(let list):
            return list[name]
        case .lines(let lines):
            var values: [String] = []
            Self.each(lines, named: name) { text in
                values.append(String(decoding: text, as: UTF8.self))
                return true
            }
            return values
        }
    }

    /// All values with this name, split at commas.
    package subscript(canonicalForm name: String) -> [Substring] {
        self[name].flatMap { value in
            value.split(separator: ",").map { part in
                var part = part.drop { $0 == " " || $0 == "\t" }
                while part.last == " " || part.last == "\t" { part.removeLast() }
                return part
            }
        }
    }

    /// All fields as strings, in order.
    package var list: HTTPHeaders {
        switch storage {
        case .list(let list):
            return list
        case .lines(let lines):
            var list = HTTPHeaders()
            lines.withUnsafeReadableBytes { bytes in
                var lines = FieldLines(bytes)
                while let line = lines.next() {
                    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
                    list.add(
                        name: String(decoding: line[..<colon], as: UTF8.self),
                        value: String(decoding: FieldLines.trimmed(line[(colon + 1)...]), as: UTF8.self)
                    )
                }
            }
            return list
        }
    }

    /// Calls `body` with the values of one name until it returns false.
    @inline(__always)
    private static func each(
        _ lines: ByteBuffer,
        named name: String,
        _ body: (Slice<UnsafeRawBufferPointer>) -> Bool
    ) {
        var name = name
        name.withUTF8 { name in
            lines.withUnsafeReadableBytes { bytes in
                var lines = FieldLines(bytes)
                while let line = lines.next() {
                    guard let value = FieldLines.value(of: line, named: name) else { continue }
                    guard body(FieldLines.trimmed(value)) else { return }
                }
            }
        }
    }
}

/// Says of most absent names at once that they are absent: one bit for length and first letter.
struct NameFilter: Sendable {
    private var bits: UInt64 = 0

    /// Says of no name that it is absent.
    static let all = NameFilter(bits: .max)

    init() {}

    private init(bits: UInt64) { self.bits = bits }

    @inline(__always)
    private static func bit(first: UInt8, count: Int) -> UInt64 {
        1 << UInt64(truncatingIfNeeded: (Int(first | 0x20) &+ count &* 7) & 63)
    }

    @inline(__always)
    mutating func insert(first: UInt8, count: Int) {
        bits |= Self.bit(first: first, count: count)
    }

    @inline(__always)
    func mayContain(_ name: String) -> Bool {
        guard let first = name.utf8.first else { return false }
        return bits & Self.bit(first: first, count: name.utf8.count) != 0
    }
}

/// Walks over field lines that ``HTTPRequestParser`` has accepted.
private struct FieldLines {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next line without its CR LF.
    @inline(__always)
    mutating func next() -> Slice<UnsafeRawBufferPointer>? {
        let start = position
        var end = start
        while end < bytes.count, bytes[end] != 0x0D { end += 1 }
        guard end > start else { return nil }
        position = end + 2
        return bytes[start..<end]
    }

    @inline(__always)
    static func value(
        of line: Slice<UnsafeRawBufferPointer>,
        named name: UnsafeBufferPointer<UInt8>
    ) -> Slice<UnsafeRawBufferPointer>? {
        let start = line.startIndex
        guard line.count > name.count, line.base[start + name.count] == UInt8(ascii: ":") else { return nil }
        for offset in 0..<name.count {
            let (left, right) = (line.base[start + offset], name[offset])
            guard left == right || (left ^ right == 0x20 && (left | 0x20) &- 0x61 < 26) else { return nil }
        }
        return line[(start + name.count + 1)...]
    }

    @inline(__always)
    static func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var start = value.startIndex
        var end = value.endIndex
        while start < end, value.base[start] == 0x20 || value.base[start] == 0x09 { start += 1 }
        while end > start, value.base[end - 1] == 0x20 || value.base[end - 1] == 0x09 { end -= 1 }
        return value.base[start..<end]
    }
}
