/// Token counts of one answer, for logs and metrics; the client's usage object carries every detail there is.
package struct TokenUsage: Equatable, Sendable {
    package var input: Int
    package var output: Int
    package var cached: Int
    package var reasoning: Int

    package init(input: Int = 0, output: Int = 0, cached: Int = 0, reasoning: Int = 0) {
        self.input = input
        self.output = output
        self.cached = cached
        self.reasoning = reasoning
    }
}
