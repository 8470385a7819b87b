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
    /// Aliases of whole names, in the order of the operator's file.
    let aliases: [Alias]
    /// Aliases of all names with a beginning (`claude-*`), the longest first; the empty one is the catch-all.
    private let prefixes: [(beginning: String, model: ResolvedModel)]
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
        var prefixes: [(beginning: String, model: ResolvedModel)] = []
        for alias in reader.aliases {
            var model = table.resolve(alias.target)
            model.isAliased = true
            guard alias.name.utf8.last != UInt8(ascii: "*") else {
                prefixes.append((String(alias.name.dropLast()), model))
                continue
            }
            model.requestedName = alias.name
            names[alias.name] = table.resolved.count + resolvedAliases.count
            resolvedAliases.append(model)
        }
        self.table = table
        renderedList = RenderedModelList()
        self.names = names
        aliases = reader.aliases.filter { $0.name.utf8.last != UInt8(ascii: "*") }
        self.prefixes = prefixes.sorted { $0.beginning.utf8.count > $1.beginning.utf8.count }
        self.resolvedAliases = resolvedAliases
    }

    /// Resolves a model name as the client sent it.
    ///
    /// The first that fits counts: an alias of the whole name; a name the catalogue knows by its id or family; the same
    /// two without `dashscope/` or `openai/` in front; the longest alias that ends in `*`; rules on the name.
    package func resolve(_ name: String) -> ResolvedModel {
        if let position = names[name] { return model(at: position) }
        var model = table.resolve(name)
        if model.isKnown { return model }
        if let vendor = Self.vendors.first(where: { name.utf8.starts(with: $0.utf8) && name.utf8.count > $0.utf8.count }
        ) {
            let rest = String(Substring(name.utf8.dropFirst(vendor.utf8.count)))
            let inner = names[rest].map(self.model) ?? table.resolve(rest)
            if inner.isKnown || inner.isAliased { return inner.asked(for: name, without: vendor) }
            if let alias = alias(of: name, catchAll: false) { return alias }
            return (alias(of: rest, catchAll: true) ?? inner).asked(for: name, without: vendor)
        }
        if let alias = alias(of: name, catchAll: true) { model = alias }
        return model
    }

    /// The prefixes that some clients put in front of a model's name.
    private static let vendors = ["dashscope/", "openai/"]

    private func model(at position: Int) -> ResolvedModel {
        let aliasPosition = position - table.resolved.count
        return aliasPosition < 0 ? table.resolved[position] : resolvedAliases[aliasPosition]
    }

    /// The model of the longest alias ending in `*` that fits.
    private func alias(of name: String, catchAll: Bool) -> ResolvedModel? {
        let alias = prefixes.first { name.utf8.starts(with: $0.beginning.utf8) && (catchAll || !$0.beginning.isEmpty) }
        guard var model = alias?.model else { return nil }
        model.requestedName = name
        return model
    }

    /// The catalogue's facts about a model or the model behind an alias; nil for an unknown name.
    package func entry(_ name: String) -> CatalogEntry? {
        let id = aliases.first { $0.name == name }?.target ?? name
        return table.positions[id].map { table.entries[$0] }
    }
}
