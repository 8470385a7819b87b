import ByteWriting
import JSONBytes
import NIOCore

/// What a transcript cost: seconds of sound, or tokens.
struct TranscriptUsage {
    /// The number as upstream wrote it.
    private var seconds = ByteBuffer()
    private(set) var milliseconds: Int?
    private(set) var tokens: TokenUsage?
    private var audioTokens = 0
    /// Upstream's further counts, each with a leading comma.
    private var members = ByteBuffer()

    init() {}

    init(_ usage: JSONValue?) {
        guard let usage, usage.kind == .object else { return }
        if let value = usage["seconds"] ?? usage["duration"], let number = value.double, number >= 0 {
            seconds.writeJSON(value)
            milliseconds = Int(exactly: (number * 1000).rounded())
        }
        if usage["input_tokens"] != nil || usage["output_tokens"] != nil {
            tokens = NativeUsage.counts(usage)
            audioTokens = NativeUsage.number(usage["input_tokens_details"]?["audio_tokens"]) ?? 0
        }
        for member in usage.members where !member.value.isNull {
            if member.name.equals("seconds") || member.name.equals("duration") || member.name.equals("type") {
                continue
            }
            let isCount =
                member.name.equals("input_tokens") || member.name.equals("output_tokens")
                || member.name.equals("total_tokens")
            // Told where tokens are.
            if isCount { continue }
            members.append(",")
            members.writeJSON(member.name)
            members.append(":")
            members.writeJSON(member.value)
        }
    }

    /// Appends `,"usage":{…}`; nothing where upstream gave none.
    func write(into output: inout ByteBuffer) {
        guard seconds.readableBytes > 0 else { return writeTokens(into: &output) }
        output.append(",\"usage\":{\"type\":\"duration\",\"seconds\":")
        output.writeImmutableBuffer(seconds)
        if let tokens { Self.write(tokens, into: &output) }
        output.writeImmutableBuffer(members)
        output.append("}")
    }

    /// Appends what the last event of a stream has: there OpenAI's usage counts tokens only, so that seconds stand
    /// beside it.
    func writeOfEvent(into output: inout ByteBuffer) {
        if seconds.readableBytes > 0 {
            output.append(",\"seconds\":")
            output.writeImmutableBuffer(seconds)
            if tokens == nil { output.writeImmutableBuffer(members) }
        }
        writeTokens(into: &output)
    }

    private func writeTokens(into output: inout ByteBuffer) {
        guard let tokens else { return }
        output.append(",\"usage\":{\"type\":\"tokens\"")
        Self.write(tokens, into: &output)
        output.append(",\"input_token_details\":{\"text_tokens\":")
        output.writeJSON(max(0, tokens.input - audioTokens))
        output.append(",\"audio_tokens\":")
        output.writeJSON(audioTokens)
        output.append("}")
        output.writeImmutableBuffer(members)
        output.append("}")
    }

    private static func write(_ tokens: TokenUsage, into output: inout ByteBuffer) {
        output.append(",\"input_tokens\":")
        output.writeJSON(tokens.input)
        output.append(",\"output_tokens\":")
        output.writeJSON(tokens.output)
        output.append(",\"total_tokens\":")
        output.writeJSON(tokens.input + tokens.output)
    }
}
