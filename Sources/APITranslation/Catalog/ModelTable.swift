/// The known models under their own ids, and how unknown names are related to them.
struct ModelTable: Sendable {
    /// Known models in the order of the files.
    let entries: [CatalogEntry]
    /// Position in ``entries`` and ``resolved`` by id.
    let positions: [String: Int]
    let resolved: [ResolvedModel]
    /// Ids that are not in lower case, by their lower-case form.
    private let folded: [String: String]
    /// All ids in lower case, as beginnings of other names.
    private let families: NamePrefixes

    init(entries: [CatalogEntry], positions: [String: Int]) {
        self.entries = entries
        self.positions = positions
        resolved = entries.map { entry in
            ResolvedModel(
                requestedName: entry.id,
                upstreamName: entry.id,
                isCatalogued: true,
                traits: entry.traits,
                isKnown: true
            )
        }
        var folded: [String: String] = [:]
        for entry in entries where entry.id.utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) {
            folded[ModelName(entry.id).folded] = entry.id
        }
        self.folded = folded
        var families = NamePrefixes()
        for (position, entry) in entries.enumerated() {
            families.add(ModelName(entry.id).folded, position: position)
        }
        self.families = families
    }

    /// Resolves a name, known or not, without aliases.
    func resolve(_ name: String) -> ResolvedModel {
        if let position = positions[name] { return resolved[position] }
        let (traits, isKnown) = estimate(name)
        return ResolvedModel(
            requestedName: name,
            upstreamName: name,
            isCatalogued: false,
            traits: traits,
            isKnown: isKnown
        )
    }

    /// The entry of a name that differs at most in case.
    private func position(_ foldedName: String) -> Int? {
        positions[foldedName] ?? folded[foldedName].flatMap { positions[$0] }
    }

    /// The traits of a model that is not in the table: those of its family, or those that its name suggests.
    private func estimate(_ name: String) -> (traits: ModelTraits, isKnown: Bool) {
        if name.utf8.starts(with: ResolvedModel.appPrefix.utf8) { return (.app, true) }
        let rules = ModelName(name)
        let foldedName = rules.folded
        for candidate in [foldedName] + ModelName.withoutSuffixes(foldedName) {
            if let position = position(candidate) { return (resolved[position].traits, true) }
        }
        if let (position, rest) = ModelName.family(of: foldedName, in: families), !Self.changesKind(rest) {
            return (resolved[position].traits, true)
        }
        return (ModelNameRules.traits(of: rules), false)
    }

    /// Whether what follows a family's name makes another kind of model of it (`qwen3-32b-thinking`).
    private static func changesKind(_ rest: String) -> Bool {
        let name = ModelName(rest)
        return name.holds("vl") || name.holds("omni") || name.holds("audio") || name.holds("ocr") || name.holds("asr")
            || name.holds("tts") || name.holds("image") || name.holds("think") || name.holds("instruct")
            || name.holds("realtime") || name.holds("embedding") || name.holds("rerank")
    }
}
