package import NIOCore

/// Reads `multipart/form-data` as it arrives; the bytes of parts are handed on and not kept.
///
/// Source: RFC 7578 and RFC 2046, section 5.1.
package struct MultipartParser {
    package enum Event: Equatable {
        case part(MultipartPart)
        /// Bytes of the present part.
        case data(ByteBuffer)
        case partEnd
        /// The closing boundary; what follows is dropped.
        case end
    }

    package enum Failure: Error, Equatable {
        /// It does not begin with the boundary that its content type names.
        case noBoundary
        /// A part has no head that can be read, or no name.
        case badHead
        /// The head of a part is larger than this many bytes.
        case headTooLarge(limit: Int)
        /// It ended before its closing boundary.
        case incomplete
    }

    private enum State {
        case preamble
        /// Behind a boundary, before the end of its line.
        case boundary
        case head, data, complete
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let headEnd = Array("\r\n\r\n".utf8)

    /// The boundary with the line break before it, which belongs to it.
    private let delimiter: [UInt8]
    private let maximumHeadBytes: Int
    /// Begins with a line break that is not in the body, so that the first boundary is like the others.
    private var buffer = ByteBuffer(string: "\r\n")
    private var state = State.preamble

    package init(boundary: String, maximumHeadBytes: Int = 8 << 10) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.maximumHeadBytes = maximumHeadBytes
    }

    /// Bytes that wait to be looked at.
    package var bufferedBytes: Int { buffer.readableBytes }

    package mutating func append(_ bytes: ByteBuffer) {
        guard state != .complete else { return }
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeImmutableBuffer(bytes) }
    }

    /// The next event; nil where more bytes are needed.
    package mutating func next() throws(Failure) -> Event? {
        switch state {
        case .preamble:
            guard let place = find(delimiter) else {
                if buffer.readableBytes > maximumHeadBytes { throw .noBoundary }
                return nil
            }
            buffer.moveReaderIndex(forwardBy: place + delimiter.count)
            state = .boundary
            return try next()
        case .boundary: return try readBoundaryEnd()
        case .head: return try readHead()
        case .data: return readData()
        case .complete: return nil
        }
    }

    /// Called when the body is complete.
    package func finish() throws(Failure) {
        if state != .complete { throw state == .preamble ? .noBoundary : .incomplete }
    }

    /// Two hyphens end the form; else a line break begins the head of a part.
    private mutating func readBoundaryEnd() throws(Failure) -> Event? {
        while let byte = byte(at: 0), byte == 0x20 || byte == 0x09 { buffer.moveReaderIndex(forwardBy: 1) }
        guard let first = byte(at: 0), let second = byte(at: 1) else { return nil }
        switch (first, second) {
        case (UInt8(ascii: "-"), UInt8(ascii: "-")):
            state = .complete
            buffer = ByteBuffer()
            return .end
        case (Self.carriageReturn, UInt8(ascii: "\n")):
            // The line break stays: with it a head without lines has an end, too.
            state = .head
            return try readHead()
        default: throw .badHead
        }
    }

    private func byte(at offset: Int) -> UInt8? {
        offset < buffer.readableBytes ? buffer.getInteger(at: buffer.readerIndex + offset) : nil
    }

    private mutating func readHead() throws(Failure) -> Event? {
        let length = find(Self.headEnd)
        if length ?? buffer.readableBytes > maximumHeadBytes { throw .headTooLarge(limit: maximumHeadBytes) }
        guard let length else { return nil }
        let text = buffer.readString(length: length) ?? ""
        buffer.moveReaderIndex(forwardBy: Self.headEnd.count)
        guard let part = MultipartPart(head: text) else { throw .badHead }
        state = .data
        return .part(part)
    }

    private mutating func readData() -> Event? {
        let (length, isComplete) = scanData()
        if length > 0 { return buffer.readSlice(length: length).map { .data($0) } }
        guard isComplete else { return nil }
        buffer.moveReaderIndex(forwardBy: delimiter.count)
        state = .boundary
        return .partEnd
    }

    /// How many bytes from the front belong to the part, and whether a boundary follows them.
    ///
    /// The last bytes may be the beginning of a boundary.
    private func scanData() -> (length: Int, isComplete: Bool) {
        let view = buffer.readableBytesView
        var position = view.startIndex
        while let next = view[position...].firstIndex(of: Self.carriageReturn) {
            let available = min(delimiter.count, view.endIndex - next)
            if view[next..<next + available].elementsEqual(delimiter.prefix(available)) {
                return (next - view.startIndex, available == delimiter.count)
            }
            position = next + 1
        }
        return (view.count, false)
    }

    /// Where the pattern begins, which begins with a carriage return.
    private func find(_ pattern: [UInt8]) -> Int? {
        let view = buffer.readableBytesView
        var position = view.startIndex
        while let next = view[position...].firstIndex(of: Self.carriageReturn), next + pattern.count <= view.endIndex {
            if view[next..<next + pattern.count].elementsEqual(pattern) { return next - view.startIndex }
            position = next + 1
        }
        return nil
    }
}
