import ByteWriting
import JSONBytes
import NIOCore

/// Usage in Anthropic's division: input that was neither read from a cache nor written to it stands alone.
struct MessageUsage: Sendable {
    private var input = 0
    private var cacheRead = 0
    private var cacheWritten = 0
    /// The part of what was written that stays for an hour.
    private var cacheWrittenForAnHour = 0
    private var output = 0
    private var thinking = 0
    /// Searches that upstream counted.
    private var searches: Int?

    /// Usage of which only the input is known, and that by estimation.
    init(estimatedInput: Int) { input = estimatedInput }

    /// Reads native usage; nothing is zeros.
    init(_ native: JSONValue?) {
        guard let native else { return }
        divide(NativeUsage.counts(native))
        readDetails(native)
    }

    init(_ usage: NativeUsage?, tape: JSONTape) {
        guard let usage else { return }
        divide(usage.counts)
        usage.parts.last?.withUnsafeReadableBytes { bytes in
            if let native = try? tape.parse(bytes) { readDetails(native) }
        }
    }

    private mutating func divide(_ counts: TokenUsage) {
        cacheRead = counts.cached
        cacheWritten = counts.cacheWritten
        input = max(0, counts.input - cacheRead - cacheWritten)
        output = counts.output
        thinking = counts.reasoning
    }

    private mutating func readDetails(_ native: JSONValue) {
        let split = native["prompt_tokens_details"]?["cache_creation"]
        let hour = NativeUsage.number(split?["ephemeral_1h_input_tokens"]) ?? 0
        cacheWrittenForAnHour = min(hour, cacheWritten)
        searches = NativeUsage.number(native["plugins"]?["search"]?["count"])
    }

    /// Appends the usage object of a message.
    func write(hasSearch: Bool, into output: inout ByteBuffer) {
        writeCounts(into: &output)
        output.append(",\"cache_creation\":{\"ephemeral_5m_input_tokens\":")
        output.writeJSON(cacheWritten - cacheWrittenForAnHour)
        output.append(",\"ephemeral_1h_input_tokens\":")
        output.writeJSON(cacheWrittenForAnHour)
        output.append("}")
        writeDetails(hasSearch: hasSearch, into: &output)
        output.append(",\"service_tier\":\"standard\"}")
    }

    /// Appends the usage object of the event that ends a message; it replaces what was told at its start.
    func writeFinal(hasSearch: Bool, into output: inout ByteBuffer) {
        writeCounts(into: &output)
        writeDetails(hasSearch: hasSearch, into: &output)
        output.append("}")
    }

    private func writeCounts(into buffer: inout ByteBuffer) {
        buffer.append("{\"input_tokens\":")
        buffer.writeJSON(input)
        buffer.append(",\"cache_creation_input_tokens\":")
        buffer.writeJSON(cacheWritten)
        buffer.append(",\"cache_read_input_tokens\":")
        buffer.writeJSON(cacheRead)
        buffer.append(",\"output_tokens\":")
        buffer.writeJSON(output)
    }

    private func writeDetails(hasSearch: Bool, into output: inout ByteBuffer) {
        if thinking > 0 {
            output.append(",\"output_tokens_details\":{\"thinking_tokens\":")
            output.writeJSON(thinking)
            output.append("}")
        }
        if hasSearch {
            output.append(",\"server_tool_use\":{\"web_search_requests\":")
            output.writeJSON(searches ?? 1)
            output.append(",\"web_fetch_requests\":0}")
        }
    }
}
