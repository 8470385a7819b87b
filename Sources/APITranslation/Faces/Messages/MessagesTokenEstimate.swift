import JSONBytes

/// How many tokens a request may have, without asking anybody: text by its characters, media by their kind.
struct MessagesTokenEstimate {
    private var count = TokenCount()

    /// The estimate for a request of `/v1/messages` or `/v1/messages/count_tokens`.
    ///
    /// With `samplesTexts` a long text costs no more than a short one; that is good enough for the start of a stream.
    static func of(_ fields: MessagesFields, _ scan: MessagesScan, samplesTexts: Bool = false) -> Int {
        var estimate = MessagesTokenEstimate()
        estimate.count.samplesTexts = samplesTexts
        if let system = fields.system {
            estimate.count.add(system)
            for block in system.elements { estimate.count.add(block.present("text")) }
        }
        for turn in scan.turns {
            estimate.count.tokens += 4
            estimate.count.add(turn.content)
            for block in turn.blocks { estimate.add(block: block) }
        }
        if let tools = fields.tools { for tool in tools.elements { estimate.add(tool: tool) } }
        return estimate.count.total
    }

    private mutating func add(tool: JSONValue) {
        count.tokens += 8
        count.add(tool.present("name"))
        count.add(tool.present("description"))
        if let schema = tool.present("input_schema") { count.add(json: schema) }
    }

    private mutating func add(block: JSONValue) {
        guard let type = block.present("type") else { return }
        if type.equals("text") {
            count.add(block.present("text"))
        } else if type.equals("tool_use") {
            count.add(block.present("name"))
            if let input = block.present("input") { count.add(json: input) }
        } else if type.equals("tool_result") || type.equals("search_result") {
            count.add(block.present("title"))
            guard let content = block.present("content") else { return }
            count.add(content)
            for inner in content.elements { add(block: inner) }
        } else if type.equals("image") {
            count.tokens += 1000
        } else if type.equals("document") {
            add(document: block)
        }
    }

    private mutating func add(document: JSONValue) {
        count.add(document.present("title"))
        count.add(document.present("context"))
        guard let source = document.present("source") else { return }
        if source.present("type")?.equals("base64") == true {
            let length = source.present("data")?.text.count ?? 0
            count.tokens += 1500 * ((length + 51_199) / 51_200)
        } else {
            count.add(source.present("data"))
            guard let content = source.present("content") else { return }
            count.add(content)
            for inner in content.elements { add(block: inner) }
        }
    }
}
