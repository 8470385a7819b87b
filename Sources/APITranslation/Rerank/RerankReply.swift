import ByteWriting
import JSONBytes
import NIOCore

/// Makes the answer of `POST /v1/rerank`, which clients of Cohere, Jina and LiteLLM read.
final class RerankReply: SplitReply {
    private let model: String
    /// Documents of the request.
    fileprivate let count: Int
    /// Each as JSON, where results show them.
    fileprivate let documents: [ByteBuffer]?
    fileprivate(set) var usage: TokenUsage?

    init(model: String, count: Int, documents: [ByteBuffer]?) {
        self.model = model
        self.count = count
        self.documents = documents
    }

    func makePart(_ index: Int) -> any ReplyTranslating { RerankPart(whole: self) }

    func place(ofPart index: Int) -> String { "documents" }

    func name(of parameter: String) -> String { parameter == "messages" ? "documents" : parameter }

    func begin(requestID: String, into output: inout ByteBuffer) {
        output.append("{\"object\":\"list\",\"model\":")
        output.writeJSON(model)
        output.append(",\"results\":[")
    }

    func end(requestID: String, into output: inout ByteBuffer) {
        output.append("],\"id\":")
        output.writeJSON("rerank-" + requestID)
        let tokens = usage?.input ?? 0
        output.append(",\"usage\":{\"total_tokens\":")
        output.writeJSON(tokens)
        output.append(",\"prompt_tokens\":")
        output.writeJSON(tokens)
        output.append("},\"meta\":{\"api_version\":{\"version\":\"2\"},\"billed_units\":{\"search_units\":1},")
        output.append("\"tokens\":{\"input_tokens\":")
        output.writeJSON(tokens)
        output.append("}}}")
    }

    fileprivate func note(_ usage: TokenUsage?) { self.usage = usage }
}

/// Reads the native answer.
private final class RerankPart: ReplyTranslating {
    private let whole: RerankReply
    private var elements = ByteBuffer()
    private var isComplete = false
    private(set) var facts = ReplyFacts()

    init(whole: RerankReply) {
        self.whole = whole
    }

    /// This API has no streams.
    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        guard !data.isEmpty else { return .progress }
        return receive(whole: data, tape: tape, into: &output)
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        guard let root = try? tape.parse(body), root.kind == .object else {
            return .refused(ErrorTable.invalidResponse(requestID: nil))
        }
        let refusal = UpstreamRefusal(root)
        facts.requestID = refusal.requestID
        let results = (root["output"]?["results"] ?? root["results"]).flatMap { $0.kind == .array ? $0 : nil }
        guard refusal.code.isEmpty, !refusal.hasErrorObject, let results else {
            guard !refusal.code.isEmpty || !refusal.message.isEmpty else { return .refused(unreadable) }
            return .refused(
                ErrorTable.map(
                    status: nil,
                    code: refusal.code,
                    message: refusal.message,
                    requestID: refusal.requestID
                )
            )
        }
        guard read(results) else { return .refused(unreadable) }
        let usage = root["usage"]
        if let tokens = NativeUsage.number(usage?["total_tokens"]) ?? NativeUsage.number(usage?["input_tokens"]) {
            facts.usage = TokenUsage(input: tokens)
        }
        whole.note(facts.usage)
        isComplete = true
        return .complete
    }

    private var unreadable: APIError { ErrorTable.invalidResponse(requestID: facts.requestID) }

    private struct Result {
        var index: Int
        var score: Double
        var text: JSONValue
        var object: JSONValue
    }

    /// Writes the results, the best first; false where one of them is about no document of the request.
    private func read(_ list: JSONValue) -> Bool {
        var results: [Result] = []
        for object in list.elements {
            guard let index = object["index"]?.integer, (0..<whole.count).contains(index),
                let text = object["relevance_score"], let score = text.double
            else { return false }
            results.append(Result(index: index, score: score, text: text, object: object))
        }
        guard results.count <= whole.count else { return false }
        results.sort { $0.score == $1.score ? $0.index < $1.index : $0.score > $1.score }
        for (position, result) in results.enumerated() {
            if position > 0 { elements.append(",") }
            elements.append("{\"index\":")
            elements.writeJSON(result.index)
            elements.append(",\"relevance_score\":")
            elements.writeJSON(result.text)
            if let documents = whole.documents {
                elements.append(",\"document\":")
                elements.writeImmutableBuffer(documents[result.index])
            }
            for member in result.object.members where !Self.isRead(member.name) && !member.value.isNull {
                elements.append(",")
                elements.writeJSON(member.name)
                elements.append(":")
                elements.writeJSON(member.value)
            }
            elements.append("}")
        }
        return true
    }

    private static func isRead(_ name: JSONValue) -> Bool {
        name.equals("index") || name.equals("relevance_score") || name.equals("document")
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        guard isComplete else { return unreadable }
        output = elements
        elements = ByteBuffer()
        return nil
    }

    // The client reads a whole answer.
    func fail(_ error: APIError, into output: inout ByteBuffer) {}
    func keepAlive(into output: inout ByteBuffer) {}
}
