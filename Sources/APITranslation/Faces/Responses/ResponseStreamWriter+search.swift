import ByteWriting
import JSONBytes
import NIOCore

// What was found in the web.
extension ResponseStreamWriter {
    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {
        guard let search, !hasSearch, let sources = ResponsesReplyContext.sources(search) else { return }
        hasSearch = true
        waitingSources = sources
        if item == .none || item == .reasoning { close() }
    }

    mutating func flushSearch() {
        guard let sources = waitingSources.take() else { return }
        let context = context
        add("ws_") { context.writeSearch($0, .inProgress, sources: ByteBuffer(), into: &$1) }
        let steps: [StaticString] = [
            "response.web_search_call.in_progress", "response.web_search_call.searching",
            "response.web_search_call.completed",
        ]
        for step in steps {
            beginItemEvent(step)
            output.append("}\n\n")
        }
        done { writer in
            if writer.items.readableBytes > 0 { writer.items.append(",") }
            let start = writer.items.writerIndex
            context.writeSearch(writer.itemID, .completed, sources: sources, into: &writer.items)
            writer.itemCount += 1
            return start
        }
    }

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        guard choice == 0, item == .message else { return }
        for (index, citation) in closing.citations.enumerated() {
            if index > 0 { part.annotations.append(",") }
            citation.writeAnnotation(into: &part.annotations)
            beginItemEvent("response.output_text.annotation.added", "content_index")
            output.append(",\"annotation_index\":")
            output.append(number: index)
            output.append(",\"annotation\":")
            citation.writeAnnotation(into: &output)
            output.append("}\n\n")
        }
    }

    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {}
    mutating func research(_ report: ByteBuffer) {}
}
