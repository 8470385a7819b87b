/// The native DashScope interface of a model, in the short codes of the catalogue.
package enum NativePath: String, Sendable, CaseIterable {
    case textGeneration = "TG"
    case multimodalGeneration = "MM"
    /// Only the OpenAI-compatible mode is documented.
    case compatibleChat = "CHAT"
    case textToImage = "T2I"
    case imageToImage = "I2I"
    case outPainting = "OUT"
    case backgroundGeneration = "BG"
    case virtualModel = "VM"
    case wordArt = "WA"
    case imageGeneration = "IG"
    /// The OpenAI-compatible image interface.
    case compatibleImages = "COMPAT"
    case videoSynthesis = "VID"
    case imageToVideo = "IV"
    case faceDetection = "FD"
    case animateAnyone = "AA"
    case threeDimensional = "3D"
    case fileTranscription = "FT"
    case speechSynthesizer = "SS"
    case webSocketInference = "WS"
    case webSocketRealtime = "RT"
    case voiceCustomization = "CUST"
    case music = "MU"
    case textEmbedding = "EMB"
    case multimodalEmbedding = "MEMB"
    case rerank = "RR"
    case imageProcessing = "VIS"
}

extension NativePath {
    /// The native API that makes images on this path; nil where it is another kind of path, or is not served.
    var imageOperation: DashScopeOperation? {
        switch self {
        case .multimodalGeneration: .multimodalGeneration
        case .imageGeneration: .imageGeneration
        case .textToImage: .textToImage
        case .imageToImage: .imageToImage
        case .outPainting: .outPainting
        default: nil
        }
    }

    /// The native API that makes videos on this path; nil where it is another kind of path, or is not served.
    var videoOperation: DashScopeOperation? {
        switch self {
        case .videoSynthesis: .videoSynthesis
        case .imageToVideo: .imageToVideo
        default: nil
        }
    }
}
