import ByteWriting
import JSONBytes
import NIOCore

/// Items of an input as they are kept: messages in their full form, everything with an id.
package enum StoredInput {
    /// The items of a request's input, from the given one on, separated by commas; `id` is that of their response.
    static func items(of input: JSONValue, from first: Int, id: String) -> (items: ByteBuffer, count: Int) {
        var output = ByteBuffer()
        guard input.kind == .array else {
            output.reserveCapacity(input.text.count + 192)
            output.append("{\"id\":\"msg_")
            output.append(text: id)
            output.append("_in0\",\"type\":\"message\",\"role\":\"user\",\"status\":\"completed\",\"content\":")
            writeContent(input, isAnswer: false, into: &output)
            output.append("}")
            return (output, 1)
        }
        var count = 0
        for (index, item) in input.elements.enumerated() where index >= first && item.kind == .object {
            // The buffer moves at most once for an item.
            output.reserveCapacity(minimumWritableBytes: item.text.count + 192)
            if count > 0 { output.append(",") }
            write(item, id: id, number: count, into: &output)
            count += 1
        }
        return (output, count)
    }

    /// Writes an item as lists show it: with an id, a type and a status, the content of a message in parts.
    private static func write(_ item: JSONValue, id: String, number: Int, into output: inout ByteBuffer) {
        let type = item.present("type")
        let role = item.present("role")
        let isMessage = role != nil && (type == nil || type?.equals("message") == true)
        let isAnswer = role?.equals("assistant") == true
        output.append("{\"id\":")
        if let own = item.present("id") {
            output.writeJSON(own)
        } else {
            output.append("\"")
            output.append(prefix(isMessage: isMessage, type))
            output.append(text: id)
            output.append("_in")
            output.append(number: number)
            output.append("\"")
        }
        output.append(",\"type\":")
        if let type { output.writeJSON(type) } else { output.append("\"message\"") }
        if item.present("status") == nil, isMessage || hasStatus(type) { output.append(",\"status\":\"completed\"") }
        for member in item.members where !member.value.isNull {
            if member.name.equals("id") || member.name.equals("type") { continue }
            output.append(",")
            output.writeJSON(member.name)
            output.append(":")
            if isMessage, member.name.equals("content") {
                writeContent(member.value, isAnswer: isAnswer, into: &output)
            } else {
                output.writeJSON(member.value)
            }
        }
        output.append("}")
    }

    private static func prefix(isMessage: Bool, _ type: JSONValue?) -> StaticString {
        if isMessage { return "msg_" }
        guard let type else { return "item_" }
        if type.equals("function_call") { return "fc_" }
        if type.equals("custom_tool_call") { return "ctc_" }
        if type.equals("reasoning") { return "rs_" }
        return type.equals("web_search_call") ? "ws_" : "item_"
    }

    /// Whether an item of this type has a status.
    private static func hasStatus(_ type: JSONValue?) -> Bool {
        guard let type else { return false }
        return type.equals("function_call") || type.equals("function_call_output") || type.equals("custom_tool_call")
            || type.equals("custom_tool_call_output")
    }

    private static func writeContent(_ content: JSONValue, isAnswer: Bool, into output: inout ByteBuffer) {
        output.append("[")
        if content.kind == .string {
            output.append(isAnswer ? "{\"type\":\"output_text\",\"text\":" : "{\"type\":\"input_text\",\"text\":")
            output.writeJSON(content)
            output.append(isAnswer ? ",\"annotations\":[],\"logprobs\":[]}" : "}")
        }
        for (index, part) in content.elements.enumerated() {
            if index > 0 { output.append(",") }
            write(part, isAnswer: isAnswer, into: &output)
        }
        output.append("]")
    }

    private static func write(_ part: JSONValue, isAnswer: Bool, into output: inout ByteBuffer) {
        guard let type = part.present("type"),
            type.equals("text") || isAnswer && type.equals("output_text") && part.present("annotations") == nil
        else { return output.writeJSON(part) }
        output.append(isAnswer ? "{\"type\":\"output_text\"" : "{\"type\":\"input_text\"")
        for member in part.members where !member.value.isNull && !member.name.equals("type") {
            output.append(",")
            output.writeJSON(member.name)
            output.append(":")
            output.writeJSON(member.value)
        }
        if isAnswer, part.present("annotations") == nil { output.append(",\"annotations\":[]") }
        if isAnswer, part.present("logprobs") == nil { output.append(",\"logprobs\":[]") }
        output.append("}")
    }
}
