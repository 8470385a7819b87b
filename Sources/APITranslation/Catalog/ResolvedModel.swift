/// A model name from a request, resolved: what to send upstream and what to expect of it.
package struct ResolvedModel: Equatable, Sendable {
    /// The name the client used.
    package var requestedName: String
    /// The name to send, after aliases.
    package var upstreamName: String
    /// Whether the upstream name stands in the catalogue (a safe metric label).
    package var isCatalogued: Bool
    package var traits: ModelTraits
    /// Whether the catalogue knows the upstream name, by its id or by its family.
    package var isKnown: Bool
    /// The prefix that was removed from the client's name (`dashscope/`), to be reported.
    package var removedPrefix: String?
    /// Whether the operator's file says which model is meant.
    package var isAliased = false

    package init(
        requestedName: String,
        upstreamName: String,
        isCatalogued: Bool,
        traits: ModelTraits,
        isKnown: Bool = false
    ) {
        self.requestedName = requestedName
        self.upstreamName = upstreamName
        self.isCatalogued = isCatalogued
        self.traits = traits
        self.isKnown = isKnown
    }

    /// The prefix of an app's id in place of a model's name.
    static let appPrefix = "app/"

    /// The id of the app, where the name is one's.
    package var appID: String? {
        guard traits.operation == .application else { return nil }
        return String(upstreamName.dropFirst(Self.appPrefix.count))
    }

    /// The same model under the name that the client used, which began with `prefix`.
    func asked(for name: String, without prefix: String) -> ResolvedModel {
        var model = self
        model.requestedName = name
        model.removedPrefix = prefix
        return model
    }
}
