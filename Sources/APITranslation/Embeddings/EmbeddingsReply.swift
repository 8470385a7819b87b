import ByteWriting
import JSONBytes
import NIOCore

/// Makes the answer of `POST /v1/embeddings` of the native answers to its calls.
final class EmbeddingsReply: SplitReply {
    enum Encoding: Sendable {
        case float, base64
    }

    private let model: String
    fileprivate let encoding: Encoding
    fileprivate let fuses: Bool
    /// The inputs of each call.
    private let parts: [Range<Int>]
    fileprivate var counts = EmbeddingsUsage()
    /// Memory for the numbers of one vector.
    fileprivate var numbers: [Float] = []

    init(model: String, encoding: Encoding, parts: [Range<Int>], fuses: Bool) {
        self.model = model
        self.encoding = encoding
        self.parts = parts
        self.fuses = fuses
    }

    func makePart(_ index: Int) -> any ReplyTranslating { EmbeddingsPart(whole: self, inputs: parts[index]) }

    func name(of parameter: String) -> String {
        switch parameter {
        case "messages": "input"
        case "dimension": "dimensions"
        default: parameter
        }
    }

    func place(ofPart index: Int) -> String {
        let inputs = parts[index]
        return inputs.count == 1
            ? "input[\(inputs.lowerBound)]" : "input[\(inputs.lowerBound)] to input[\(inputs.upperBound - 1)]"
    }

    func begin(requestID: String, into output: inout ByteBuffer) {
        output.append("{\"object\":\"list\",\"model\":")
        output.writeJSON(model)
        output.append(",\"data\":[")
    }

    func end(requestID: String, into output: inout ByteBuffer) {
        output.append("],\"usage\":")
        counts.write(into: &output)
        output.append("}")
    }
}

/// The sum of the usage of one request's calls.
struct EmbeddingsUsage {
    private(set) var total: Int?
    /// Counts beside the tokens, such as `image_count`.
    private var details: [(name: String, count: Int)] = []

    /// Adds the usage of one call.
    mutating func add(_ usage: JSONValue?) {
        guard let usage, usage.kind == .object else { return }
        let input = NativeUsage.number(usage["input_tokens"])
        let images = NativeUsage.number(usage["image_tokens"])
        let sum =
            NativeUsage.number(usage["total_tokens"]) ?? NativeUsage.number(usage["total_usage"])
            ?? (input == nil && images == nil ? nil : (input ?? 0) + (images ?? 0))
        if let sum { total = (total ?? 0) + sum }
        for member in usage.members where !member.name.equals("total_tokens") {
            guard let count = NativeUsage.number(member.value) else { continue }
            let name = GenerationWriter.memberName(member.name)
            if let place = details.firstIndex(where: { $0.name == name }) {
                details[place].count += count
            } else if details.count < 16 {
                details.append((name, count))
            }
        }
    }

    func write(into output: inout ByteBuffer) {
        output.append("{\"prompt_tokens\":")
        output.writeJSON(total ?? 0)
        output.append(",\"total_tokens\":")
        output.writeJSON(total ?? 0)
        for detail in details where detail.name != "prompt_tokens" {
            output.append(",")
            output.writeJSON(detail.name)
            output.append(":")
            output.writeJSON(detail.count)
        }
        output.append("}")
    }
}

/// Reads the native answer to one call.
private final class EmbeddingsPart: ReplyTranslating {
    private let whole: EmbeddingsReply
    private let inputs: Range<Int>
    private var elements = ByteBuffer()
    private var isComplete = false
    private(set) var facts = ReplyFacts()

    init(whole: EmbeddingsReply, inputs: Range<Int>) {
        self.whole = whole
        self.inputs = inputs
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
        let arrays = NumberArrays(body)
        return arrays.skeleton.withUnsafeReadableBytes { skeleton in
            guard let root = try? tape.parse(skeleton), root.kind == .object else {
                return .refused(ErrorTable.invalidResponse(requestID: nil))
            }
            let refusal = UpstreamRefusal(root)
            facts.requestID = refusal.requestID
            guard refusal.code.isEmpty, !refusal.hasErrorObject, let output = root["output"], output.kind == .object
            else {
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
            guard read(output, of: body, arrays) else { return .refused(unreadable) }
            let usage = root["usage"]
            whole.counts.add(usage)
            var counts = EmbeddingsUsage()
            counts.add(usage)
            facts.usage = counts.total.map { TokenUsage(input: $0) }
            isComplete = true
            return .complete
        }
    }

    private var unreadable: APIError { ErrorTable.invalidResponse(requestID: facts.requestID) }

    /// Writes the vectors in the order of the inputs; false where they are not those that were asked for.
    private func read(_ output: JSONValue, of body: UnsafeRawBufferPointer, _ arrays: NumberArrays) -> Bool {
        var found: [JSONValue?]
        if let list = output["embeddings"], list.kind == .array {
            let items = Array(list.elements)
            guard !items.isEmpty, whole.fuses || items.count == inputs.count else { return false }
            found = Array(repeating: nil, count: items.count)
            for (position, item) in items.enumerated() {
                guard item.kind == .object else { return false }
                let index = item["text_index"]?.integer ?? item["index"]?.integer ?? position
                guard found.indices.contains(index), found[index] == nil else { return false }
                found[index] = item
            }
        } else {
            // An old multimodal model answers with one vector.
            guard inputs.count == 1 || whole.fuses, output["embedding"] != nil else { return false }
            found = [output]
        }
        elements.reserveCapacity(min(body.count, 64 << 20))
        for (position, item) in found.enumerated() {
            guard let item else { return false }
            if position > 0 { elements.append(",") }
            guard write(item, index: inputs.lowerBound + position, of: body, arrays) else { return false }
        }
        return true
    }

    private func write(
        _ item: JSONValue,
        index: Int,
        of body: UnsafeRawBufferPointer,
        _ arrays: NumberArrays
    ) -> Bool {
        elements.append("{\"object\":\"embedding\",\"index\":")
        elements.writeJSON(index)
        elements.append(",\"embedding\":")
        if let range = arrays.range(of: item["embedding"]) {
            let text = UnsafeRawBufferPointer(rebasing: body[range])
            whole.numbers.removeAll(keepingCapacity: true)
            guard VectorText.read(text, into: &whole.numbers) else { return false }
            if whole.encoding == .base64 {
                elements.append("\"")
                elements.writeBase64(whole.numbers)
                elements.append("\"")
            } else {
                elements.append(bytes: text)
            }
        } else {
            // A vector that is sparse only; clients insist on the member.
            guard item["sparse_embedding"] != nil else { return false }
            elements.append(whole.encoding == .base64 ? "\"\"" : "[]")
        }
        for member in item.members where !Self.isRead(member.name) && !member.value.isNull {
            elements.append(",")
            elements.writeJSON(member.name)
            elements.append(":")
            guard arrays.write(member.value, of: body, into: &elements) else { return false }
        }
        elements.append("}")
        return true
    }

    private static func isRead(_ name: JSONValue) -> Bool {
        name.equals("embedding") || name.equals("text_index") || name.equals("index")
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
