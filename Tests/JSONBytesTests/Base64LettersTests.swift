import JSONBytes
import Testing

/// Which bytes are letters of base64.
struct Base64LettersTests {
    private static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Each byte at places in front of, inside and behind the blocks that are looked at together.
    @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 150, 199])
    func eachByteEndsThemOrNot(place: Int) {
        for byte in UInt8.min...UInt8.max {
            var text = [UInt8](repeating: UInt8(ascii: "A"), count: 200)
            text[place] = byte
            let count = text.withUnsafeBytes { Base64Letters.count(in: $0) }
            #expect(count == (Self.alphabet.contains(byte) ? 200 : place), "\(byte)")
        }
    }

    @Test(arguments: 0...130) func eachLength(length: Int) {
        let text = (0..<length).map { Array(Self.alphabet)[$0 % 64] }
        #expect(text.withUnsafeBytes { Base64Letters.count(in: $0) } == length)
    }
}
