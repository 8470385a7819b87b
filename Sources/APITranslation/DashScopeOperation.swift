/// A native DashScope generation API; every chat model is bound to exactly one.
///
/// Source: DashScope API reference, "text generation" and "multimodal generation".
package enum DashScopeOperation: String, Sendable, CaseIterable {
    case textGeneration = "text-generation"
    case multimodalGeneration = "multimodal-generation"

    /// Path below the region's host.
    package var path: StaticString {
        switch self {
        case .textGeneration: "/api/v1/services/aigc/text-generation/generation"
        case .multimodalGeneration: "/api/v1/services/aigc/multimodal-generation/generation"
        }
    }

    /// The path to try when upstream says "url error".
    package var other: DashScopeOperation {
        self == .textGeneration ? .multimodalGeneration : .textGeneration
    }
}
