import ByteWriting
import JSONBytes
import NIOCore

/// Earlier answers, and what tools answered to their calls.
extension ResponsesReader {
    private static let callMembers: [StaticString] = [
        "type", "id", "call_id", "name", "arguments", "input", "status", "namespace",
    ]
    private static let outputMembers: [StaticString] = ["type", "id", "call_id", "output", "status", "name"]

    /// Writes items of one answer as one message, and behind it the outputs of its calls.
    mutating func writeAnswer(_ items: ArraySlice<ResponsesItem>) throws(APIError) {
        let calls = items.filter { if case .call = $0.kind { true } else { false } }
        let hasText = items.contains { $0.kind == .assistant }
        guard hasText || !calls.isEmpty else { return }
        openMessage("assistant")
        var list = PartList(out.isMultimodal)
        for item in items where item.kind == .assistant { try writeTexts(of: item, &list) }
        list.close(in: &out.body)
        if !calls.isEmpty {
            out.body.append(",\"tool_calls\":[")
            for (number, item) in calls.enumerated() {
                if number > 0 { out.body.append(",") }
                try writeCall(item, number)
            }
            out.body.append("]")
        }
        if fields.native(.preserveThinking)?.bool == true { writeThoughts(items) }
        out.body.append("}")
        try writeOutputs(of: calls)
    }

    private mutating func writeTexts(of item: ResponsesItem, _ list: inout PartList) throws(APIError) {
        reportUnknown(of: item.value, Self.messageMembers, "input[*]", at: item.place)
        guard let content = item.content else { return }
        if let text = content.escapedContent {
            if !text.isEmpty { list.append(text: text, to: &out.body) }
            return
        }
        for (index, part) in content.elements.enumerated() {
            if Self.isText(part) {
                let text = try text(of: part, item, index)
                if !text.isEmpty { list.append(text: text, to: &out.body) }
            } else if part.present("type")?.equals("refusal") == true {
                guard let text = part.present("refusal")?.escapedContent, !text.isEmpty else { continue }
                list.append(text: text, to: &out.body)
            } else {
                out.adjust(
                    "input[*].content[*]",
                    at: "\(item.place).content[\(index)]",
                    from: part.present("type").map { GenerationWriter.short($0) } ?? part.kindDescription,
                    to: "none",
                    "a kind of part that models do not know"
                )
            }
        }
    }

    // MARK: - Calls

    private mutating func writeCall(_ item: ResponsesItem, _ number: Int) throws(APIError) {
        func place() -> String { item.place }
        let call = item.value
        guard let id = call.present("call_id") else { throw .missing("\(place()).call_id") }
        guard let name = call.present("name") else { throw .missing("\(place()).name") }
        guard name.kind == .string else { throw .wrongType("\(place()).name", expected: "string", got: name) }
        let namespace = call.present("namespace")
        if let namespace, namespace.kind != .string {
            throw .wrongType("\(place()).namespace", expected: "string", got: namespace)
        }
        reportUnknown(of: call, Self.callMembers, "input[*]", at: place())
        out.body.append("{\"id\":")
        out.body.writeJSON(id)
        out.body.append(",\"type\":\"function\",\"index\":")
        out.body.writeJSON(number)
        out.body.append(",\"function\":{\"name\":\"")
        tools.names.append(name, in: namespace, to: &out.body)
        out.body.append("\",\"arguments\":")
        if item.kind == .call(isCustom: true) {
            let input = call.present("input")
            if let input, input.kind != .string {
                throw .wrongType("\(place()).input", expected: "string", got: input)
            }
            out.body.writeJSON("{\"input\":\(input.map { String(decoding: $0.text, as: UTF8.self) } ?? "\"\"")}")
        } else {
            let arguments = call.present("arguments")
            if let arguments, arguments.kind != .string {
                throw .wrongType("\(place()).arguments", expected: "string", got: arguments)
            }
            out.writeArguments(arguments, name: "input[*].arguments", path: "\(place()).arguments")
        }
        out.body.append("}}")
    }

    // MARK: - Outputs

    private mutating func writeOutputs(of calls: [ResponsesItem]) throws(APIError) {
        var images: [(id: JSONValue, part: JSONValue, place: String)] = []
        for call in calls {
            guard let item = scan.output(of: call), let id = item.value.present("call_id") else { continue }
            reportUnknown(of: item.value, Self.outputMembers, "input[*]", at: item.place)
            try writeOutput(item, id, &images)
        }
        guard !images.isEmpty else { return }
        openMessage("user")
        var list = PartList(out.isMultimodal)
        for (id, part, place) in images {
            list.openText(in: &out.body)
            out.body.append("Image in the output of the tool call ")
            out.body.append(bytes: id.escapedContent ?? .init(start: nil, count: 0))
            out.body.append(":")
            list.closeText(in: &out.body)
            try writeImage(part, place, &list)
            out.adjust(
                "input[*].output",
                at: place,
                from: "image",
                to: "user message",
                "outputs of tools carry text only"
            )
        }
        list.close(in: &out.body)
        out.body.append("}")
    }

    private mutating func writeOutput(
        _ item: ResponsesItem,
        _ id: JSONValue,
        _ images: inout [(id: JSONValue, part: JSONValue, place: String)]
    ) throws(APIError) {
        let place = "\(item.place).output"
        guard let output = item.value.present("output") else { throw .missing(place) }
        guard output.kind == .string || output.kind == .array else {
            throw .wrongType(place, expected: "string or array", got: output)
        }
        openMessage("tool")
        var list = PartList(out.isMultimodal)
        if let text = output.escapedContent { list.append(text: text, to: &out.body) }
        for (index, part) in output.elements.enumerated() {
            let place = "\(place)[\(index)]"
            guard part.kind == .object else { throw .wrongType(place, expected: "object", got: part) }
            if Self.isText(part) {
                guard let text = part.present("text") else { throw .missing("\(place).text") }
                guard let content = text.escapedContent else {
                    throw .wrongType("\(place).text", expected: "string", got: text)
                }
                list.append(text: content, to: &out.body)
            } else if part.present("type")?.equals("input_image") == true, takesImages {
                images.append((id, part, place))
            } else {
                writePlaceholder(part, place, &list)
            }
        }
        list.close(in: &out.body)
        out.body.append(",\"tool_call_id\":")
        out.body.writeJSON(id)
        out.body.append("}")
    }

    /// The output of a tool never fails the turn: what the model cannot read is named.
    private mutating func writePlaceholder(_ part: JSONValue, _ place: String, _ list: inout PartList) {
        let isImage = part.present("type")?.equals("input_image") == true
        list.openText(in: &out.body)
        out.body.append(isImage ? "[image omitted: " : "[file omitted: ")
        out.body.writeJSONContent(out.model.requestedName)
        out.body.append(isImage ? " takes no images]" : " reads no such files]")
        list.closeText(in: &out.body)
        out.adjust(
            "input[*].output",
            at: place,
            from: isImage ? "image" : "file",
            to: "placeholder",
            isImage ? "the model takes no images" : "the model reads no such files"
        )
    }

    // MARK: - Thoughts

    private mutating func writeThoughts(_ items: ArraySlice<ResponsesItem>) {
        var isFirst = true
        func begin() {
            out.body.append(isFirst ? ",\"reasoning_content\":\"" : "\\n\\n")
            isFirst = false
        }
        for item in items where item.kind == .reasoning {
            if let sealed = item.value.present("encrypted_content"), !sealed.isEmptyString {
                if let text = SealedContent.open(sealed, .reasoning, context.seal) {
                    begin()
                    out.body.writeJSONContent(text)
                    continue
                }
                out.adjust(
                    "input[*].encrypted_content",
                    at: "\(item.place).encrypted_content",
                    from: "string",
                    to: "none",
                    "it was not sealed here for this key"
                )
            }
            let content = item.value.present("content").flatMap { $0.isEmptyContainer ? nil : $0 }
            guard let parts = content ?? item.value.present("summary") else { continue }
            for part in parts.elements {
                guard let text = part.present("text")?.escapedContent, !text.isEmpty else { continue }
                begin()
                out.body.append(bytes: text)
            }
        }
        if !isFirst { out.body.append("\"") }
    }
}
