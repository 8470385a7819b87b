/// A DashScope API that the gateway calls; a model is bound to exactly one.
///
/// Source: DashScope API reference, "text generation", "multimodal generation", "text embedding", "multimodal embedding",
/// "rerank", "application completion", "text to image", "image editing", "audio file transcription", "video generation",
/// "speech synthesis", "speech synthesis over WebSocket", "asynchronous tasks", "OpenAI compatible - File" and "OpenAI compatible - Batch".
package enum DashScopeOperation: String, Sendable, CaseIterable {
    case textGeneration = "text-generation"
    case multimodalGeneration = "multimodal-generation"
    case textEmbedding = "text-embedding"
    case multimodalEmbedding = "multimodal-embedding"
    case rerank = "text-rerank"
    /// An app; its id stands in the path.
    case application = "app-completion"
    case textToImage = "text2image"
    case imageToImage = "image2image"
    case imageGeneration = "image-generation"
    case outPainting = "out-painting"
    case fileTranscription = "transcription"
    case videoSynthesis = "video-synthesis"
    /// Videos of a first and a last frame, and of portraits.
    case imageToVideo = "image2video"
    case speechSynthesis = "speech-synthesizer"
    /// Tasks over WebSocket.
    case speechTask = "speech-inference"
    /// Events over WebSocket.
    case speechRealtime = "speech-realtime"
    /// Files and batches are no models' affair, and have more than one method.
    case files
    case batches

    /// Path below the region's host.
    package var path: StaticString {
        switch self {
        case .textGeneration: "/api/v1/services/aigc/text-generation/generation"
        case .multimodalGeneration: "/api/v1/services/aigc/multimodal-generation/generation"
        case .textEmbedding: "/api/v1/services/embeddings/text-embedding/text-embedding"
        case .multimodalEmbedding: "/api/v1/services/embeddings/multimodal-embedding/multimodal-embedding"
        case .rerank: "/api/v1/services/rerank/text-rerank/text-rerank"
        case .application: "/api/v1/apps/{app_id}/completion"
        case .textToImage: "/api/v1/services/aigc/text2image/image-synthesis"
        case .imageToImage: "/api/v1/services/aigc/image2image/image-synthesis"
        case .imageGeneration: "/api/v1/services/aigc/image-generation/generation"
        case .outPainting: "/api/v1/services/aigc/image2image/out-painting"
        case .fileTranscription: "/api/v1/services/audio/asr/transcription"
        case .videoSynthesis: "/api/v1/services/aigc/video-generation/video-synthesis"
        case .imageToVideo: "/api/v1/services/aigc/image2video/video-synthesis"
        case .speechSynthesis: "/api/v1/services/audio/tts/SpeechSynthesizer"
        case .speechTask: "/api-ws/v1/inference"
        case .speechRealtime: "/api-ws/v1/realtime"
        case .files: "/compatible-mode/v1/files"
        case .batches: "/compatible-mode/v1/batches"
        }
    }

    /// The path to try when upstream says "url error"; nil for what has one path only.
    package var other: DashScopeOperation? {
        switch self {
        case .textGeneration: .multimodalGeneration
        case .multimodalGeneration: .textGeneration
        case .textEmbedding, .multimodalEmbedding, .rerank, .application, .textToImage, .imageToImage, .imageGeneration,
            .outPainting, .fileTranscription, .videoSynthesis, .imageToVideo, .speechSynthesis,
            .speechTask, .speechRealtime, .files, .batches:
            nil
        }
    }

    /// Whether a call only makes a task, whose result is asked for later.
    package var isAsynchronous: Bool {
        switch self {
        case .textToImage, .imageToImage, .imageGeneration, .outPainting, .fileTranscription, .videoSynthesis,
            .imageToVideo:
            true
        case .textGeneration, .multimodalGeneration, .textEmbedding, .multimodalEmbedding, .rerank, .application,
            .speechSynthesis, .speechTask, .speechRealtime, .files, .batches:
            false
        }
    }

    /// Whether a call is a session over WebSocket.
    package var isSession: Bool { self == .speechTask || self == .speechRealtime }
}
