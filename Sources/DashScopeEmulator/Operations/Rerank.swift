/// `POST /api/v1/services/rerank/text-rerank/text-rerank`, and the flat form beside it.
struct Rerank {
    static let path = "/api/v1/services/rerank/text-rerank/text-rerank"
    /// Takes the members of input and parameters side by side.
    static let flatPath = "/compatible-api/v1/reranks"

    private static let maximumDocuments = [
        "qwen3-rerank": 500, "qwen3.7-text-rerank": 500, "qwen3-vl-rerank": 100, "gte-rerank-v2": 500,
        "gte-rerank": 500,
    ]

    let request: OperationRequest

    /// A document with its place and score.
    private struct Result {
        var index: Int
        var document: JSON
        var score: Double
    }

    func answer() throws(Refusal) -> JSON {
        let (results, tokens) = try ranked(input: request.input, options: request.parameters)
        let showsDocuments = try request.flag("return_documents") ?? false
        return [
            "output": ["results": .array(results.map { document(of: $0, showsDocuments: showsDocuments) })],
            "usage": ["total_tokens": .int(tokens)], "request_id": .string(request.context.requestID),
        ]
    }

    func flatAnswer() throws(Refusal) -> JSON {
        let (results, tokens) = try ranked(input: request.body, options: request.body)
        return [
            "object": "list", "results": .array(results.map { document(of: $0, showsDocuments: false) }),
            "model": .string(request.model), "id": .string(request.context.requestID),
            "usage": ["total_tokens": .int(tokens)],
        ]
    }

    private func ranked(input: JSON, options: JSON) throws(Refusal) -> ([Result], tokens: Int) {
        let model = request.model.isEmpty ? "qwen3-rerank" : request.model
        guard let most = Self.maximumDocuments[model] else { throw .unknownModel }
        guard let given = input["query"], let query = text(of: given, model: model), !query.isEmpty else {
            throw .invalid("Required parameter \"query\" missing or invalid, please check the request parameters.")
        }
        let documents = try request.list("documents", in: input)
        if documents.count > most {
            throw .algorithm("Value error, batch size is invalid, it should not be larger than \(most).")
        }
        let count = try request.integer("top_n", in: 1...1_000_000, of: options) ?? documents.count
        var results: [Result] = []
        var tokens = Tokens.count(query) * documents.count
        for (index, document) in documents.enumerated() {
            guard let text = text(of: document, model: model) else {
                throw .algorithm("documents is neither str nor list of str.: input.documents")
            }
            tokens += Tokens.count(text)
            results.append(Result(index: index, document: document, score: Embedder.relevance(of: text, to: query)))
        }
        results.sort { $0.score == $1.score ? $0.index < $1.index : $0.score > $1.score }
        return (Array(results.prefix(count)), tokens)
    }

    private func text(of item: JSON, model: String) -> String? {
        if let text = item.string { return text }
        guard model == "qwen3-vl-rerank" else { return nil }
        return item["text"]?.string ?? item["image"]?.string ?? item["video"]?.string
    }

    private func document(of result: Result, showsDocuments: Bool) -> JSON {
        var document: JSON = [:]
        if showsDocuments {
            document["document"] = result.document.string.map { ["text": .string($0)] } ?? result.document
        }
        document["index"] = .int(result.index)
        document["relevance_score"] = .number(result.score)
        return document
    }
}
