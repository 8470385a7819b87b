import ByteWriting
import JSONBytes
import NIOCore

/// Log probabilities in the older form: four lists side by side.
struct TextLogprobs: Sendable {
    /// Where the next token stands in the text, in Unicode scalars.
    private var offset: Int
    private var tokens = ByteBuffer()
    private var values = ByteBuffer()
    private var alternatives = ByteBuffer()
    private var offsets = ByteBuffer()

    /// `offset` is the length of what stands in front of the answer.
    init(offset: Int) { self.offset = offset }

    /// How many Unicode scalars the inside of a JSON string has.
    static func characters(in text: UnsafeRawBufferPointer) -> Int {
        var scanner = CitationScanner()
        scanner.scan(text)
        return scanner.count
    }

    mutating func add(_ logprobs: Logprobs) {
        var position = 0
        for token in logprobs.tokens.elements where token.kind == .object {
            if position >= logprobs.skipped { add(token) }
            position += 1
        }
    }

    private mutating func add(_ token: JSONValue) {
        if tokens.readableBytes > 0 {
            tokens.append(",")
            values.append(",")
            alternatives.append(",")
            offsets.append(",")
        }
        Self.writeToken(token, into: &tokens)
        Self.writeValue(token, into: &values)
        writeAlternatives(to: token)
        offsets.writeJSON(offset)
        offset += Self.length(of: token)
    }

    private static func writeToken(_ entry: JSONValue, into output: inout ByteBuffer) {
        if let token = entry["token"], token.kind == .string { output.writeJSON(token) } else { output.append("\"\"") }
    }

    /// -9999.0 stands for "very unlikely".
    private static func writeValue(_ entry: JSONValue, into output: inout ByteBuffer) {
        if let value = entry["logprob"], value.kind == .number {
            output.writeJSON(value)
        } else {
            output.append("-9999.0")
        }
    }

    /// The likeliest tokens and the one that was taken, each once.
    private mutating func writeAlternatives(to token: JSONValue) {
        var seen = Set<JSONKey>()
        alternatives.append("{")
        func write(_ entry: JSONValue, into output: inout ByteBuffer) {
            guard let name = entry["token"], name.kind == .string, seen.insert(JSONKey(name)).inserted else { return }
            if seen.count > 1 { output.append(",") }
            output.writeJSON(name)
            output.append(":")
            Self.writeValue(entry, into: &output)
        }
        if let others = token["top_logprobs"] {
            for other in others.elements where other.kind == .object { write(other, into: &alternatives) }
        }
        write(token, into: &alternatives)
        alternatives.append("}")
    }

    /// The characters that begin in a token: it may hold a part of one only.
    private static func length(of token: JSONValue) -> Int {
        if let bytes = token["bytes"], bytes.kind == .array {
            return bytes.elements.reduce(0) { $0 + (($1.integer ?? 0) & 0xC0 == 0x80 ? 0 : 1) }
        }
        return token["token"]?.escapedContent.map(characters) ?? 0
    }

    /// Writes what was added since the last time.
    mutating func take(into output: inout ByteBuffer) {
        output.append("{\"tokens\":[")
        output.writeBuffer(&tokens)
        output.append("],\"token_logprobs\":[")
        output.writeBuffer(&values)
        output.append("],\"top_logprobs\":[")
        output.writeBuffer(&alternatives)
        output.append("],\"text_offset\":[")
        output.writeBuffer(&offsets)
        output.append("]}")
        (tokens, values, alternatives, offsets) = (ByteBuffer(), ByteBuffer(), ByteBuffer(), ByteBuffer())
    }
}
