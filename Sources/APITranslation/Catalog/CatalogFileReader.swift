import JSONBytes

/// Reads catalogue files, the built-in one and the operator's, into entries; later files change earlier ones.
///
/// A field of a model replaces what was there, `null` takes it away, an absent field changes nothing.
struct CatalogFileReader {
    private(set) var entries: [CatalogEntry] = []
    /// Position in ``entries`` by id.
    private(set) var positions: [String: Int] = [:]
    /// Other names for models, in the order of the file.
    private(set) var aliases: [ModelCatalog.Alias] = []
    private(set) var problems: [CatalogError.Problem] = []

    private var isFinished = false

    /// A reader that has read the built-in catalogue.
    init(builtIn text: StaticString) {
        entries.reserveCapacity(800)
        positions.reserveCapacity(800)
        read(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Reads one file; what is wrong with it is added to ``problems``.
    mutating func read(_ text: UnsafeRawBufferPointer) {
        let tape = JSONTape(capacity: 16_384)
        let root: JSONValue
        do {
            root = try tape.parse(text)
        } catch {
            return report("", "not JSON: \(error)")
        }
        guard root.kind == .object else {
            return report("", "must be an object with \"models\" and \"aliases\", not \(root.kindDescription)")
        }
        for member in root.members {
            if member.name.equals("models") {
                readModels(member.value)
            } else if member.name.equals("aliases") {
                readAliases(member.value)
            } else {
                report(member.name.string ?? "", "unknown field; known are models and aliases")
            }
        }
    }

    mutating func report(_ place: String, _ message: String) {
        problems.append(CatalogError.Problem(place: place, message: message))
    }

    /// Fills in what snapshots take from their families, and checks that aliases lead somewhere.
    mutating func finish() {
        guard !isFinished else { return }
        isFinished = true
        for position in entries.indices where entries[position].like != nil { inherit(position) }
        let names = Set(aliases.map(\.name))
        for alias in aliases where names.contains(alias.target) {
            report("aliases.\(alias.name)", "leads to \(alias.target), which is an alias itself")
        }
    }

    private mutating func inherit(_ position: Int) {
        var ancestor = entries[position].like
        var seen: Set<String> = [entries[position].id]
        while let id = ancestor {
            guard let parent = positions[id] else {
                return report("models (\(entries[position].id)).like", "there is no model \(id)")
            }
            guard seen.insert(id).inserted else {
                return report("models (\(entries[position].id)).like", "leads back to itself")
            }
            entries[position].inherit(from: entries[parent])
            entries[position].ruleName = id
            ancestor = entries[parent].like
        }
    }
}

// MARK: - Aliases

extension CatalogFileReader {
    private mutating func readAliases(_ value: JSONValue) {
        guard value.kind == .object else {
            return report("aliases", "must be an object from name to model, not \(value.kindDescription)")
        }
        for member in value.members {
            let name = member.name.string ?? ""
            if name.isEmpty {
                report("aliases", "a name must not be empty")
            } else if name.utf8.dropLast().contains(UInt8(ascii: "*")) {
                report("aliases.\(name)", "may hold one `*`, at its end")
            } else if let target = member.value.string, !target.isEmpty {
                aliases.removeAll { $0.name == name }
                aliases.append(ModelCatalog.Alias(name: name, target: target))
            } else {
                report("aliases.\(name)", "must be the name of a model")
            }
        }
    }
}

// MARK: - Models

extension CatalogFileReader {
    private mutating func readModels(_ value: JSONValue) {
        guard value.kind == .array else {
            return report("models", "must be an array, not \(value.kindDescription)")
        }
        // Whether this file has already named the entry at this position.
        var isNamed = [Bool](repeating: false, count: entries.count)
        for (index, model) in value.elements.enumerated() {
            guard model.kind == .object else {
                report("models[\(index)]", "must be an object, not \(model.kindDescription)")
                continue
            }
            guard let id = model["id"]?.string, !id.isEmpty else {
                report("models[\(index)].id", "must be there and a string that is not empty")
                continue
            }
            let position = positions[id] ?? entries.count
            if position == entries.count {
                positions[id] = position
                entries.append(CatalogEntry(id: id))
                isNamed.append(false)
            }
            guard !isNamed[position] else {
                report("models[\(index)] (\(id)).id", "stands twice in this file")
                continue
            }
            isNamed[position] = true
            for member in model.members {
                guard let fault = Self.set(member, in: &entries[position]) else { continue }
                report("models[\(index)] (\(id)).\(member.name.string ?? "")", fault)
            }
        }
    }

    /// Sets one field of an entry; says what is wrong if it cannot.
    private static func set(_ member: JSONValue.Member, in entry: inout CatalogEntry) -> String? {
        let (name, value) = (member.name, member.value)
        if name.equals("id") { return nil }
        if name.equals("kind") {
            return setWord(value, &entry.kind, ModelKind.allCases.map(\.rawValue)) { ModelKind(rawValue: $0) }
        }
        if name.equals("input") { return setModalities(value, &entry.input) }
        if name.equals("output") { return setModalities(value, &entry.output) }
        if name.equals("path") { return setPaths(value, &entry.paths) }
        if name.equals("like") { return setText(value, &entry.like) }
        if name.equals("listed") {
            guard let flag = value.bool else { return value.isNull ? nil : "must be true or false" }
            entry.isListed = flag
            return nil
        }
        if name.equals("context_length") { return setCount(value, &entry.contextLength) }
        if name.equals("max_input_tokens") { return setCount(value, &entry.maxInputTokens) }
        if name.equals("max_output_tokens") { return setCount(value, &entry.maxOutputTokens) }
        if name.equals("thinking") {
            let words = ["never", "off_by_default", "on_by_default", "switchable", "always"]
            return setWord(value, &entry.thinking, words) { ModelTraits.Thinking(word: $0) }
        }
        if name.equals("stream_only") {
            let words = ["no", "always", "when_thinking"]
            return setWord(value, &entry.streamOnly, words) { ModelTraits.StreamOnly(word: $0) }
        }
        if name.equals("tools") { return setFlag(value, &entry.tools) }
        if name.equals("structured_output") { return setFlag(value, &entry.structuredOutput) }
        if name.equals("json_schema") { return setFlag(value, &entry.jsonSchema) }
        if name.equals("web_search") { return setFlag(value, &entry.webSearch) }
        if name.equals("file_ids") { return setFlag(value, &entry.fileIDs) }
        if name.equals("dimensions") { return setCounts(value, &entry.dimensions) }
        if name.equals("max_items") { return setCount(value, &entry.maxItems) }
        if name.equals("max_request_tokens") { return setCount(value, &entry.maxRequestTokens) }
        if name.equals("batch_only") { return setFlag(value, &entry.isBatchOnly) }
        if name.equals("fuses") { return setFlag(value, &entry.fuses) }
        if name.equals("image") { return setTraits(value, &entry.image, ImageTraits.init) }
        if name.equals("video") { return setTraits(value, &entry.video, VideoTraits.init) }
        if name.equals("speech") { return setTraits(value, &entry.speech, SpeechTraits.init) }
        if name.equals("transcription") { return setTraits(value, &entry.transcription, TranscriptionTraits.init) }
        if name.equals("text_parts") {
            let words = ["always", "with_tools", "never"]
            return setWord(value, &entry.textParts, words) { ModelTraits.TextParts(word: $0) }
        }
        if name.equals("retirement") { return setText(value, &entry.retirement) }
        if name.equals("created") { return setCount(value, &entry.created) }
        if name.equals("owned_by") { return setText(value, &entry.ownedBy) }
        return "unknown field"
    }

    private static func setTraits<Traits>(
        _ value: JSONValue,
        _ field: inout Traits?,
        _ read: (JSONValue) throws(TraitsFault) -> Traits
    ) -> String? {
        do throws(TraitsFault) {
            field = value.isNull ? nil : try read(value)
            return nil
        } catch {
            return error.message
        }
    }

    private static func setFlag(_ value: JSONValue, _ field: inout Bool?) -> String? {
        guard value.bool != nil || value.isNull else { return "must be true or false" }
        field = value.bool
        return nil
    }

    private static func setCount(_ value: JSONValue, _ field: inout Int?) -> String? {
        let count = value.integer
        guard value.isNull || count.map({ $0 > 0 }) == true else { return "must be a whole number above 0" }
        field = count
        return nil
    }

    private static func setCounts(_ value: JSONValue, _ field: inout [Int]?) -> String? {
        if value.isNull {
            field = nil
            return nil
        }
        let counts = value.elements.map { $0.integer ?? 0 }
        guard value.kind == .array, !counts.isEmpty, counts.allSatisfy({ $0 > 0 }) else {
            return "must be an array of whole numbers above 0"
        }
        field = counts
        return nil
    }

    private static func setText(_ value: JSONValue, _ field: inout String?) -> String? {
        let text = value.string
        guard value.isNull || text?.isEmpty == false else { return "must be a string that is not empty" }
        field = text
        return nil
    }

    private static func setWord<Value>(
        _ value: JSONValue,
        _ field: inout Value?,
        _ words: @autoclosure () -> [String],
        _ make: (String) -> Value?
    ) -> String? {
        let made = value.string.flatMap(make)
        guard value.isNull || made != nil else { return "must be one of \(words().joined(separator: ", "))" }
        field = made
        return nil
    }

    private static func setModalities(_ value: JSONValue, _ field: inout ModelModalities?) -> String? {
        if value.isNull {
            field = nil
            return nil
        }
        guard value.kind == .array, !value.isEmptyContainer else { return modalityFault }
        var modalities: ModelModalities = []
        for element in value.elements {
            guard let modality = element.string.flatMap({ ModelModalities(word: $0) }) else {
                return modalityFault
            }
            modalities.insert(modality)
        }
        field = modalities
        return nil
    }

    private static var modalityFault: String {
        "must be an array of \(ModelModalities.words.map(\.word).joined(separator: ", "))"
    }

    private static func setPaths(_ value: JSONValue, _ field: inout [NativePath]) -> String? {
        if value.isNull {
            field = []
            return nil
        }
        guard value.kind == .array, !value.isEmptyContainer else { return "must be an array of path codes" }
        var paths: [NativePath] = []
        for element in value.elements {
            guard let path = element.string.flatMap({ NativePath(rawValue: $0) }) else {
                return "must hold only \(NativePath.allCases.map(\.rawValue).joined(separator: ", "))"
            }
            paths.append(path)
        }
        field = paths
        return nil
    }
}
