/// What a model is for.
package enum ModelKind: String, Sendable, CaseIterable {
    case chat, embedding, rerank, realtime, speech, image, video, other
}
