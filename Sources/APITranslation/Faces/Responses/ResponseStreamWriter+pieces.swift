import ByteWriting
import JSONBytes
import NIOCore

// Pieces of the answer as they come.
extension ResponseStreamWriter {
    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0, !text.isEmpty else { return }
        if item != .reasoning {
            close()
            let context = context
            add("rs_") { context.writeReasoning($0, .inProgress, nil, into: &$1) }
            item = .reasoning
            part = ResponseText()
            beginItemEvent("response.reasoning_summary_part.added", "summary_index")
            output.append(",\"part\":{\"type\":\"summary_text\",\"text\":\"\"}}\n\n")
            prepareDeltas(
                "response.reasoning_summary_text.delta",
                "summary_index",
                tail: "\",\"sequence_number\":"
            )
        }
        part.text.append(bytes: text)
        delta(text)
    }

    @inline(__always)
    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice == 0, !text.isEmpty || logprobs != nil else { return }
        if item != .message { openMessage() }
        part.append(text, logprobs)
        guard let logprobs else { return delta(text) }
        output.append(bytes: deltaHead)
        output.append(bytes: text)
        output.append("\",\"logprobs\":[")
        logprobs.write(into: &output)
        output.append("],\"sequence_number\":")
        endDelta()
    }

    mutating func openMessage() {
        close()
        let context = context
        add("msg_") { context.writeMessage($0, .inProgress, nil, into: &$1) }
        item = .message
        part = ResponseText()
        beginItemEvent("response.content_part.added", "content_index")
        output.append(",\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[],\"logprobs\":[]}}\n\n")
        prepareDeltas(
            "response.output_text.delta",
            "content_index",
            tail: "\",\"logprobs\":[],\"sequence_number\":"
        )
    }

    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {
        guard choice == 0 else { return }
        close()
        let context = context
        add(call.isCustom ? "ctc_" : "fc_") { context.writeCall($0, .inProgress, call, ByteBuffer(), into: &$1) }
        item = .call(call.index)
        self.call = call
        part = ResponseText()
        prepareDeltas(
            call.isCustom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
            nil,
            tail: "\",\"sequence_number\":"
        )
        self.arguments(arguments, call: call.index, choice: choice)
    }

    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        guard choice == 0, item == .call(call), !text.isEmpty else { return }
        part.text.append(bytes: text)
        delta(text)
    }
}
