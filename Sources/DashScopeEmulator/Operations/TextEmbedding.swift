/// `POST /api/v1/services/embeddings/text-embedding/text-embedding`.
struct TextEmbedding {
    static let path = "/api/v1/services/embeddings/text-embedding/text-embedding"

    /// The documented traits of one model.
    private struct Profile {
        /// The default first.
        var dimensions: [Int]
        var maximumTexts: Int
        var maximumTokens: Int
        var takesOptions: Bool
    }

    private static let profiles: [String: Profile] = {
        let old = Profile(dimensions: [1_536], maximumTexts: 25, maximumTokens: 2_048, takesOptions: false)
        return [
            "text-embedding-v1": old, "text-embedding-v2": old,
            "text-embedding-v3": Profile(
                dimensions: [1_024, 768, 512, 256, 128, 64],
                maximumTexts: 10,
                maximumTokens: 8_192,
                takesOptions: true
            ),
            "text-embedding-v4": Profile(
                dimensions: [1_024, 2_048, 1_536, 768, 512, 256, 128, 64],
                maximumTexts: 10,
                maximumTokens: 8_192,
                takesOptions: true
            ),
        ]
    }()

    let request: OperationRequest

    func answer() throws(Refusal) -> JSON {
        guard let profile = Self.profiles[request.model.isEmpty ? "text-embedding-v4" : request.model] else {
            throw .unknownModel
        }
        let texts = try readTexts(profile)
        let type = try request.text("output_type", among: ["dense", "sparse", "dense&sparse"]) ?? "dense"
        if type != "dense", !profile.takesOptions {
            throw .algorithm("The output_type parameter of this model must be \"dense\"")
        }
        _ = try request.text("text_type", among: ["query", "document"])
        let dimension = try readDimension(profile)
        var embeddings = texts.enumerated().map { index, text -> JSON in
            var item: JSON = [:]
            if type != "sparse" {
                let vector = Embedder.vector(of: text, dimension: dimension)
                item["embedding"] = .array(vector.map(JSON.number))
            }
            if type != "dense" { item["sparse_embedding"] = sparse(text) }
            item["text_index"] = .int(index)
            return item
        }
        // The documentation does not promise the order.
        if request.context.variant(6, of: 2) == 0 { embeddings.reverse() }
        let tokens = texts.reduce(0) { $0 + Tokens.count($1) }
        return [
            "output": ["embeddings": .array(embeddings)], "usage": ["total_tokens": .int(tokens)],
            "request_id": .string(request.context.requestID),
        ]
    }

    private func readTexts(_ profile: Profile) throws(Refusal) -> [String] {
        let items = try request.list("texts", in: request.input)
        let texts = items.compactMap(\.string)
        guard texts.count == items.count else {
            throw .algorithm("Value error, contents is neither str nor list of str.: input.contents")
        }
        if texts.count > profile.maximumTexts {
            throw .algorithm(
                "Value error, batch size is invalid, it should not be larger than \(profile.maximumTexts).: input.contents"
            )
        }
        for text in texts where !(1...profile.maximumTokens).contains(Tokens.count(text)) {
            throw .algorithm("Range of input length should be [1, \(profile.maximumTokens)]")
        }
        return texts
    }

    private func readDimension(_ profile: Profile) throws(Refusal) -> Int {
        guard let given = request.parameters["dimension"] else { return profile.dimensions[0] }
        guard let dimension = given.int, profile.dimensions.contains(dimension) else {
            throw .algorithm("Value error, dimension is invalid: parameters.dimension")
        }
        return dimension
    }

    private func sparse(_ text: String) -> JSON {
        let words = Embedder.words(in: text)
        return .array(
            Set(words).sorted().map { word in
                let share = Double(words.count { $0 == word }) / Double(max(1, words.count))
                return [
                    "index": .int(Int(UInt64(stableHashOf: Array(word.utf8)) % 250_000)), "value": .number(share),
                    "token": .string(word),
                ]
            }
        )
    }
}
