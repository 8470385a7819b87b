package import NIOCore

/// The samples of a WAV file: uncompressed, all of one size.
package struct WaveFormat: Equatable, Sendable {
    package var channels: UInt16
    /// In samples a second.
    package var rate: UInt32
    /// Bits of one sample.
    package var bits: UInt16

    package init(channels: UInt16 = 1, rate: UInt32, bits: UInt16 = 16) {
        self.channels = channels
        self.rate = rate
        self.bits = bits
    }

    /// Bytes of one sample of all channels.
    package var frameLength: Int { max(1, Int(channels) * Int(bits) / 8) }

    package static let headerLength = 44

    /// Appends the header of a file with so many bytes of samples; nil stands for a length that nobody knows yet.
    package func writeHeader(samples: Int?, into output: inout ByteBuffer) {
        let count = samples.map { UInt32(clamping: $0) } ?? .max
        let whole = samples.map { UInt32(clamping: $0 + Self.headerLength - 8) } ?? .max
        output.writeStaticString("RIFF")
        output.writeInteger(whole, endianness: .little)
        output.writeStaticString("WAVEfmt ")
        output.writeInteger(UInt32(16), endianness: .little)
        output.writeInteger(UInt16(1), endianness: .little)
        output.writeInteger(channels, endianness: .little)
        output.writeInteger(rate, endianness: .little)
        output.writeInteger(rate &* UInt32(truncatingIfNeeded: frameLength), endianness: .little)
        output.writeInteger(UInt16(truncatingIfNeeded: frameLength), endianness: .little)
        output.writeInteger(bits, endianness: .little)
        output.writeStaticString("data")
        output.writeInteger(count, endianness: .little)
    }
}
