/// The research model: no choices, but messages with a phase.
///
/// The first question is answered with another; after the user's reply it plans, searches and writes.
struct DeepResearch {
    let request: NativeRequest

    func events() -> [JSON] {
        let text = request.messages.last { $0.role == "user" }?.text ?? ""
        var events: [JSON] = []
        var tokens = 0
        func add(_ phase: String, _ content: String, _ status: String, extra: JSON? = nil) {
            tokens += Tokens.count(content)
            events.append(event(phase, content, status, tokens: tokens, extra: extra ?? .object([])))
        }
        let isFirst = !request.messages.contains { $0.role == "assistant" }
        if isFirst {
            for piece in Tokens.pieces(of: "Which side of this interests you? Echo: \(text)", seed: request.hash) {
                add("answer", piece, "typing")
            }
            add("answer", "", "finished")
            return events
        }
        for piece in Tokens.pieces(of: "I plan the research.", seed: request.hash) {
            add("ResearchPlanning", piece, "typing")
        }
        add("ResearchPlanning", "", "finished")
        let sites: JSON = [["title": "Quote", "url": "https://example.com/quote", "favicon": ""]]
        add("WebResearch", "", "streamingQueries", extra: research(["id": 1, "webSites": [], "learningMap": [:]]))
        add("WebResearch", "", "streamingWebResult", extra: research(["id": 1, "webSites": sites, "learningMap": [:]]))
        add("WebResearch", "", "WebResultFinished", extra: research(["id": 1, "webSites": sites, "learningMap": [:]]))
        add("KeepAlive", "", "typing")
        for piece in Tokens.pieces(of: "Echo: \(text) [1]", seed: request.hash &+ 1) {
            add("answer", piece, "typing", extra: references)
        }
        add("answer", "", "finished", extra: references)
        return events
    }

    private var references: JSON {
        ["deep_research": ["references": [["index_number": 1, "title": "Quote", "url": "https://example.com/quote"]]]]
    }

    private func research(_ document: JSON) -> JSON { ["deep_research": ["research": document]] }

    private func event(_ phase: String, _ content: String, _ status: String, tokens: Int, extra: JSON) -> JSON {
        let input = 8 + request.messages.reduce(0) { $0 + Tokens.count($1.text) }
        return [
            "output": [
                "message": [
                    "phase": .string(phase), "role": "assistant", "content": .string(content), "extra": extra,
                    "status": .string(status),
                ],
                // So misspelt in the recordings.
                "fininshed": false, "fininshed_reason": "null",
            ],
            "usage": ["input_tokens": .int(input), "output_tokens": .int(tokens)],
            "request_id": .string(request.requestID),
        ]
    }
}
