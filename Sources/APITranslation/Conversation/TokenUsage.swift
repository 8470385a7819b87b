/// The counts of one answer, of tokens for most models, for logs and metrics; the client's usage object carries every detail there is.
package struct TokenUsage: Equatable, Sendable {
    package var input: Int
    package var output: Int
    /// Part of the input that was read from a cache.
    package var cached: Int
    package var reasoning: Int
    /// Part of the input that was written to a cache.
    package var cacheWritten: Int
    /// What is counted in place of tokens where a text is spoken; nil for what counts none.
    package var characters: Int?

    package init(input: Int = 0, output: Int = 0, cached: Int = 0, reasoning: Int = 0, cacheWritten: Int = 0) {
        self.input = input
        self.output = output
        self.cached = cached
        self.reasoning = reasoning
        self.cacheWritten = cacheWritten
    }

    /// Adds what another call has used.
    package mutating func add(_ other: TokenUsage) {
        input += other.input
        output += other.output
        cached += other.cached
        reasoning += other.reasoning
        cacheWritten += other.cacheWritten
        if let more = other.characters { characters = (characters ?? 0) + more }
    }
}
