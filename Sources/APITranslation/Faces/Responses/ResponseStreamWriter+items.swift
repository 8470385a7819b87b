import ByteWriting
import JSONBytes
import NIOCore

// Items one after the other: each is added, filled and done.
extension ResponseStreamWriter {
    /// Writes that an item begins; `write` appends the item as it is then.
    mutating func add(_ prefix: StaticString, _ write: ([UInt8], inout ByteBuffer) -> Void) {
        itemID = ResponsesReplyContext.itemID(prefix, of: id, at: itemCount)
        beginEvent("response.output_item.added")
        output.append(",\"output_index\":")
        output.append(number: itemCount)
        output.append(",\"item\":")
        write(itemID, &output)
        output.append("}\n\n")
    }

    /// Adds the open item as it stands to the response's output.
    ///
    /// - Returns: Where it begins among them.
    @discardableResult
    mutating func keepItem(_ status: ResponseStatus) -> Int {
        if items.readableBytes > 0 { items.append(",") }
        let start = items.writerIndex
        switch item {
        case .reasoning: context.writeReasoning(itemID, status, part.text, into: &items)
        case .message: context.writeMessage(itemID, status, part, into: &items)
        case .call: if let call { context.writeCall(itemID, status, call, part.text, into: &items) }
        case .none: break
        }
        itemCount += 1
        item = .none
        return start
    }

    /// Writes what ends the open item.
    mutating func close(_ status: ResponseStatus = .completed) {
        switch item {
        case .none: return flushSearch()
        case .reasoning:
            beginItemEvent("response.reasoning_summary_text.done", "summary_index")
            writeText("text")
            beginItemEvent("response.reasoning_summary_part.done", "summary_index")
            output.append(",\"part\":")
            context.writeSummary(part.text, into: &output)
            output.append("}\n\n")
        case .message:
            beginItemEvent("response.output_text.done", "content_index")
            output.append(",\"text\":\"")
            output.writeImmutableBuffer(part.text)
            output.append("\",\"logprobs\":[")
            output.writeImmutableBuffer(part.logprobs)
            output.append("]}\n\n")
            beginItemEvent("response.content_part.done", "content_index")
            output.append(",\"part\":")
            part.write(into: &output)
            output.append("}\n\n")
        case .call:
            let isCustom = call?.isCustom == true
            beginItemEvent(
                isCustom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done"
            )
            if !isCustom, let call { context.writeToolName(call.name, withNamespace: false, into: &output) }
            writeText(isCustom ? "input" : "arguments")
        }
        done { $0.keepItem(status) }
        flushSearch()
    }

    mutating func writeText(_ name: StaticString) {
        output.append(",\"")
        output.append(name)
        output.append("\":\"")
        output.writeImmutableBuffer(part.text)
        output.append("\"}\n\n")
    }

    /// Writes that an item is done; `keep` adds it to the output and tells where it begins there.
    mutating func done(_ keep: (inout Self) -> Int) {
        beginEvent("response.output_item.done")
        output.append(",\"output_index\":")
        output.append(number: itemCount)
        let start = keep(&self)
        output.append(",\"item\":")
        if let kept = items.getSlice(at: start, length: items.writerIndex - start) {
            output.writeImmutableBuffer(kept)
        }
        output.append("}\n\n")
    }
}
