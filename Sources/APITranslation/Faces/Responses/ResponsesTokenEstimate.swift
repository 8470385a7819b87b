import JSONBytes

/// How many tokens a request may have, without asking anybody: text by its characters, media by their kind.
enum ResponsesTokenEstimate {
    static func of(_ fields: ResponsesFields, _ scan: ResponsesScan) -> Int {
        var count = TokenCount()
        count.add(fields[.instructions])
        for item in scan.items {
            count.tokens += 4
            add(item, to: &count)
        }
        if let tools = fields[.tools] {
            for tool in tools.elements {
                count.tokens += 8
                count.add(json: tool)
            }
        }
        return count.total
    }

    private static func add(_ item: ResponsesItem, to count: inout TokenCount) {
        switch item.kind {
        case .user, .assistant, .system, .developer:
            count.add(item.content)
            add(parts: item.content, to: &count)
        case .call:
            count.add(item.value.present("name"))
            count.add(item.value.present("arguments"))
            count.add(item.value.present("input"))
        case .output:
            count.add(item.value.present("output"))
            add(parts: item.value.present("output"), to: &count)
        case .tools: if let tools = item.value.present("tools") { count.add(json: tools) }
        case .compaction: count.add(item.value.present("encrypted_content"))
        case .reasoning, .trace: break
        }
    }

    private static func add(parts: JSONValue?, to count: inout TokenCount) {
        guard let parts else { return }
        for part in parts.elements {
            guard let type = part.present("type") else { continue }
            if type.equals("input_image") || type.equals("input_audio") || type.equals("input_video") {
                count.tokens += 1000
            } else if type.equals("input_file") {
                count.tokens += 1500 * (((part.present("file_data")?.text.count ?? 0) + 51_199) / 51_200)
            } else {
                count.add(part.present("text"))
            }
        }
    }
}
