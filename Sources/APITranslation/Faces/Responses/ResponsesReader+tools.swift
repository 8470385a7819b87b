import ByteWriting
import JSONBytes

/// The tools of a request, as they were read before anything is written.
struct ResponsesTools {
    /// A tool that the model may call.
    struct Offer {
        let tool: JSONValue
        let name: JSONValue
        let namespace: JSONValue?
        let isCustom: Bool
        /// Whether `tool_choice` allows it.
        var isAllowed = true
    }

    var offers: [Offer] = []
    /// The built-in tool that stands for a web search.
    var search: JSONValue?
    /// Types of tools that are left out.
    var leftOut: [JSONValue] = []
    var choice = Choice.auto
    var names = ResponsesToolNames()

    enum Choice {
        case auto, none
        case forced(Int)
        /// The web search must be used.
        case search
    }
}

extension ResponsesReader {
    private static let functionMembers: [StaticString] = [
        "type", "name", "description", "parameters", "strict", "defer_loading", "async", "allowed_callers",
        "output_schema",
    ]
    private static let customMembers: [StaticString] = ["type", "name", "description", "format", "defer_loading"]
    private static let searchMembers: [StaticString] = ["type", "filters", "external_web_access"]

    /// Reads all tools: which are functions, which is the web search, which are left out.
    mutating func readTools() throws(APIError) {
        if let list = fields[.tools] { try read(list, in: nil, "tools", "tools") }
        for item in scan.items where item.kind == .tools {
            guard let list = item.value.present("tools") else { continue }
            try read(list, in: nil, "input[*].tools", "\(item.place).tools")
        }
        guard tools.offers.contains(where: { $0.namespace != nil }) else { return }
        for offer in tools.offers where offer.namespace == nil { tools.names.plain.insert(offer.name.string ?? "") }
    }

    private mutating func read(_ list: JSONValue, in namespace: JSONValue?, _ name: String, _ path: String)
        throws(APIError)
    {
        guard list.kind == .array else { throw .wrongType(path, expected: "array", got: list) }
        for (index, tool) in list.elements.enumerated() {
            func place() -> String { "\(path)[\(index)]" }
            guard tool.kind == .object else { throw .wrongType(place(), expected: "object", got: tool) }
            guard let type = tool.present("type") else { throw .missing("\(place()).type") }
            guard type.kind == .string else { throw .wrongType("\(place()).type", expected: "string", got: type) }
            if type.equals("function") || type.equals("custom") {
                try readOffer(tool, type, in: namespace, "\(name)[*]", place())
            } else if type.equals("namespace"), namespace == nil {
                let space = try toolName(tool, place())
                guard let members = tool.present("tools") else { throw .missing("\(place()).tools") }
                out.adjust(
                    "\(name)[*]",
                    at: place(),
                    from: "namespace",
                    to: "functions",
                    "the model knows functions only"
                )
                try read(members, in: space, "\(name)[*].tools", "\(place()).tools")
            } else if let content = type.escapedContent, GenerationWriter.starts(content, "web_search") {
                readSearch(tool, type, "\(name)[*]", place())
            } else {
                tools.leftOut.append(type)
                out.adjust(
                    "\(name)[*]",
                    at: place(),
                    from: GenerationWriter.short(type),
                    to: "none",
                    "nothing here runs this tool"
                )
            }
        }
    }

    private func toolName(_ tool: JSONValue, _ place: String) throws(APIError) -> JSONValue {
        guard let name = tool.present("name") else { throw .missing("\(place).name") }
        guard name.kind == .string else { throw .wrongType("\(place).name", expected: "string", got: name) }
        guard !name.isEmptyString else { throw .invalidValue("\(place).name", "it is empty.") }
        return name
    }

    private mutating func readOffer(
        _ outer: JSONValue,
        _ type: JSONValue,
        in namespace: JSONValue?,
        _ name: String,
        _ place: String
    ) throws(APIError) {
        let isCustom = type.equals("custom")
        // Clients of chat nest the definition.
        let nested = isCustom ? outer.present("custom") : outer.present("function")
        let tool = nested.flatMap { $0.kind == .object ? $0 : nil } ?? outer
        let own = try toolName(tool, place)
        if let description = tool.present("description"), description.kind != .string {
            throw .wrongType("\(place).description", expected: "string", got: description)
        }
        if isCustom {
            try checkFormat(of: tool, name, place)
            out.adjust(name, at: place, from: "custom", to: "function", "the model knows functions only")
        } else {
            if let parameters = tool.present("parameters"), parameters.kind != .object {
                throw .wrongType("\(place).parameters", expected: "object", got: parameters)
            }
            if let strict = tool.present("strict") {
                guard let flag = strict.bool else {
                    throw .wrongType("\(place).strict", expected: "boolean", got: strict)
                }
                if flag {
                    out.adjust(
                        "\(name).strict",
                        at: "\(place).strict",
                        from: "true",
                        to: "none",
                        "no counterpart upstream"
                    )
                }
            }
        }
        for member in tool.members where !member.value.isNull {
            let known = isCustom ? Self.customMembers : Self.functionMembers
            guard !known.contains(where: { member.name.equals($0) }) else { continue }
            let word = GenerationWriter.memberName(member.name)
            out.adjust(
                "\(name).\(word)",
                at: "\(place).\(word)",
                from: GenerationWriter.shortUnknown(member.value),
                to: "none",
                "no counterpart upstream"
            )
        }
        tools.offers.append(.init(tool: tool, name: own, namespace: namespace, isCustom: isCustom))
    }

    private mutating func checkFormat(of tool: JSONValue, _ name: String, _ place: String) throws(APIError) {
        guard let format = tool.present("format") else { return }
        guard format.kind == .object else { throw .wrongType("\(place).format", expected: "object", got: format) }
        guard let type = format.present("type") else { throw .missing("\(place).format.type") }
        if type.equals("text") { return }
        guard type.equals("grammar") else { throw .invalidValue("\(place).format.type", "expected text or grammar.") }
        guard let definition = Self.grammar(of: tool)?.present("definition") else {
            throw .missing("\(place).format.definition")
        }
        guard definition.kind == .string else {
            throw .wrongType("\(place).format.definition", expected: "string", got: definition)
        }
        out.adjust(
            "\(name).format",
            at: "\(place).format",
            from: "grammar",
            to: "description",
            "the grammar is told in words"
        )
    }

    /// The grammar of a custom tool, flat or in chat's nested form.
    private static func grammar(of tool: JSONValue) -> JSONValue? {
        guard let format = tool.present("format"), format.present("type")?.equals("grammar") == true else { return nil }
        return format.present("grammar").flatMap { $0.kind == .object ? $0 : nil } ?? format
    }

    private mutating func readSearch(_ tool: JSONValue, _ type: JSONValue, _ name: String, _ place: String) {
        let isForbidden = tool.present("external_web_access")?.bool == false
        guard !isForbidden, traits.takesSearch ?? !out.model.isCatalogued else {
            tools.leftOut.append(type)
            return out.adjust(
                name,
                at: place,
                from: GenerationWriter.short(type),
                to: "none",
                isForbidden ? "a search goes to the web" : "the model cannot search"
            )
        }
        tools.search = tool
        context.asksForSearch = true
        if let text = scan.lastUserText?.string { context.searchQuery = String(text.suffix(200)) }
        for member in tool.members where !member.value.isNull {
            guard !Self.searchMembers.contains(where: { member.name.equals($0) }) else { continue }
            if member.name.equals("search_context_size"), member.value.equals("medium") { continue }
            let word = GenerationWriter.memberName(member.name)
            out.adjust(
                "\(name).\(word)",
                at: "\(place).\(word)",
                from: GenerationWriter.shortUnknown(member.value),
                to: "none",
                "no counterpart upstream"
            )
        }
    }

    // MARK: - Writing

    mutating func writeTools() {
        writeSearch()
        let offers = tools.offers.filter(\.isAllowed)
        guard !offers.isEmpty else { return }
        out.parameterName("tools")
        out.body.append("[")
        for (position, offer) in offers.enumerated() {
            if position > 0 { out.body.append(",") }
            write(offer)
        }
        out.body.append("]")
        switch tools.choice {
        case .forced(let index):
            out.parameterName("tool_choice")
            out.body.append("{\"type\":\"function\",\"function\":{\"name\":\"")
            tools.names.append(tools.offers[index].name, in: tools.offers[index].namespace, to: &out.body)
            out.body.append("\"}}")
        case .none: out.parameter("tool_choice", text: "\"none\"")
        case .auto, .search: if fields[.toolChoice] != nil { out.parameter("tool_choice", text: "\"auto\"") }
        }
        // Upstream's default is one call at a time.
        out.parameter("parallel_tool_calls", text: fields[.parallelToolCalls]?.bool == false ? "false" : "true")
        context.toolNames = tools.names.changed
    }

    private mutating func write(_ offer: ResponsesTools.Offer) {
        out.body.append("{\"type\":\"function\",\"function\":{\"name\":\"")
        tools.names.append(offer.name, in: offer.namespace, to: &out.body)
        out.body.append("\"")
        if offer.isCustom {
            context.customTools.append(tools.names.sent(offer.name, in: offer.namespace))
            writeCustom(offer.tool)
        } else {
            if let description = offer.tool.present("description"), !description.isEmptyString {
                out.writeMember("description", description)
            }
            if let parameters = offer.tool.present("parameters") { out.writeMember("parameters", parameters) }
        }
        out.body.append("}}")
    }

    private mutating func writeCustom(_ tool: JSONValue) {
        let description = tool.present("description").flatMap { $0.isEmptyString ? nil : $0.escapedContent }
        let grammar = Self.grammar(of: tool)
        if description != nil || grammar != nil {
            out.body.append(",\"description\":\"")
            if let description { out.body.append(bytes: description) }
            if let grammar, let definition = grammar.present("definition")?.escapedContent {
                if description != nil { out.body.append("\\n\\n") }
                out.body.append("The input must conform to this grammar")
                if let syntax = grammar.present("syntax")?.escapedContent {
                    out.body.append(" (")
                    out.body.append(bytes: syntax)
                    out.body.append(")")
                }
                out.body.append(":\\n")
                out.body.append(bytes: definition)
            }
            out.body.append("\"")
        }
        out.body.append(
            ",\"parameters\":{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}"
        )
    }

    private mutating func writeSearch() {
        guard let search = tools.search else { return }
        if case .none = tools.choice { return }
        out.parameter("enable_search", text: "true")
        if let options = fields.native(.searchOptions) { return out.parameter("search_options", options) }
        out.parameterName("search_options")
        out.body.append("{\"enable_source\":true,\"enable_citation\":true")
        if case .search = tools.choice { out.body.append(",\"forced_search\":true") }
        if let domains = search.present("filters")?.present("allowed_domains"), domains.kind == .array,
            !domains.isEmptyContainer
        {
            out.writeMember("assigned_site_list", domains)
        }
        if out.streamsUpstream { out.body.append(",\"prepend_search_result\":true") }
        out.body.append("}")
    }
}
