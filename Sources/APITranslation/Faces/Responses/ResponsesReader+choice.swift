import JSONBytes

/// `tool_choice`.
extension ResponsesReader {
    mutating func decideChoice() throws(APIError) {
        guard let choice = fields[.toolChoice] else { return }
        if choice.kind == .string {
            if choice.equals("auto") { return }
            if choice.equals("none") { return tools.choice = .none }
            guard choice.equals("required") else {
                throw .invalidValue("tool_choice", "expected none, auto, required or an object.")
            }
            return require(reported: "required")
        }
        guard let type = choice.present("type") else { throw .missing("tool_choice.type") }
        if type.equals("function") || type.equals("custom") {
            // Clients of chat nest the name.
            let named = choice.present("function") ?? choice.present("custom") ?? choice
            guard let name = named.present("name") else { throw .missing("tool_choice.name") }
            guard name.kind == .string else { throw .wrongType("tool_choice.name", expected: "string", got: name) }
            guard let position = position(of: name, in: choice.present("namespace")) else {
                throw .invalidValue("tool_choice", "the tool is not among the given tools.")
            }
            force(position, reported: GenerationWriter.short(type))
        } else if type.equals("allowed_tools") {
            try allow(choice)
        } else if let content = type.escapedContent, GenerationWriter.starts(content, "web_search"),
            tools.search != nil
        {
            tools.choice = .search
        } else {
            out.adjust("tool_choice", from: GenerationWriter.short(type), to: "auto", "nothing here runs this tool")
        }
    }

    private func position(of name: JSONValue, in namespace: JSONValue?) -> Int? {
        let (key, space) = (JSONKey(name), namespace.map { JSONKey($0) })
        return tools.offers.firstIndex { offer in
            JSONKey(offer.name) == key && (space == nil || offer.namespace.map { JSONKey($0) } == space)
        }
    }

    /// Only some of the tools may be called.
    private mutating func allow(_ choice: JSONValue) throws(APIError) {
        let allowed = choice.present("allowed_tools").flatMap { $0.kind == .object ? $0 : nil } ?? choice
        guard let list = allowed.present("tools") else { throw .missing("tool_choice.tools") }
        guard list.kind == .array else { throw .wrongType("tool_choice.tools", expected: "array", got: list) }
        var names = Set<JSONKey>()
        for (index, tool) in list.elements.enumerated() {
            guard tool.kind == .object else {
                throw .wrongType("tool_choice.tools[\(index)]", expected: "object", got: tool)
            }
            guard let name = (tool.present("function") ?? tool.present("custom") ?? tool).present("name"),
                name.kind == .string
            else { continue }
            names.insert(JSONKey(name))
        }
        for index in tools.offers.indices where !names.contains(JSONKey(tools.offers[index].name)) {
            tools.offers[index].isAllowed = false
        }
        guard tools.offers.isEmpty || tools.offers.contains(where: \.isAllowed) else {
            throw .invalidValue("tool_choice.tools", "none of them is among the given tools.")
        }
        if allowed.present("mode")?.equals("required") == true { require(reported: "allowed_tools") }
    }

    private mutating func require(reported: String) {
        let allowed = tools.offers.indices.filter { tools.offers[$0].isAllowed }
        guard let first = allowed.first else { return }
        guard allowed.count == 1, !out.thinking.mayThink || fields[.reasoning]?.present("effort") == nil, stopThinking()
        else { return out.askForCall(reported: reported) }
        tools.choice = .forced(first)
    }

    private mutating func force(_ position: Int, reported: String) {
        guard stopThinking() else {
            return out.adjust("tool_choice", from: reported, to: "auto", "a choice cannot be forced while thinking")
        }
        tools.choice = .forced(position)
    }

    private mutating func stopThinking() -> Bool {
        out.suppressThinking("reasoning.effort", "a choice cannot be forced while thinking")
    }
}
