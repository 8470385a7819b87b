/// The purpose of a model.
package enum ModelKind: String, Sendable, CaseIterable {
    case chat, embedding, rerank, realtime, speech, image, video, other
}
