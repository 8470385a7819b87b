/// Names of span attributes: OpenTelemetry's HTTP conventions and its GenAI ones, which still change.
enum SpanAttributeNames {
    static let operation = "gen_ai.operation.name"
    static let provider = "gen_ai.provider.name"
    static let requestModel = "gen_ai.request.model"
    static let requestStream = "gen_ai.request.stream"
    static let responseID = "gen_ai.response.id"
    static let responseModel = "gen_ai.response.model"
    /// Seconds.
    static let timeToFirstChunk = "gen_ai.response.time_to_first_chunk"
    static let inputTokens = "gen_ai.usage.input_tokens"
    static let outputTokens = "gen_ai.usage.output_tokens"
    static let cachedTokens = "gen_ai.usage.cache_read.input_tokens"
    static let reasoningTokens = "gen_ai.usage.reasoning.output_tokens"

    static let method = "http.request.method"
    static let route = "http.route"
    static let status = "http.response.status_code"
    static let errorType = "error.type"
    static let serverAddress = "server.address"

    /// Not a convention: DashScope's id of the request, for its support.
    static let upstreamRequestID = "dashscope.request_id"

    /// The value of `provider`; the conventions list none for DashScope.
    static let providerName = "alibaba.dashscope"
}
