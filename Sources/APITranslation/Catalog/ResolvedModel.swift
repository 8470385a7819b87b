/// A model name from a request, resolved: what to send upstream and what to expect of it.
package struct ResolvedModel: Equatable, Sendable {
    /// The name the client used.
    package var requestedName: String
    /// The name to send, after aliases.
    package var upstreamName: String
    /// Whether the upstream name stands in the catalogue (a safe metric label).
    package var isCatalogued: Bool
    package var traits: ModelTraits

    package init(requestedName: String, upstreamName: String, isCatalogued: Bool, traits: ModelTraits) {
        self.requestedName = requestedName
        self.upstreamName = upstreamName
        self.isCatalogued = isCatalogued
        self.traits = traits
    }
}
