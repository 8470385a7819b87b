import ByteWriting
import JSONBytes
import NIOCore

/// Converts native usage to OpenAI's, with every detail there is.
///
/// The native counts already have OpenAI's meaning: `output_tokens` includes reasoning. Details go into the detail
/// objects under their own names, unknown members (`plugins`, `seconds`) stay where they are.
struct UsageConverter {
    let usage: NativeUsage

    /// Appends OpenAI's usage object.
    func write(into output: inout ByteBuffer, tape: JSONTape) {
        var earlierText = 0
        for part in usage.parts.dropLast() {
            part.withUnsafeReadableBytes { bytes in
                guard let usage = try? tape.parse(bytes) else { return }
                earlierText += NativeUsage.number(usage["output_tokens_details"]?["text_tokens"]) ?? 0
            }
        }
        usage.parts.last?.withUnsafeReadableBytes { bytes in
            guard let native = try? tape.parse(bytes) else { return }
            Self.write(native, usage.counts, addedText: earlierText, isSum: usage.parts.count > 1, into: &output)
        }
    }

    private static func write(
        _ usage: JSONValue,
        _ counts: TokenUsage,
        addedText: Int,
        isSum: Bool,
        into output: inout ByteBuffer
    ) {
        let given = isSum ? nil : NativeUsage.number(usage["total_tokens"])
        output.append("{\"prompt_tokens\":")
        output.writeJSON(counts.input)
        output.append(",\"completion_tokens\":")
        output.writeJSON(counts.output)
        output.append(",\"total_tokens\":")
        output.writeJSON(given ?? counts.input + counts.output)
        writePromptDetails(usage, into: &output)
        writeCompletionDetails(usage, counts, addedText: addedText, into: &output)
        for member in usage.members where !isConverted(member.name) && !member.value.isNull {
            output.append(",")
            output.writeJSON(member.name)
            output.append(":")
            output.writeJSON(member.value)
        }
        output.append("}")
    }

    private static func isConverted(_ name: JSONValue) -> Bool {
        name.equals("input_tokens") || name.equals("output_tokens") || name.equals("total_tokens")
            || name.equals("prompt_tokens") || name.equals("completion_tokens")
            || name.equals("prompt_tokens_details") || name.equals("input_tokens_details")
            || name.equals("output_tokens_details") || name.equals("completion_tokens_details")
            || name.equals("image_tokens") || name.equals("audio_tokens") || name.equals("video_tokens")
            || name.equals("cached_tokens")
    }

    /// Input details stand in up to three places; the first that names a detail counts.
    private static func writePromptDetails(_ usage: JSONValue, into output: inout ByteBuffer) {
        var details = MemberList(opening: ",\"prompt_tokens_details\":{")
        let cache = usage["prompt_tokens_details"]
        let input = usage["input_tokens_details"]
        for member in members(cache) where !member.value.isNull {
            details.write(member.name, member.value, into: &output)
        }
        // OpenAI's name for the tokens an explicit cache took in.
        if let written = cache?.present("cache_creation_input_tokens"), cache?["cache_write_tokens"] == nil {
            details.write("cache_write_tokens", written, into: &output)
        }
        let given = members(input).filter { !$0.value.isNull }
        let known = given.isEmpty ? [] : Set(members(cache).filter { !$0.value.isNull }.map { Array($0.name.text) })
        for member in given {
            if known.contains(Array(member.name.text)) { continue }
            details.write(member.name, member.value, into: &output)
        }
        for member in usage.members where member.value.kind == .number {
            let name = member.name
            guard
                name.equals("image_tokens") || name.equals("audio_tokens") || name.equals("video_tokens")
                    || name.equals("cached_tokens")
            else { continue }
            if let cache, contains(cache, name) { continue }
            if let input, contains(input, name) { continue }
            details.write(name, member.value, into: &output)
        }
        details.close(into: &output)
    }

    private static func writeCompletionDetails(
        _ usage: JSONValue,
        _ counts: TokenUsage,
        addedText: Int,
        into output: inout ByteBuffer
    ) {
        var details = MemberList(opening: ",\"completion_tokens_details\":{")
        let native = usage["output_tokens_details"] ?? usage["completion_tokens_details"]
        for member in members(native) where !member.value.isNull {
            if member.name.equals("reasoning_tokens") {
                details.write("reasoning_tokens", number: counts.reasoning, into: &output)
            } else if member.name.equals("text_tokens"), let text = NativeUsage.number(member.value) {
                details.write("text_tokens", number: text + addedText, into: &output)
            } else {
                details.write(member.name, member.value, into: &output)
            }
        }
        details.close(into: &output)
    }

    private static func members(_ object: JSONValue?) -> [JSONValue.Member] {
        object.map { Array($0.members) } ?? []
    }

    private static func contains(_ object: JSONValue, _ name: JSONValue) -> Bool {
        for member in object.members where !member.value.isNull {
            if member.name.text.elementsEqual(name.text) { return true }
        }
        return false
    }
}

/// Writes an object that is left out where it would be empty.
private struct MemberList {
    private let opening: StaticString
    private var isOpen = false

    init(opening: StaticString) { self.opening = opening }

    private mutating func separate(_ output: inout ByteBuffer) {
        output.append(isOpen ? "," : opening)
        isOpen = true
    }

    mutating func write(_ name: JSONValue, _ value: JSONValue, into output: inout ByteBuffer) {
        separate(&output)
        output.writeJSON(name)
        output.append(":")
        output.writeJSON(value)
    }

    mutating func write(_ name: StaticString, _ value: JSONValue, into output: inout ByteBuffer) {
        separate(&output)
        output.append("\"")
        output.append(name)
        output.append("\":")
        output.writeJSON(value)
    }

    mutating func write(_ name: StaticString, number: Int, into output: inout ByteBuffer) {
        separate(&output)
        output.append("\"")
        output.append(name)
        output.append("\":")
        output.writeJSON(number)
    }

    func close(into output: inout ByteBuffer) {
        if isOpen { output.append("}") }
    }
}
