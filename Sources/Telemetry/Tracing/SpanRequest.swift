/// The attributes of a request's span; prompts are never included.
package struct SpanRequest: Sendable {
    /// GenAI's word: `chat`, `text_completion`, `embeddings`.
    package var operation: String
    package var model: String
    package var method: String
    /// The route's pattern.
    package var route: String
    package var isStreamed: Bool
    /// The host that is called.
    package var upstreamHost: String?

    package init(
        operation: String,
        model: String,
        method: String,
        route: String,
        isStreamed: Bool = false,
        upstreamHost: String? = nil
    ) {
        self.operation = operation
        self.model = model
        self.method = method
        self.route = route
        self.isStreamed = isStreamed
        self.upstreamHost = upstreamHost
    }
}
