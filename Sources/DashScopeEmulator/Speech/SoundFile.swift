#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import HTTPServing
import NIOHTTP1

/// The sound of a text: a tone whose pitch is the voice's, a tenth of a second for each character.
struct SoundFile: Sendable {
    static let folder = "/results/"
    private static let secondsOfCharacter = 0.1
    private static let headerLength = 44

    var format: SpeechOrder.Format
    var rate: Int
    /// In samples.
    var length: Int
    var frequency: Int

    init(_ order: SpeechOrder) {
        format = order.format
        rate = order.rate
        let seconds = Double(order.text.count) * Self.secondsOfCharacter / order.speed
        length = Int(seconds * Double(order.rate))
        frequency = 200 + Int(UInt64(stableHashOf: Array(order.voice.utf8)) % 400)
    }

    // MARK: - Links

    /// The name of the file, which says all that is needed to make it.
    var name: String { "\(frequency)-\(rate)-\(length).\(format.rawValue)" }

    /// nil for the name of another file.
    init?(name: String) {
        let parts = name.split(separator: ".")
        guard parts.count == 2, let format = SpeechOrder.Format(rawValue: String(parts[1])) else { return nil }
        let numbers = parts[0].split(separator: "-").compactMap { Int($0) }
        guard numbers.count == 3, (1...48_000).contains(numbers[1]), (0...100_000_000).contains(numbers[2]) else {
            return nil
        }
        self.format = format
        (frequency, rate, length) = (numbers[0], numbers[1], numbers[2])
    }

    /// What a link is answered with; no key may come with it.
    static func reply(to request: HTTPRequest) -> EmulatorReply? {
        guard request.path.hasPrefix(folder), let file = SoundFile(name: String(request.path.dropFirst(folder.count)))
        else { return nil }
        guard request.headers.first(name: "Authorization") == nil, request.method == "GET" else {
            return EmulatorReply(status: 400, headers: [("content-type", "application/xml")], body: [])
        }
        return EmulatorReply(
            status: 200,
            headers: [("content-type", "audio/\(file.format.rawValue)")],
            body: file.bytes
        )
    }

    // MARK: - Bytes

    /// The whole file.
    var bytes: [UInt8] {
        switch format {
        case .pcm: samples
        case .wav: Self.header(rate: rate, length: UInt32(2 * length)) + samples
        case .mp3: frames
        case .opus: OggSilence.bytes(seconds: Double(length) / Double(rate))
        }
    }

    /// The file as a stream has it, which does not know its length, without its first bytes.
    ///
    /// Longer sounds begin as shorter ones do, but for those in Ogg.
    func stream(after sent: Int = 0) -> [UInt8] {
        switch format {
        case .pcm: samples(after: sent / 2)
        case .wav:
            sent == 0 ? Self.header(rate: rate, length: nil) + samples : samples(after: (sent - Self.headerLength) / 2)
        case .mp3, .opus: Array(bytes.dropFirst(sent))
        }
    }

    /// A sound in pieces.
    static func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        // An odd length: neither samples nor frames end where a piece does.
        let size = min(max(1_999, bytes.count / 40 | 1), 262_143)
        return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    /// The header of a WAV file; streams do not know their length.
    static func header(rate: Int, length: UInt32?) -> [UInt8] {
        let count = length ?? .max
        return Array("RIFF".utf8) + word(length.map { $0 + 36 } ?? .max) + Array("WAVEfmt ".utf8) + word(16)
            + [1, 0, 1, 0] + word(UInt32(rate)) + word(UInt32(2 * rate)) + [2, 0, 16, 0] + Array("data".utf8)
            + word(count)
    }

    private static func word(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }

    /// 16 bits each, the low byte first.
    var samples: [UInt8] { samples(after: 0) }

    private func samples(after first: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * max(0, length - first))
        for place in min(first, length)..<length {
            // A triangle needs no table.
            let quarters = place * frequency * 4
            let step = 8_000 * (quarters % rate) / rate
            let value =
                switch quarters / rate % 4 {
                case 0: step
                case 1: 8_000 - step
                case 2: -step
                default: step - 8_000
                }
            let bits = UInt16(bitPattern: Int16(value))
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        return bytes
    }

    /// Frames of MPEG-2 layer III with 64 kbit/s and 22.05 kHz, each 26 ms of silence.
    private var frames: [UInt8] {
        let frame: [UInt8] = [0xFF, 0xF3, 0x80, 0xC4] + Array(repeating: 0, count: 204)
        let count = max(1, (length * 22_050 / rate + 575) / 576)
        return Array(Array(repeating: frame, count: count).joined())
    }
}

/// An Ogg file with silence in Opus: packets of 20 ms, one to a page.
private enum OggSilence {
    static func bytes(seconds: Double) -> [UInt8] {
        let head: [UInt8] = Array("OpusHead".utf8) + [1, 1, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0]
        let tags: [UInt8] = Array("OpusTags".utf8) + [4, 0, 0, 0] + Array("test".utf8) + [0, 0, 0, 0]
        let count = max(1, Int(seconds * 50))
        var bytes = page(head, number: 0, position: 0, flags: 2) + page(tags, number: 1, position: 0, flags: 0)
        for packet in 1...count {
            bytes += page(
                [0xF8, 0xFF, 0xFE],
                number: UInt32(packet + 1),
                position: UInt64(960 * packet),
                flags: packet == count ? 4 : 0
            )
        }
        return bytes
    }

    private static func page(_ packet: [UInt8], number: UInt32, position: UInt64, flags: UInt8) -> [UInt8] {
        func little(_ number: UInt64, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
        }
        let start = Array("OggS".utf8) + [0, flags] + little(position, 8) + little(1, 4) + little(UInt64(number), 4)
        let end = [1, UInt8(packet.count)] + packet
        return start + little(UInt64(checksum(start + [0, 0, 0, 0] + end)), 4) + end
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0
        for byte in bytes {
            sum ^= UInt32(byte) << 24
            for _ in 0..<8 { sum = sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
        }
        return sum
    }
}
