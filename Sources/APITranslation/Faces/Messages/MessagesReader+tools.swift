import ByteWriting
import JSONBytes

/// The tools of a request, as they were read before anything is written.
struct MessagesTools {
    /// A tool that the model may call.
    struct Offer {
        let index: Int
        let tool: JSONValue
        let name: JSONValue
        /// For tools without a schema of their own.
        let definition: TypedTools.Definition?
    }

    var offers: [Offer] = []
    /// The server tool that stands for a web search.
    var search: JSONValue?
    /// The tool that must be called.
    var forced: JSONValue?
    var names = ToolNames()

    /// Whether a server tool searches for tools; nil until it is first needed.
    var findsTools: Bool?

    var isOffered: Bool { !offers.isEmpty }
}

extension MessagesReader {
    /// Reads all tools: which are functions, which is the web search, which are left out.
    mutating func readTools() throws(APIError) {
        guard let list = fields.tools else { return }
        for (index, tool) in list.elements.enumerated() {
            guard tool.kind == .object else { throw .wrongType("tools.\(index)", expected: "object", got: tool) }
            let type = tool.present("type")
            if let type, type.kind != .string {
                throw .wrongType("tools.\(index).type", expected: "string", got: type)
            }
            if type == nil || type?.equals("custom") == true {
                try readCustomTool(tool, index)
            } else if let type, let definition = TypedTools.definition(of: type), let name = try Self.name(tool, index)
            {
                tools.offers.append(.init(index: index, tool: tool, name: name, definition: definition))
                report(index, from: type, to: "function", "the model knows functions only")
                reportLost(of: tool, index) { name in MessagesMembers.typedTool.contains { name.equals($0) } }
            } else if let type, let content = type.escapedContent, GenerationWriter.starts(content, "web_search_") {
                try readSearch(tool, type, index)
            } else if let type {
                report(index, from: type, to: "none", "nothing here runs this tool")
            }
        }
    }

    private mutating func report(_ index: Int, from: JSONValue, to: String, _ reason: String) {
        out.adjust("tools[*]", at: "tools[\(index)]", from: GenerationWriter.short(from), to: to, reason)
    }

    private static func name(_ tool: JSONValue, _ index: Int) throws(APIError) -> JSONValue? {
        guard let name = tool.present("name") else { throw .missing("tools.\(index).custom.name") }
        guard name.kind == .string else {
            throw .wrongType("tools.\(index).custom.name", expected: "string", got: name)
        }
        guard !name.isEmptyString else { throw .messages("tools.\(index).custom.name", "it is empty") }
        return name
    }

    /// Whether a server tool searches for tools, which nothing does here: all that wait for it are offered.
    private mutating func isSearchedFor() -> Bool {
        if let answer = tools.findsTools { return answer }
        let answer =
            fields.tools?.elements.contains { tool in
                tool.present("type")?.escapedContent.map { GenerationWriter.starts($0, "tool_search_tool_") } == true
            } ?? false
        tools.findsTools = answer
        return answer
    }

    private mutating func readCustomTool(_ tool: JSONValue, _ index: Int) throws(APIError) {
        guard let name = try Self.name(tool, index) else { return }
        guard let schema = tool.present("input_schema") else { throw .missing("tools.\(index).custom.input_schema") }
        guard schema.kind == .object else {
            throw .wrongType("tools.\(index).custom.input_schema", expected: "object", got: schema)
        }
        if let description = tool.present("description"), description.kind != .string {
            throw .wrongType("tools.\(index).custom.description", expected: "string", got: description)
        }
        let isDeferred = try Self.flag(tool, "defer_loading", "tools.\(index).custom")
        if isDeferred || !scan.offered.isEmpty {
            let isFound = isDeferred && isSearchedFor()
            if isFound {
                out.adjust(
                    "tools[*].defer_loading",
                    at: "tools[\(index)].defer_loading",
                    from: "true",
                    to: "false",
                    "nothing here searches for tools"
                )
            }
            guard scan.offered[JSONKey(name)] ?? (!isDeferred || isFound) else { return }
        }
        if !ToolNames.isUnchanged(name) {
            out.adjust(
                "tools[*].name",
                at: "tools[\(index)].name",
                from: "string",
                to: "another name",
                "the model takes other names only; answers have the client's"
            )
        }
        reportLost(of: tool, index, but: Self.isKnown)
        tools.offers.append(.init(index: index, tool: tool, name: name, definition: nil))
    }

    /// Members of a tool that are read, or that every call has.
    private static func isKnown(_ name: JSONValue) -> Bool {
        name.equals("name") || name.equals("description") || name.equals("input_schema") || name.equals("type")
            || name.equals("cache_control") || name.equals("strict") || name.equals("defer_loading")
            || name.equals("eager_input_streaming") || name.equals("allowed_callers")
    }

    private mutating func readSearch(_ tool: JSONValue, _ type: JSONValue, _ index: Int) throws(APIError) {
        if let domains = tool.present("allowed_domains"), domains.kind != .array {
            throw .wrongType("tools.\(index).allowed_domains", expected: "array", got: domains)
        }
        guard traits.takesSearch ?? !out.model.isCatalogued else {
            return report(index, from: type, to: "none", "the model cannot search")
        }
        tools.search = tool
        context.asksForSearch = true
        // The user's last text, for the search that the client is told of.
        if let text = scan.lastUserText?.string { context.searchQuery = String(text.suffix(200)) }
        reportLost(of: tool, index) { name in
            name.equals("allowed_domains") || MessagesMembers.typedTool.contains { name.equals($0) }
        }
    }

    // MARK: - Choice

    mutating func decideChoice() throws(APIError) {
        guard let choice = fields.toolChoice else { return }
        guard let type = try Self.optionalString(choice, "type", "tool_choice") else {
            throw .missing("tool_choice.type")
        }
        _ = try Self.flag(choice, "disable_parallel_tool_use", "tool_choice")
        reportUnknown(of: choice, MessagesMembers.toolChoice, "tool_choice", at: "tool_choice")
        if type.equals("auto") || type.equals("none") { return }
        if type.equals("any") {
            guard tools.offers.count > 0 else { return }
            // Upstream can require neither one of several tools nor any while the model thinks.
            guard tools.offers.count == 1, let offer = tools.offers.first, stopThinking() else {
                return out.askForCall(reported: "any")
            }
            tools.forced = offer.name
            return
        }
        guard type.equals("tool") else {
            throw .messages("tool_choice.type", "Input should be 'auto', 'any', 'tool' or 'none'")
        }
        guard let name = choice.present("name") else { throw .missing("tool_choice.name") }
        guard name.kind == .string else { throw .wrongType("tool_choice.name", expected: "string", got: name) }
        let key = JSONKey(name)
        if tools.offers.contains(where: { JSONKey($0.name) == key }) { return force(name) }
        let isLeftOut =
            fields.tools?.elements.contains { $0.present("name").map { JSONKey($0) == key } ?? false } ?? false
        guard isLeftOut else {
            throw .messages(
                "tool_choice.name",
                "Tool '\(GenerationWriter.memberName(name))' not found in provided tools"
            )
        }
        out.adjust("tool_choice", from: "tool", to: "auto", "the tool is not offered")
    }

    private mutating func force(_ name: JSONValue) {
        guard stopThinking() else {
            return out.adjust("tool_choice", from: "tool", to: "auto", "a choice cannot be forced while thinking")
        }
        tools.forced = name
    }

    private mutating func stopThinking() -> Bool {
        out.suppressThinking("thinking", "a choice cannot be forced while thinking")
    }

    // MARK: - Writing

    mutating func writeTools() throws(APIError) {
        writeSearch()
        guard tools.isOffered else { return }
        out.parameterName("tools")
        out.body.append("[")
        for (position, offer) in tools.offers.enumerated() {
            if position > 0 { out.body.append(",") }
            write(offer)
        }
        out.body.append("]")
        if let forced = tools.forced {
            out.parameterName("tool_choice")
            out.body.append("{\"type\":\"function\",\"function\":{\"name\":\"")
            tools.names.append(forced, to: &out.body)
            out.body.append("\"}}")
        } else if let choice = fields.toolChoice {
            out.parameter(
                "tool_choice",
                text: choice.present("type")?.equals("none") == true ? "\"none\"" : "\"auto\""
            )
        }
        let isSingle = fields.toolChoice?.present("disable_parallel_tool_use")?.bool == true
        out.parameter("parallel_tool_calls", text: isSingle ? "false" : "true")
        context.toolNames = tools.names.changed
    }

    private mutating func write(_ offer: MessagesTools.Offer) {
        out.body.append("{\"type\":\"function\",\"function\":{\"name\":\"")
        tools.names.append(offer.name, to: &out.body)
        out.body.append("\"")
        if let definition = offer.definition {
            out.body.append(",\"description\":\"")
            out.body.append(definition.description)
            out.body.append("\",\"parameters\":")
            out.body.append(definition.parameters)
        } else {
            if let description = offer.tool.present("description"), !description.isEmptyString {
                out.writeMember("description", description)
            }
            if let schema = offer.tool.present("input_schema") { out.writeMember("parameters", schema) }
        }
        out.body.append("}}")
    }

    private mutating func writeSearch() {
        guard let search = tools.search else { return }
        out.parameter("enable_search", text: "true")
        let domains = search.present("allowed_domains").flatMap { $0.isEmptyContainer ? nil : $0 }
        if let options = fields.native(.searchOptions) {
            if domains != nil {
                out.adjust("tools[*].allowed_domains", from: "array", to: "none", "search_options are given as well")
            }
            return out.parameter("search_options", options)
        }
        out.parameterName("search_options")
        out.body.append("{\"enable_source\":true")
        if let domains { out.writeMember("assigned_site_list", domains) }
        if out.streamsUpstream { out.body.append(",\"prepend_search_result\":true") }
        out.body.append("}")
    }
}
