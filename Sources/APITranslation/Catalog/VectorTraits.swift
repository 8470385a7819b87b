/// The traits of a model for embeddings or rerank that the translation needs.
package final class VectorTraits: Sendable, Equatable {
    /// The lengths of vectors that the model has, the default first; empty where they are unknown.
    let dimensions: [Int]
    /// The most items of one call; nil where the number is unknown.
    let maximumItems: Int?
    /// The most tokens of one call; nil where the number is unknown.
    let maximumRequestTokens: Int?
    /// Whether the model is served by files and tasks only.
    let isBatchOnly: Bool
    /// Whether all contents of a call become one vector.
    let fuses: Bool

    init(
        dimensions: [Int] = [],
        maximumItems: Int? = nil,
        maximumRequestTokens: Int? = nil,
        isBatchOnly: Bool = false,
        fuses: Bool = false
    ) {
        self.dimensions = dimensions
        self.maximumItems = maximumItems
        self.maximumRequestTokens = maximumRequestTokens
        self.isBatchOnly = isBatchOnly
        self.fuses = fuses
    }

    package static func == (left: VectorTraits, right: VectorTraits) -> Bool {
        left.dimensions == right.dimensions && left.maximumItems == right.maximumItems
            && left.maximumRequestTokens == right.maximumRequestTokens && left.isBatchOnly == right.isBatchOnly
            && left.fuses == right.fuses
    }
}
