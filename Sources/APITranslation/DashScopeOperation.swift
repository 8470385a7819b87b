/// A native DashScope API that the gateway calls; a model is bound to exactly one.
///
/// Source: DashScope API reference, "text generation", "multimodal generation", "text embedding", "multimodal embedding",
/// "rerank" and "application completion".
package enum DashScopeOperation: String, Sendable, CaseIterable {
    case textGeneration = "text-generation"
    case multimodalGeneration = "multimodal-generation"
    case textEmbedding = "text-embedding"
    case multimodalEmbedding = "multimodal-embedding"
    case rerank = "text-rerank"
    /// An app; its id stands in the path.
    case application = "app-completion"

    /// Path below the region's host.
    package var path: StaticString {
        switch self {
        case .textGeneration: "/api/v1/services/aigc/text-generation/generation"
        case .multimodalGeneration: "/api/v1/services/aigc/multimodal-generation/generation"
        case .textEmbedding: "/api/v1/services/embeddings/text-embedding/text-embedding"
        case .multimodalEmbedding: "/api/v1/services/embeddings/multimodal-embedding/multimodal-embedding"
        case .rerank: "/api/v1/services/rerank/text-rerank/text-rerank"
        case .application: "/api/v1/apps/{app_id}/completion"
        }
    }

    /// The path to try when upstream says "url error"; nil for what has one path only.
    package var other: DashScopeOperation? {
        switch self {
        case .textGeneration: .multimodalGeneration
        case .multimodalGeneration: .textGeneration
        case .textEmbedding, .multimodalEmbedding, .rerank, .application: nil
        }
    }
}
