import HTTPServing
import NIOHTTP1

/// The pictures behind the links of answers: small PNG files of one colour, another for each name.
enum PictureFile {
    static let folder = "/results/"
    private static let side = 16

    /// What a link is answered with; the signature in the link is all that is needed, and no key may come with it.
    static func reply(to request: HTTPRequest) -> EmulatorReply {
        guard request.headers.first(name: "Authorization") == nil else { return .storage(400, "InvalidArgument") }
        guard request.target.contains("Expires=") else { return .storage(403, "AccessDenied") }
        guard request.method == "GET", request.path.hasSuffix(".png") else { return .storage(405, "MethodNotAllowed") }
        let name = String(request.path.dropFirst(folder.count).dropLast(4))
        if name.hasPrefix("redirect-") {
            let location = folder + name.dropFirst(9) + ".png?Expires=4102444800&Signature=abc%3D"
            return EmulatorReply(status: 302, headers: [("location", location)], body: [])
        }
        guard let number = UInt64(name, radix: 16) else { return .storage(404, "NoSuchKey") }
        return EmulatorReply(status: 200, headers: [("content-type", "image/png")], body: bytes(colour: number))
    }

    /// A PNG file whose pixels have the colour of the number's last three bytes.
    static func bytes(colour: UInt64) -> [UInt8] {
        let pixel =
            [UInt8(truncatingIfNeeded: colour >> 16), UInt8(truncatingIfNeeded: colour >> 8)]
            + [UInt8(truncatingIfNeeded: colour)]
        let row: [UInt8] = [0] + Array(repeating: pixel, count: side).joined()
        let pixels = Array(Array(repeating: row, count: side).joined())
        let sides = word(UInt32(side)) + word(UInt32(side))
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", sides + [8, 2, 0, 0, 0])
            + chunk("IDAT", stored(pixels)) + chunk("IEND", [])
    }

    private static func word(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + content
        return word(UInt32(content.count)) + named + word(checksum(named))
    }

    /// zlib's format with one block that is not compressed.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt16(bytes.count)
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let length = [UInt8(truncatingIfNeeded: count), UInt8(count >> 8)]
        return [0x78, 0x01, 0x01] + length + length.map { ~$0 } + bytes + word(high << 16 | low)
    }

    /// CRC-32 as PNG has it.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
