import ByteWriting
import JSONBytes
import NIOCore

/// Items of an input as they are kept: messages in their full form, everything with an id.
package enum StoredInput {
    /// The items of a request's input, from the given one on, separated by commas; `id` is that of their response.
    static func items(of input: JSONValue, from first: Int, id: String) -> (items: ByteBuffer, count: Int) {
        var output = ByteBuffer()
        guard input.kind == .array else {
            beginMessage(&output, role: "user", id: id, number: 0)
            output.append("{\"type\":\"input_text\",\"text\":")
            output.writeJSON(input)
            output.append("}]}")
            return (output, 1)
        }
        var count = 0
        for (index, item) in input.elements.enumerated() where index >= first && item.kind == .object {
            if count > 0 { output.append(",") }
            write(item, id: id, number: count, into: &output)
            count += 1
        }
        return (output, count)
    }

    private static func beginMessage(_ output: inout ByteBuffer, role: String, id: String, number: Int) {
        output.append("{\"id\":\"msg_")
        output.append(text: id)
        output.append("_in")
        output.append(number: number)
        output.append("\",\"type\":\"message\",\"role\":\"")
        output.append(text: role)
        output.append("\",\"status\":\"completed\",\"content\":[")
    }

    private static func write(_ item: JSONValue, id: String, number: Int, into output: inout ByteBuffer) {
        if let role = item.present("role"), let content = item.present("content"), content.kind == .string,
            item.present("id") == nil
        {
            let isAnswer = role.equals("assistant")
            beginMessage(&output, role: role.string ?? "", id: id, number: number)
            output.append(isAnswer ? "{\"type\":\"output_text\",\"text\":" : "{\"type\":\"input_text\",\"text\":")
            output.writeJSON(content)
            output.append(isAnswer ? ",\"annotations\":[],\"logprobs\":[]}]}" : "}]}")
            return
        }
        output.append("{")
        var isFirst = true
        if item.present("id") == nil {
            output.append(item.present("role") == nil ? "\"id\":\"item_" : "\"id\":\"msg_")
            output.append(text: id)
            output.append("_in")
            output.append(number: number)
            output.append("\"")
            isFirst = false
        }
        if item.present("type") == nil {
            output.append(isFirst ? "\"type\":\"message\"" : ",\"type\":\"message\"")
            isFirst = false
        }
        for member in item.members where !member.value.isNull {
            if !isFirst { output.append(",") }
            isFirst = false
            output.writeJSON(member.name)
            output.append(":")
            output.writeJSON(member.value)
        }
        output.append("}")
    }
}
