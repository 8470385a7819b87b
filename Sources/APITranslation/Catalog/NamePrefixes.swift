/// Names that other names may begin with, found by a hash that is computed byte by byte.
struct NamePrefixes: Sendable {
    /// FNV-1a; the names are the operator's and ours, so a caller cannot choose colliding ones.
    struct Hash: Hashable, Sendable {
        private var value: UInt64 = 0xCBF2_9CE4_8422_2325

        init() {}

        init(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { add(byte) }
        }

        mutating func add(_ byte: UInt8) {
            value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }

    private var entries: [Hash: (name: [UInt8], position: Int)] = [:]

    /// Adds a name; what was there under the same name stays.
    mutating func add(_ name: String, position: Int) {
        let bytes = Array(name.utf8)
        let hash = Hash(bytes)
        if entries[hash] == nil { entries[hash] = (bytes, position) }
    }

    /// The position of the name with this hash and these bytes.
    func position(_ hash: Hash, _ name: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let entry = entries[hash], entry.name.elementsEqual(name) else { return nil }
        return entry.position
    }
}
