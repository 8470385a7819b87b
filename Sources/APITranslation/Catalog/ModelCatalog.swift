package import NIOCore

/// The models the gateway knows, and the rules for names it does not know.
///
/// A table that does not change: to resolve a catalogued name or an alias is one look into a dictionary.
package struct ModelCatalog: Sendable {
    /// A name that the operator has given to a model.
    struct Alias: Sendable {
        var name: String
        var target: String
    }

    let table: ModelTable
    /// In the order of the operator's file.
    let aliases: [Alias]
    let renderedList: RenderedModelList
    /// Position in `table.resolved` by id, or behind its end in ``resolvedAliases``; an alias hides a model's id.
    private let names: [String: Int]
    private let resolvedAliases: [ResolvedModel]

    private static let builtIn = ModelCatalog(CatalogFileReader(builtIn: defaultCatalogText))

    /// The built-in catalogue.
    package init() {
        self = Self.builtIn
    }

    /// The built-in catalogue with the changes of an operator's file.
    ///
    /// - Throws: ``CatalogError`` with everything that is wrong with the file.
    package init(overlay: ByteBuffer?) throws(CatalogError) {
        guard let overlay else {
            self = Self.builtIn
            return
        }
        var reader = CatalogFileReader(builtIn: defaultCatalogText)
        overlay.withUnsafeReadableBytes { reader.read($0) }
        reader.finish()
        guard reader.problems.isEmpty else { throw CatalogError(problems: reader.problems) }
        self.init(reader)
    }

    private init(_ reader: CatalogFileReader) {
        var reader = reader
        reader.finish()
        precondition(reader.problems.isEmpty, "the built-in catalogue: \(CatalogError(problems: reader.problems))")
        let table = ModelTable(entries: reader.entries, positions: reader.positions)
        var names = table.positions
        var resolvedAliases: [ResolvedModel] = []
        for alias in reader.aliases {
            var model = table.resolve(alias.target)
            model.requestedName = alias.name
            names[alias.name] = table.resolved.count + resolvedAliases.count
            resolvedAliases.append(model)
        }
        self.table = table
        renderedList = RenderedModelList()
        self.names = names
        self.aliases = reader.aliases
        self.resolvedAliases = resolvedAliases
    }

    /// Resolves a model name as the client sent it: alias, id, the same without suffixes, family, rules on the name.
    package func resolve(_ name: String) -> ResolvedModel {
        guard let position = names[name] else { return table.resolve(name) }
        let aliasPosition = position - table.resolved.count
        return aliasPosition < 0 ? table.resolved[position] : resolvedAliases[aliasPosition]
    }

    /// What the catalogue states of a model or of the model behind an alias; nil for an unknown name.
    package func entry(_ name: String) -> CatalogEntry? {
        let id = aliases.first { $0.name == name }?.target ?? name
        return table.positions[id].map { table.entries[$0] }
    }
}
