package import NIOCore

/// Ways to cut the same bytes into reads.
package enum ByteDivision {
    /// The bytes in one piece, one by one, and in `count` random divisions.
    package static func all(of text: String, random count: Int = 20, seed: UInt64 = 1) -> [[ByteBuffer]] {
        let bytes = Array(text.utf8)
        var generator = SeededGenerator(seed: seed)
        var divisions = [[ByteBuffer(bytes: bytes)], bytes.map { ByteBuffer(bytes: [$0]) }]
        for _ in 0..<count { divisions.append(random(bytes, using: &generator)) }
        return divisions
    }

    package static func random(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = Int.random(in: 1...min(rest.count, 40), using: &generator)
            pieces.append(ByteBuffer(bytes: rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
