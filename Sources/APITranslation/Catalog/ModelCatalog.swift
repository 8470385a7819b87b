/// The models the gateway knows, and the rules for names it does not know.
package struct ModelCatalog: Sendable {
    package init() {}

    /// Resolves a model name as the client sent it.
    package func resolve(_ name: String) -> ResolvedModel {
        ResolvedModel(
            requestedName: name,
            upstreamName: name,
            isCatalogued: false,
            traits: ModelTraits(operation: .textGeneration)
        )
    }
}
