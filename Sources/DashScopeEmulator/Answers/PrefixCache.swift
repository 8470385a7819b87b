/// The explicit cache: what a marker at the end of a prefix makes of the next request that begins alike.
struct PrefixCache {
    /// A beginning of a prompt that ends with a whole block.
    private struct Prefix {
        var hash: UInt64
        var tokens: Int
    }

    let request: NativeRequest
    /// Tells whether a prefix was marked before.
    let knows: (UInt64) -> Bool
    let remember: (UInt64) -> Void

    private static let leastTokens = 1_024
    /// How many blocks before a marker are looked at.
    private static let lookBack = 20

    /// The member `prompt_tokens_details`; nil where nothing is marked, or too little.
    func details() -> JSON? {
        var hash = UInt64(stableHashOf: Array(request.model.name.utf8))
        var scalars = 0
        var prefixes: [Prefix] = []
        var marked: [Int] = []
        for message in request.messages {
            for block in message.blocks {
                hash = (hash ^ UInt64(stableHashOf: Array("\(message.role):\(block.text)".utf8))).scrambled
                scalars += block.text.unicodeScalars.count
                if block.isMarked { marked.append(prefixes.count) }
                prefixes.append(Prefix(hash: hash, tokens: scalars / 4))
            }
        }
        let places = marked.filter { prefixes[$0].tokens >= Self.leastTokens }
        guard let last = places.last else { return nil }
        let known = places.compactMap { place in
            (max(0, place - Self.lookBack)...place).last {
                prefixes[$0].tokens >= Self.leastTokens && knows(prefixes[$0].hash)
            }
        }
        let cached = known.max().map { prefixes[$0].tokens } ?? 0
        for place in places { remember(prefixes[place].hash) }
        let created = max(0, prefixes[last].tokens - cached)
        return [
            "cached_tokens": .int(cached), "cache_creation_input_tokens": .int(created),
            "cache_creation": ["ephemeral_5m_input_tokens": .int(created)], "cache_type": "ephemeral",
        ]
    }
}
