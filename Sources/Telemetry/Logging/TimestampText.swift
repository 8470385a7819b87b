package import ByteWriting

/// A moment as RFC 3339 writes it, `2026-11-24T02:55:33.120Z`: kept in place, for one is made for each record.
package struct TimestampText: Sendable {
    private static let length = 24

    private var bytes = InlineArray<24, UInt8>(repeating: UInt8(ascii: "0"))

    init() {}

    /// From a text of 24 bytes; of another length only as many bytes count.
    package init(_ text: String) {
        for (index, byte) in text.utf8.prefix(Self.length).enumerated() { bytes[index] = byte }
    }

    /// The text ends with `.mmmZ`.
    mutating func setMilliseconds(_ milliseconds: Int) {
        bytes[20] = UInt8(truncatingIfNeeded: 0x30 + milliseconds / 100 % 10)
        bytes[21] = UInt8(truncatingIfNeeded: 0x30 + milliseconds / 10 % 10)
        bytes[22] = UInt8(truncatingIfNeeded: 0x30 + milliseconds % 10)
    }
}

extension ByteWriter {
    /// Appends the 24 bytes of a moment.
    package mutating func append(_ time: TimestampText) {
        time.withBytes { append(bytes: $0) }
    }
}

extension TimestampText: CustomStringConvertible {
    fileprivate func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.span.withUnsafeBytes(body)
    }

    package var description: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
