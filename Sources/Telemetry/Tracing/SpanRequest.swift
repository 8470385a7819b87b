/// What a span tells of a request: never a prompt.
package struct SpanRequest: Sendable {
    /// GenAI's word: `chat`, `text_completion`, `embeddings`.
    package var operation: String
    package var model: String
    package var method: String
    /// The route's pattern.
    package var route: String
    package var isStreamed: Bool
    package var temperature: Double?
    package var topP: Double?
    package var topK: Int?
    package var maximumTokens: Int?
    package var stopSequences: [String]
    package var seed: Int?
    /// The host that is called.
    package var upstreamHost: String?

    package init(
        operation: String,
        model: String,
        method: String,
        route: String,
        isStreamed: Bool = false,
        temperature: Double? = nil,
        topP: Double? = nil,
        topK: Int? = nil,
        maximumTokens: Int? = nil,
        stopSequences: [String] = [],
        seed: Int? = nil,
        upstreamHost: String? = nil
    ) {
        self.operation = operation
        self.model = model
        self.method = method
        self.route = route
        self.isStreamed = isStreamed
        self.temperature = temperature
        self.topP = topP
        self.topK = topK
        self.maximumTokens = maximumTokens
        self.stopSequences = stopSequences
        self.seed = seed
        self.upstreamHost = upstreamHost
    }
}
