package import NIOCore

/// Takes the samples out of a WAV file that comes in pieces, and out of samples that come without a header.
///
/// A header may be divided among pieces, and each piece may begin with a header of its own.
package struct WaveReader {
    /// Why a file cannot be read.
    package enum Fault: Error, Equatable {
        /// Its samples are compressed, or have no whole bytes.
        case compressed
        /// What stands before its samples is longer than any header.
        case longHeader
        /// It ends before its samples begin.
        case truncated
    }

    private enum State: Equatable {
        /// Nothing, or the beginning of what may be a header, has been seen.
        case start
        /// Behind `RIFF`, among the parts before the samples.
        case header
        /// Among the samples, of which so many are left; nil where the file does not say.
        case samples(left: Int?)
    }

    private static let longestHeader = 64 << 10

    /// The format of the samples; nil where no header has been seen.
    package private(set) var format: WaveFormat?
    private var state = State.start
    private var pending = ByteBuffer()
    private let trustsLength: Bool

    /// With `trustsLength` what stands behind the samples is left out; a stream does not know how long it will be.
    package init(trustsLength: Bool = false) {
        self.trustsLength = trustsLength
    }

    /// Appends the samples of the next piece to `output`.
    package mutating func append(_ piece: ByteBuffer, into output: inout ByteBuffer) throws(Fault) {
        if case .samples = state, Self.isHeader(piece) { state = .start }
        if case .samples(let left) = state { return take(piece, left, into: &output) }
        if pending.readableBytes == 0 { pending = piece } else { pending.writeImmutableBuffer(piece) }
        if state == .start { findStart() }
        if state == .header { try readHeader() }
        guard case .samples(let left) = state else {
            guard pending.readableBytes <= Self.longestHeader else { throw .longHeader }
            return
        }
        let rest = pending
        pending = ByteBuffer()
        take(rest, left, into: &output)
    }

    /// The last piece has been given.
    package mutating func finish(into output: inout ByteBuffer) throws(Fault) {
        switch state {
        case .start: output.writeImmutableBuffer(pending)
        case .header: throw .truncated
        case .samples: break
        }
        pending = ByteBuffer()
    }

    private mutating func take(_ piece: ByteBuffer, _ left: Int?, into output: inout ByteBuffer) {
        guard let left else {
            output.writeImmutableBuffer(piece)
            return
        }
        var piece = piece
        if let samples = piece.readSlice(length: min(left, piece.readableBytes)) {
            state = .samples(left: left - samples.readableBytes)
            output.writeImmutableBuffer(samples)
        }
    }

    private static func isHeader(_ bytes: ByteBuffer) -> Bool {
        let view = bytes.readableBytesView
        return view.count >= 12 && view.starts(with: "RIFF".utf8) && view.dropFirst(8).starts(with: "WAVE".utf8)
    }

    private mutating func findStart() {
        let view = pending.readableBytesView
        if Self.isHeader(pending) {
            pending.moveReaderIndex(forwardBy: 12)
            state = .header
        } else if view.count >= 12 || !view.prefix(4).elementsEqual("RIFF".utf8.prefix(view.count)) {
            state = .samples(left: nil)
        }
    }

    /// Reads the parts before the samples, as far as they are there.
    private mutating func readHeader() throws(Fault) {
        while state == .header, pending.readableBytes >= 8 {
            let start = pending.readerIndex
            guard let size = pending.getInteger(at: start + 4, endianness: .little, as: UInt32.self) else { return }
            let name = pending.getSlice(at: start, length: 4)?.readableBytesView
            if name?.elementsEqual("data".utf8) == true {
                pending.moveReaderIndex(forwardBy: 8)
                guard format != nil else { throw .compressed }
                state = .samples(left: trustsLength && size > 0 && size < .max ? Int(size) : nil)
                return
            }
            // Parts have an even length.
            let length = 8 + Int(size) + Int(size & 1)
            guard length <= Self.longestHeader else { throw .longHeader }
            guard pending.readableBytes >= length else { return }
            if name?.elementsEqual("fmt ".utf8) == true { format = try readFormat(at: start + 8, size: Int(size)) }
            pending.moveReaderIndex(forwardBy: length)
        }
    }

    private func readFormat(at start: Int, size: Int) throws(Fault) -> WaveFormat {
        guard size >= 16,
            let kind = pending.getInteger(at: start, endianness: .little, as: UInt16.self),
            let channels = pending.getInteger(at: start + 2, endianness: .little, as: UInt16.self),
            let rate = pending.getInteger(at: start + 4, endianness: .little, as: UInt32.self),
            let bits = pending.getInteger(at: start + 14, endianness: .little, as: UInt16.self)
        else { throw .compressed }
        // 0xFFFE: the kind stands further behind; DashScope's samples are whole numbers whichever way they are told.
        guard kind == 1 || kind == 0xFFFE, channels > 0, rate > 0, bits > 0, bits % 8 == 0 else { throw .compressed }
        return WaveFormat(channels: channels, rate: rate, bits: bits)
    }
}
