import ByteWriting
import JSONBytes
import NIOCore

/// How far an item or a response has come.
package enum ResponseStatus: String, Sendable {
    case inProgress = "in_progress"
    case queued, completed, incomplete, failed, cancelled
}

// The texts that the stream and the whole answer have in common.
extension ResponsesReplyContext {
    /// The response's id without its prefix, where upstream's request id is this.
    func identifier(_ request: UnsafeRawBufferPointer) -> [UInt8] {
        id.isEmpty ? request.filter { $0 != UInt8(ascii: "-") } : Array(id.utf8)
    }

    /// The id of an item: its prefix, the response's id, and its place in the output.
    static func itemID(_ prefix: StaticString, of response: [UInt8], at index: Int) -> [UInt8] {
        ByteWriter.withBytes(capacity: 32 + response.count) { id in
            id.append(prefix)
            response.withUnsafeBytes { id.append(bytes: $0) }
            id.append("_")
            id.append(number: index)
        } use: {
            Array($0)
        }
    }

    // MARK: - The response

    /// How an answer has ended.
    static func status(of reason: FinishReason) -> ResponseStatus {
        switch reason {
        case .length, .contentFilter: .incomplete
        case .stop, .toolCalls, .other: .completed
        }
    }

    /// Appends a response object; the place of its items in the output.
    @discardableResult func writeResponse(
        id: [UInt8],
        _ status: ResponseStatus,
        reason: FinishReason = .stop,
        error: APIError? = nil,
        items: ByteBuffer = ByteBuffer(),
        usage: NativeUsage? = nil,
        extras: ExtraMembers? = nil,
        into output: inout ByteBuffer
    ) -> Int {
        output.append("{\"id\":\"resp_")
        output.append(bytes: id)
        output.append("\",\"object\":\"response\",\"created_at\":")
        output.writeJSON(created)
        output.append(",\"completed_at\":")
        if status == .completed { output.writeJSON(clock?() ?? created) } else { output.append("null") }
        output.append(",\"status\":\"")
        output.append(text: status.rawValue)
        output.append("\",\"error\":")
        if let error { Self.write(error, into: &output) } else { output.append("null") }
        output.append(",\"incomplete_details\":")
        switch (status, reason) {
        case (.incomplete, .contentFilter): output.append("{\"reason\":\"content_filter\"}")
        case (.incomplete, _): output.append("{\"reason\":\"max_output_tokens\"}")
        default: output.append("null")
        }
        output.append(",\"output\":[")
        let place = output.writerIndex
        output.writeImmutableBuffer(items)
        output.append("],\"usage\":")
        if let counts = usage?.counts { Self.write(counts, into: &output) } else { output.append("null") }
        output.append(",\"store\":")
        output.writeJSON(isStored)
        output.writeImmutableBuffer(echo)
        if tellsExtras { extras?.write(into: &output) }
        output.append("}")
        return place
    }

    /// Appends what takes the place of a conversation: its summary, sealed.
    ///
    /// `text` is the inside of a JSON string.
    func writeCompaction(id: [UInt8], _ text: ByteBuffer, usage: NativeUsage?, into output: inout ByteBuffer) {
        output.append("{\"id\":\"resp_")
        output.append(bytes: id)
        output.append("\",\"object\":\"response.compaction\",\"created_at\":")
        output.writeJSON(created)
        output.append(",\"output\":[{\"type\":\"compaction\",\"id\":\"cmp_")
        output.append(bytes: id)
        output.append("\",\"encrypted_content\":\"")
        if let seal { SealedContent.write(text, .compaction, seal, into: &output) }
        output.append("\"}],\"usage\":")
        Self.write(usage?.counts ?? TokenUsage(), into: &output)
        output.append("}")
    }

    private static func write(_ usage: TokenUsage, into output: inout ByteBuffer) {
        output.append("{\"input_tokens\":")
        output.writeJSON(usage.input)
        output.append(",\"input_tokens_details\":{\"cached_tokens\":")
        output.writeJSON(usage.cached)
        output.append(",\"cache_write_tokens\":")
        output.writeJSON(usage.cacheWritten)
        output.append("},\"output_tokens\":")
        output.writeJSON(usage.output)
        output.append(",\"output_tokens_details\":{\"reasoning_tokens\":")
        output.writeJSON(usage.reasoning)
        output.append("},\"total_tokens\":")
        output.writeJSON(usage.input + usage.output)
        output.append("}")
    }

    /// Appends the error of a response; strict clients know few codes, agents look for two others.
    private static func write(_ error: APIError, into output: inout ByteBuffer) {
        output.append("{\"code\":\"")
        switch error.code {
        case "context_length_exceeded": output.append("context_length_exceeded")
        case "insufficient_quota": output.append("insufficient_quota")
        case _ where error.status == 429: output.append("rate_limit_exceeded")
        case _ where error.status == 400: output.append("invalid_prompt")
        default: output.append("server_error")
        }
        output.append("\",\"message\":")
        output.writeJSON(error.message)
        output.append("}")
    }

    // MARK: - Items

    /// Appends what every item begins with.
    private func begin(_ type: StaticString, _ id: [UInt8], _ status: ResponseStatus, into output: inout ByteBuffer) {
        output.append("{\"type\":\"")
        output.append(type)
        output.append("\",\"id\":\"")
        output.append(bytes: id)
        output.append("\",\"status\":\"")
        output.append(text: status.rawValue)
        output.append("\"")
    }

    /// Appends a reasoning item; `text` is the inside of a JSON string, nil where nothing was thought yet.
    func writeReasoning(_ id: [UInt8], _ status: ResponseStatus, _ text: ByteBuffer?, into output: inout ByteBuffer) {
        begin("reasoning", id, status, into: &output)
        output.append(",\"summary\":[")
        if let text {
            writeSummary(text, into: &output)
        }
        output.append("]")
        if sealsReasoning, let seal {
            output.append(",\"encrypted_content\":\"")
            if let text { SealedContent.write(text, .reasoning, seal, into: &output) }
            output.append("\"")
        }
        output.append("}")
    }

    func writeSummary(_ text: ByteBuffer, into output: inout ByteBuffer) {
        output.append("{\"type\":\"summary_text\",\"text\":\"")
        output.writeImmutableBuffer(text)
        output.append("\"}")
    }

    /// Appends a message; `part` is its one part, nil where it has begun only.
    func writeMessage(_ id: [UInt8], _ status: ResponseStatus, _ part: ResponseText?, into output: inout ByteBuffer) {
        begin("message", id, status, into: &output)
        output.append(",\"role\":\"assistant\",\"content\":[")
        if let part { part.write(into: &output) }
        output.append("]}")
    }

    /// Appends a call of a function or a custom tool with its arguments or input, the inside of a JSON string.
    func writeCall(
        _ id: [UInt8],
        _ status: ResponseStatus,
        _ call: ToolCallHead,
        _ arguments: ByteBuffer,
        into output: inout ByteBuffer
    ) {
        begin(call.isCustom ? "custom_tool_call" : "function_call", id, status, into: &output)
        output.append(",\"call_id\":\"")
        output.append(bytes: call.id)
        output.append("\"")
        writeToolName(call.name, withNamespace: true, into: &output)
        output.append(call.isCustom ? ",\"input\":\"" : ",\"arguments\":\"")
        output.writeImmutableBuffer(arguments)
        output.append("\"}")
    }

    /// Appends the members that name a tool as the client knows it, with a comma in front.
    func writeToolName(_ native: [UInt8], withNamespace: Bool, into output: inout ByteBuffer) {
        output.append(",\"name\":")
        guard !toolNames.isEmpty, let name = toolNames[String(decoding: native, as: UTF8.self)] else {
            output.append("\"")
            output.append(bytes: native)
            output.append("\"")
            return
        }
        output.writeJSON(name.name)
        if withNamespace, let namespace = name.namespace {
            output.append(",\"namespace\":")
            output.writeJSON(namespace)
        }
    }

    /// Appends the item of a web search.
    func writeSearch(_ id: [UInt8], _ status: ResponseStatus, sources: ByteBuffer, into output: inout ByteBuffer) {
        begin("web_search_call", id, status, into: &output)
        output.append(",\"action\":{\"type\":\"search\",\"query\":")
        output.writeJSON(searchQuery)
        output.append(",\"queries\":[")
        output.writeJSON(searchQuery)
        output.append("]")
        if tellsSources {
            output.append(",\"sources\":[")
            output.writeImmutableBuffer(sources)
            output.append("]")
        }
        output.append("}}")
    }

    /// The sources of a search, as elements of an array; nil where there is none.
    static func sources(_ native: ExtraMembers) -> ByteBuffer? {
        guard let results = native.value("search_results") else { return nil }
        let tape = JSONTape()
        var sources = ByteBuffer()
        withExtendedLifetime(tape) {
            results.withUnsafeBytes { bytes in
                guard let list = try? tape.parse(bytes) else { return }
                for source in list.elements {
                    guard let url = source["url"], url.kind == .string, !url.isEmptyString else { continue }
                    if sources.readableBytes > 0 { sources.append(",") }
                    sources.append("{\"type\":\"url\",\"url\":")
                    sources.writeJSON(url)
                    sources.append("}")
                }
            }
        }
        return sources.readableBytes > 0 ? sources : nil
    }
}

/// The text of a message with what belongs to it.
struct ResponseText: Sendable {
    /// The inside of a JSON string.
    var text = ByteBuffer()
    /// Elements of arrays.
    var annotations = ByteBuffer()
    var logprobs = ByteBuffer()

    mutating func append(_ more: UnsafeRawBufferPointer, _ tokens: Logprobs?) {
        text.append(bytes: more)
        guard let tokens else { return }
        if logprobs.readableBytes > 0 { logprobs.append(",") }
        tokens.write(into: &logprobs)
    }

    /// Appends the part.
    func write(into output: inout ByteBuffer) {
        output.append("{\"type\":\"output_text\",\"text\":\"")
        output.writeImmutableBuffer(text)
        output.append("\",\"annotations\":[")
        output.writeImmutableBuffer(annotations)
        output.append("],\"logprobs\":[")
        output.writeImmutableBuffer(logprobs)
        output.append("]}")
    }
}

extension ReplyCitation {
    /// Appends the citation as an annotation.
    func writeAnnotation(into output: inout ByteBuffer) {
        if let document {
            output.append("{\"type\":\"file_citation\",\"index\":")
            output.writeJSON(end)
            output.append(",\"file_id\":")
            output.append(bytes: document)
            output.append(",\"filename\":")
            output.append(bytes: title)
            return output.append("}")
        }
        output.append("{\"type\":\"url_citation\",\"start_index\":")
        output.writeJSON(start)
        output.append(",\"end_index\":")
        output.writeJSON(end)
        output.append(",\"url\":")
        output.append(bytes: url)
        output.append(",\"title\":")
        output.append(bytes: title)
        output.append("}")
    }
}
