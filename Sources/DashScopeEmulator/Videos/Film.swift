/// An MP4 file with one still picture in H.264, whose samples stand in it as they are.
///
/// Source: ISO/IEC 14496-12 for the boxes, ITU-T H.264 for the picture: baseline profile, one slice of I_PCM macroblocks.
struct Film {
    var shade: UInt8
    var seconds: Int
    /// Bytes of an empty box behind the film.
    var padding: Int

    /// In macroblocks of 16 by 16 samples.
    private static let blocks = 2
    private static var side: UInt16 { UInt16(16 * blocks) }

    var bytes: [UInt8] {
        let picture = Self.unit(Self.slice(shade: 32 + shade % 192))
        let sample = Self.word(UInt32(picture.count)) + picture
        let type = Self.box("ftyp", Array("isom".utf8) + Self.word(512) + Array("isomiso2avc1mp41".utf8))
        // The places in the file are known once the length of what stands before is.
        let length = movie(offset: 0).count
        let film = type + movie(offset: UInt32(type.count + length + 8)) + Self.box("mdat", sample)
        return padding > 8 ? film + Self.box("free", Array(repeating: shade, count: padding - 8)) : film
    }

    // MARK: - Boxes

    private static func word(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    }

    private static func half(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] }

    private static func box(_ name: String, _ content: [UInt8]) -> [UInt8] {
        word(UInt32(content.count + 8)) + Array(name.utf8) + content
    }

    private static let matrix: [UInt8] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000].flatMap { word($0) }

    private func movie(offset: UInt32) -> [UInt8] {
        let length = Self.word(UInt32(clamping: max(1, seconds)))
        let times = Self.word(0) + Self.word(0)
        let header =
            Self.word(0) + times + Self.word(1) + length + Self.word(0x10000) + Self.half(0x100)
            + Array(repeating: 0, count: 10) + Self.matrix + Array(repeating: 0, count: 24) + Self.word(2)
        let track =
            Self.word(7) + times + Self.word(1) + Self.word(0) + length + Array(repeating: 0, count: 16) + Self.matrix
            + Self.half(Self.side) + [0, 0] + Self.half(Self.side) + [0, 0]
        let media =
            Self.box("mdhd", Self.word(0) + times + Self.word(1) + length + [0x55, 0xC4, 0, 0])
            + Self.box("hdlr", Self.word(0) + Self.word(0) + Array("vide".utf8) + Array(repeating: 0, count: 13))
            + Self.box("minf", information(offset: offset))
        return Self.box(
            "moov",
            Self.box("mvhd", header) + Self.box("trak", Self.box("tkhd", track) + Self.box("mdia", media))
        )
    }

    private func information(offset: UInt32) -> [UInt8] {
        let source = Self.box("url ", Self.word(1))
        let samples = Self.word(0) + Self.word(1)
        let size = UInt32(Self.unit(Self.slice(shade: 32 + shade % 192)).count + 4)
        let table =
            Self.box("stsd", samples + description)
            + Self.box("stts", samples + Self.word(1) + Self.word(UInt32(clamping: max(1, seconds))))
            + Self.box("stsc", samples + Self.word(1) + Self.word(1) + Self.word(1))
            + Self.box("stsz", Self.word(0) + Self.word(0) + Self.word(1) + Self.word(size))
            + Self.box("stco", samples + Self.word(offset))
        return Self.box("vmhd", Self.word(1) + Array(repeating: 0, count: 8))
            + Self.box("dinf", Self.box("dref", samples + source)) + Self.box("stbl", table)
    }

    private var description: [UInt8] {
        let (sequence, picture) = (Self.unit(Self.sequence), Self.unit(Self.picture))
        let configuration =
            [1, sequence[1], sequence[2], sequence[3], 0xFF, 0xE1] + Self.half(UInt16(sequence.count)) + sequence + [1]
            + Self.half(UInt16(picture.count)) + picture
        let entry: [UInt8] =
            Array(repeating: 0, count: 6) + Self.half(1) + Array(repeating: 0, count: 16) + Self.half(Self.side)
            + Self.half(Self.side) + Self.word(0x48_0000) + Self.word(0x48_0000) + Self.word(0) + Self.half(1)
            + Array(repeating: 0, count: 32) + [0, 0x18, 0xFF, 0xFF]
        return Self.box("avc1", entry + Self.box("avcC", configuration))
    }

    // MARK: - Units of H.264

    /// Bits, the first of a byte being its highest.
    private struct Bits {
        var bytes: [UInt8]
        private var count = 0

        init(_ header: [UInt8]) { bytes = header }

        mutating func put(_ bit: Bool) {
            if count % 8 == 0 { bytes.append(0) }
            if bit { bytes[bytes.count - 1] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }

        /// An unsigned number by Exp-Golomb's code.
        mutating func put(number: Int) {
            let value = number + 1
            let length = Int.bitWidth - value.leadingZeroBitCount
            for _ in 1..<length { put(false) }
            for place in (0..<length).reversed() { put(value >> place & 1 == 1) }
        }

        mutating func align() { while count % 8 != 0 { put(false) } }

        mutating func end() {
            put(true)
            align()
        }

        mutating func put(samples: [UInt8]) {
            align()
            bytes += samples
        }
    }

    /// The bytes of a unit, where three look like the beginning of another kept apart.
    private static func unit(_ payload: [UInt8]) -> [UInt8] {
        var unit: [UInt8] = []
        var zeros = 0
        for byte in payload {
            if zeros == 2, byte <= 3 {
                unit.append(3)
                zeros = 0
            }
            unit.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return unit
    }

    private static var sequence: [UInt8] {
        var bits = Bits([0x67, 66, 0xC0, 10])
        // Id, length of the frame's number, order of pictures, frames that are referred to.
        for number in [0, 0, 2, 1] { bits.put(number: number) }
        bits.put(false)
        bits.put(number: blocks - 1)
        bits.put(number: blocks - 1)
        for bit in [true, true, false, false] { bits.put(bit) }
        bits.end()
        return bits.bytes
    }

    private static var picture: [UInt8] {
        var bits = Bits([0x68])
        bits.put(number: 0)
        bits.put(number: 0)
        bits.put(false)
        bits.put(false)
        for number in [0, 0, 0] { bits.put(number: number) }
        for bit in [false, false, false] { bits.put(bit) }
        for number in [0, 0, 0] { bits.put(number: number) }
        for bit in [true, false, false] { bits.put(bit) }
        bits.end()
        return bits.bytes
    }

    private static func slice(shade: UInt8) -> [UInt8] {
        var bits = Bits([0x65])
        // First block, a slice of intra blocks only, id of the picture's parameters.
        for number in [0, 7, 0] { bits.put(number: number) }
        for _ in 0..<4 { bits.put(false) }
        bits.put(number: 0)
        bits.put(false)
        bits.put(false)
        // Quantizer as it is, no deblocking.
        bits.put(number: 0)
        bits.put(number: 1)
        for _ in 0..<blocks * blocks {
            bits.put(number: 25)
            bits.put(samples: Array(repeating: shade, count: 256) + Array(repeating: 128, count: 128))
        }
        bits.end()
        return bits.bytes
    }
}
