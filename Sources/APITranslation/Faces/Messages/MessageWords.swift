import ByteWriting
import JSONBytes
import NIOCore

// The texts that the stream and the whole answer have in common.
extension MessagesReplyContext {
    /// A signature must not be empty; it is accepted back and never read.
    static let signature: StaticString = "unsigned"

    /// Appends the members of a message that are known when it begins, without its brace.
    func writeHead(id: [UInt8], into output: inout ByteBuffer) {
        output.append("\"id\":\"msg_")
        output.append(bytes: id)
        output.append("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":")
        output.writeJSON(model)
    }

    /// Appends the name of a tool as the client knows it, with quotes.
    func writeToolName(_ native: [UInt8], into output: inout ByteBuffer) {
        if !toolNames.isEmpty, let name = toolNames[String(decoding: native, as: UTF8.self)] {
            output.writeJSON(name)
            return
        }
        output.append("\"")
        output.append(bytes: native)
        output.append("\"")
    }

    /// Appends `"stop_reason":…,"stop_sequence":…`; `stop` is the sequence at which the gateway has cut the text.
    func writeStop(_ reason: FinishReason, sequence stop: [UInt8]?, into output: inout ByteBuffer) {
        output.append("\"stop_reason\":\"")
        output.append(stop == nil ? word(for: reason) : "stop_sequence")
        output.append("\",\"stop_sequence\":")
        if let stop {
            output.writeJSON(String(decoding: stop, as: UTF8.self))
        } else {
            output.append("null")
        }
    }

    /// Anthropic's word; agents run tools on `tool_use` only.
    private func word(for reason: FinishReason) -> StaticString {
        if wantsNothing { return "max_tokens" }
        return switch reason {
        // DashScope does not tell a stop sequence from a natural end; see ``StopSequences``.
        case .stop, .other: "end_turn"
        case .length: "max_tokens"
        case .toolCalls: "tool_use"
        case .contentFilter: "refusal"
        }
    }
}

/// The blocks that tell of a web search: what was asked, and what was found.
struct MessageSearch: Sendable {
    private let id: [UInt8]
    private let query: String
    /// Elements of the result's `content`.
    private var results = ByteBuffer()

    /// Reads native sources; nil where there is none.
    init?(_ sources: ExtraMembers, request: [UInt8], query: String) {
        id = Array("srvtoolu_".utf8) + request.filter { $0 != UInt8(ascii: "-") }
        self.query = query
        guard let native = sources.value("search_results") else { return nil }
        let tape = JSONTape()
        withExtendedLifetime(tape) {
            native.withUnsafeBytes { bytes in
                guard let list = try? tape.parse(bytes) else { return }
                for source in list.elements { add(source) }
            }
        }
        guard results.readableBytes > 0 else { return nil }
    }

    private mutating func add(_ source: JSONValue) {
        guard let url = source["url"], url.kind == .string, !url.isEmptyString else { return }
        if results.readableBytes > 0 { results.append(",") }
        results.append("{\"type\":\"web_search_result\",\"url\":")
        results.writeJSON(url)
        results.append(",\"title\":")
        if let title = source["title"], title.kind == .string {
            results.writeJSON(title)
        } else {
            results.append("\"\"")
        }
        results.append(",\"encrypted_content\":\"none\",\"page_age\":null}")
    }

    /// Appends the inside of the string that is the JSON text of the input.
    func writeInput(into output: inout ByteBuffer) {
        var input = ByteBuffer()
        writeInputObject(into: &input)
        output.writeJSONContent(String(buffer: input))
    }

    /// Appends the input.
    func writeInputObject(into output: inout ByteBuffer) {
        output.append("{\"query\":")
        output.writeJSON(query)
        output.append("}")
    }

    /// Appends the block that asks, with this input.
    func writeUse(input: (inout ByteBuffer) -> Void, into output: inout ByteBuffer) {
        output.append("{\"type\":\"server_tool_use\",\"id\":\"")
        output.append(bytes: id)
        output.append("\",\"name\":\"web_search\",\"input\":")
        input(&output)
        output.append("}")
    }

    /// Appends the block with what was found.
    func writeResult(into output: inout ByteBuffer) {
        output.append("{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"")
        output.append(bytes: id)
        output.append("\",\"content\":[")
        output.writeImmutableBuffer(results)
        output.append("]}")
    }
}

extension ReplyCitation {
    /// Each source once, in the order in which the text cites them.
    static func distinct(_ citations: [ReplyCitation]) -> [ReplyCitation] {
        var seen = Set<[UInt8]>()
        return citations.filter { seen.insert($0.url).inserted }
    }

    /// Appends a citation of a text block; upstream tells neither what was quoted nor where it stands in the source.
    func writeLocation(into output: inout ByteBuffer) {
        output.append("{\"type\":\"web_search_result_location\",\"url\":")
        output.append(bytes: url)
        output.append(",\"title\":")
        output.append(bytes: title)
        output.append(",\"encrypted_index\":\"none\",\"cited_text\":\"\"}")
    }
}
