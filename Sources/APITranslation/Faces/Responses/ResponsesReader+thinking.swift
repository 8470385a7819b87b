import JSONBytes

/// `reasoning`.
extension ResponsesReader {
    private static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    static func isSummary(_ value: JSONValue) -> Bool {
        value.equals("auto") || value.equals("concise") || value.equals("detailed")
    }

    private static let known: [StaticString] = ["effort", "summary", "generate_summary"]

    mutating func decideThinking() throws(APIError) {
        var wish = ThinkingWish()
        if let reasoning = fields[.reasoning] {
            reportUnknown(of: reasoning, Self.known, "reasoning", at: "reasoning")
            if let effort = reasoning.present("effort") {
                guard let word = effort.string else {
                    throw .wrongType("reasoning.effort", expected: "string", got: effort)
                }
                guard Self.efforts.contains(word) else {
                    throw .invalidValue(
                        "reasoning.effort",
                        "expected one of \(Self.efforts.joined(separator: ", "))."
                    )
                }
                wish.effort = word
                wish.effortName = "reasoning.effort"
                wish.enable = word != "none" && word != "minimal"
                wish.source = "reasoning.effort"
            }
            if let summary = reasoning.present("summary"), summary.kind != .string {
                throw .wrongType("reasoning.summary", expected: "string", got: summary)
            }
            let summary = reasoning.present("summary") ?? reasoning.present("generate_summary")
            if let summary, !Self.isSummary(summary) {
                out.adjust(
                    "reasoning.summary",
                    from: GenerationWriter.shortUnknown(summary),
                    to: "none",
                    "it is auto, concise or detailed"
                )
            }
        }
        if let flag = fields.native(.enableThinking)?.bool {
            wish.enable = flag
            wish.source = "enable_thinking"
        }
        wish.budget = fields.native(.thinkingBudget)
        out.decideThinking(wish)
    }
}
