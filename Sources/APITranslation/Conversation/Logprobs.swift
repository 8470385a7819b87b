import ByteWriting
import JSONBytes
import NIOCore

/// The log probabilities in one native event, without the tokens that were passed on before.
struct Logprobs {
    /// The native `content` array.
    let tokens: JSONValue
    /// How many of them the client has.
    let skipped: Int

    /// Appends the entries, separated by commas.
    ///
    /// OpenAI's type asks for `token`, `logprob`, `bytes` and `top_logprobs`; -9999.0 stands for "very unlikely".
    func write(into output: inout ByteBuffer) {
        var position = 0
        for token in tokens.elements where token.kind == .object {
            defer { position += 1 }
            guard position >= skipped else { continue }
            if position > skipped { output.append(",") }
            Self.write(token, isTop: false, into: &output)
        }
    }

    static func count(_ tokens: JSONValue) -> Int {
        var count = 0
        for token in tokens.elements where token.kind == .object { count += 1 }
        return count
    }

    private static func write(_ entry: JSONValue, isTop: Bool, into output: inout ByteBuffer) {
        output.append("{\"token\":")
        if let token = entry["token"], token.kind == .string {
            output.writeJSON(token)
        } else {
            output.append("\"\"")
        }
        output.append(",\"logprob\":")
        if let logprob = entry["logprob"], logprob.kind == .number {
            output.writeJSON(logprob)
        } else {
            output.append("-9999.0")
        }
        output.append(",\"bytes\":")
        if let bytes = entry["bytes"], bytes.kind == .array {
            output.writeJSON(bytes)
        } else {
            output.append("null")
        }
        if !isTop {
            output.append(",\"top_logprobs\":[")
            var isFirst = true
            if let alternatives = entry["top_logprobs"] {
                for alternative in alternatives.elements where alternative.kind == .object {
                    if !isFirst { output.append(",") }
                    isFirst = false
                    write(alternative, isTop: true, into: &output)
                }
            }
            output.append("]")
        }
        for member in entry.members where !isKnown(member.name) && !member.value.isNull {
            output.append(",")
            output.writeJSON(member.name)
            output.append(":")
            output.writeJSON(member.value)
        }
        output.append("}")
    }

    private static func isKnown(_ name: JSONValue) -> Bool {
        name.equals("token") || name.equals("logprob") || name.equals("bytes") || name.equals("top_logprobs")
    }
}
