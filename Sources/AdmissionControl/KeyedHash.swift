/// SipHash-2-4 with a 128-bit key (Aumasson and Bernstein, 2012): without the key nobody can tell which bytes give a
/// hash.
///
/// Written by hand because no available package offers it; the reference's test vectors hold it.
package struct KeyedHash: Sendable {
    private let key0: UInt64
    private let key1: UInt64

    /// A hash with a key of two words, each read from its bytes in little-endian order.
    package init(key0: UInt64, key1: UInt64) {
        self.key0 = key0
        self.key1 = key1
    }

    /// A hash with a key that fresh random bytes make, for ids that mean nothing after a restart.
    package init(using generator: inout some RandomNumberGenerator) {
        self.init(key0: generator.next(), key1: generator.next())
    }

    /// A hash with a key of exactly 16 bytes.
    package init(key: [UInt8]) throws(AdmissionError) {
        guard key.count == 16 else {
            throw AdmissionError("the key of a keyed hash has 16 bytes, not \(key.count)")
        }
        self.init(key0: Self.word(key.span, at: 0, count: 8), key1: Self.word(key.span, at: 8, count: 8))
    }

    /// The hash of bytes.
    package func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var state = State(key0, key1)
        var offset = 0
        while offset + 8 <= bytes.count {
            state.absorb(Self.word(bytes, at: offset, count: 8))
            offset += 8
        }
        let rest = Self.word(bytes, at: offset, count: bytes.count - offset)
        state.absorb(UInt64(truncatingIfNeeded: bytes.count) << 56 | rest)
        return state.finish()
    }

    /// The id of the caller with this API key.
    package func callerID(of apiKey: String) -> CallerID {
        CallerID(hash(apiKey.utf8Span.span))
    }

    private static func word(_ bytes: Span<UInt8>, at offset: Int, count: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        return word
    }

    private struct State {
        var v0, v1, v2, v3: UInt64

        init(_ key0: UInt64, _ key1: UInt64) {
            v0 = 0x736F_6D65_7073_6575 ^ key0
            v1 = 0x646F_7261_6E64_6F6D ^ key1
            v2 = 0x6C79_6765_6E65_7261 ^ key0
            v3 = 0x7465_6462_7974_6573 ^ key1
        }

        mutating func round() {
            v0 &+= v1
            v2 &+= v3
            v1 = Self.rotate(v1, 13) ^ v0
            v3 = Self.rotate(v3, 16) ^ v2
            v0 = Self.rotate(v0, 32)
            v2 &+= v1
            v0 &+= v3
            v1 = Self.rotate(v1, 17) ^ v2
            v3 = Self.rotate(v3, 21) ^ v0
            v2 = Self.rotate(v2, 32)
        }

        mutating func absorb(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> UInt64 {
            v2 ^= 0xFF
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
            word &<< count | word &>> (64 - count)
        }
    }
}

extension KeyedHash: CustomStringConvertible, CustomReflectable {
    // The key is a secret: with it, guesses of API keys can be tested against logged ids.
    package var description: String { "KeyedHash" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
