import JSONBytes
import NIOCore

/// Native usage: what it counts, and the text for its details.
struct NativeUsage: Sendable {
    /// Usage objects whose output adds up; with several choices each event may count its own choice only.
    let parts: [ByteBuffer]
    let counts: TokenUsage

    /// Reads usage; nil where upstream gave none.
    init?(parts: [ByteBuffer], tape: JSONTape) {
        guard let last = parts.last else { return nil }
        var earlier = TokenUsage()
        for part in parts.dropLast() {
            part.withUnsafeReadableBytes { bytes in
                guard let usage = try? tape.parse(bytes) else { return }
                let counts = Self.counts(usage)
                earlier.output += counts.output
                earlier.reasoning += counts.reasoning
            }
        }
        let counts = last.withUnsafeReadableBytes { bytes -> TokenUsage? in
            guard let usage = try? tape.parse(bytes), usage.kind == .object, !usage.isEmptyContainer else { return nil }
            return Self.counts(usage)
        }
        guard var counts else { return nil }
        counts.output += earlier.output
        counts.reasoning += earlier.reasoning
        self.parts = parts
        self.counts = counts
    }

    /// The counts of one usage object.
    static func counts(_ usage: JSONValue) -> TokenUsage {
        let input = number(usage["input_tokens"]) ?? number(usage["prompt_tokens"])
        let output = number(usage["output_tokens"]) ?? number(usage["completion_tokens"])
        if input == nil, output == nil, let models = usage["models"] {
            // An app: what each of its models has used.
            var sum = TokenUsage()
            for model in models.elements { sum.add(counts(model)) }
            return sum
        }
        let cache = usage["prompt_tokens_details"]
        return TokenUsage(
            input: input ?? 0,
            output: output ?? 0,
            cached: number(cache?["cached_tokens"]) ?? number(usage["cached_tokens"]) ?? 0,
            reasoning: number(usage["output_tokens_details"]?["reasoning_tokens"]) ?? 0,
            cacheWritten: number(cache?["cache_creation_input_tokens"]) ?? 0
        )
    }

    /// A count, where the value can be one.
    static func number(_ value: JSONValue?) -> Int? {
        guard let number = value?.integer, number >= 0, number < 1 << 53 else { return nil }
        return number
    }
}
