import ByteWriting
package import JSONBytes
package import NIOCore

/// Puts the lines of a batch's results into OpenAI's form as they arrive.
///
/// Only what differs is touched: a line without `response` or `error` gets null for it. Lines that are longer than
/// ``longestLine`` or no JSON pass as they are.
package struct BatchResultLines {
    package static let longestLine = 1 << 20

    private static let newline = UInt8(ascii: "\n")

    /// The beginning of a line whose end has not arrived.
    private var line = ByteBuffer()
    /// The present line is too long to be looked at.
    private var passes = false

    package init() {}

    /// Bytes that wait for the end of their line.
    package var bufferedBytes: Int { line.readableBytes }

    /// Takes bytes and appends what can be passed on.
    package mutating func append(_ bytes: ByteBuffer, tape: JSONTape, into output: inout ByteBuffer) {
        var rest = bytes
        while let end = rest.readableBytesView.firstIndex(of: Self.newline) {
            let length = end - rest.readerIndex
            if passes {
                passes = false
                if let piece = rest.readSlice(length: length + 1) { output.writeImmutableBuffer(piece) }
                continue
            }
            if let piece = rest.readSlice(length: length) { line.writeImmutableBuffer(piece) }
            rest.moveReaderIndex(forwardBy: 1)
            writeLine(tape, into: &output)
            output.writeInteger(Self.newline)
        }
        guard rest.readableBytes > 0 else { return }
        if !passes { line.writeImmutableBuffer(rest) } else { output.writeImmutableBuffer(rest) }
        guard line.readableBytes > Self.longestLine else { return }
        passes = true
        output.writeImmutableBuffer(line)
        line = ByteBuffer()
    }

    /// Appends the last line, which may have no end.
    package mutating func finish(tape: JSONTape, into output: inout ByteBuffer) {
        if line.readableBytes > 0 { writeLine(tape, into: &output) }
    }

    private mutating func writeLine(_ tape: JSONTape, into output: inout ByteBuffer) {
        defer { line.clear() }
        // So that the bound is the same whichever way the line arrived.
        guard line.readableBytes <= Self.longestLine else {
            output.writeImmutableBuffer(line)
            return
        }
        let missing: [StaticString] = line.withUnsafeReadableBytes { bytes in
            guard !bytes.isEmpty, let root = try? tape.parse(bytes), root.kind == .object, root["custom_id"] != nil
            else { return [] }
            let names: [StaticString] = ["response", "error"]
            return names.filter { root[$0] == nil }
        }
        guard !missing.isEmpty, let brace = line.readableBytesView.lastIndex(of: UInt8(ascii: "}")),
            let object = line.readSlice(length: brace - line.readerIndex)
        else {
            output.writeImmutableBuffer(line)
            return
        }
        output.writeImmutableBuffer(object)
        for name in missing {
            output.append(",\"")
            output.append(name)
            output.append("\":null")
        }
        output.writeImmutableBuffer(line)
    }
}
