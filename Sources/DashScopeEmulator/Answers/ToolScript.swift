/// Words in a user's text that say which tools are called, step by step, for clients whose prompts are long.
///
/// A line `@call NAME {…}` calls a tool, several lines call several at once; `@then` begins the step that follows the
/// results. A line `@with TEXT` is said before the calls of its step. After the last step text is the answer, the one behind
/// `@say` where there is such a line.
struct ToolScript: Equatable {
    struct Call: Equatable {
        var name: String
        /// JSON text.
        var arguments: String
    }

    var steps: [[Call]] = []
    /// The text before the calls of a step, by the step's place.
    var words: [Int: String] = [:]
    var closing: String?

    /// nil where the text holds no script.
    init?(text: String) {
        guard text.contains("@call ") else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.trimmingPrefix { $0.isWhitespace }
            if words.hasPrefix("@call ") {
                let parts = words.dropFirst(6).split(separator: " ", maxSplits: 1)
                guard let name = parts.first else { continue }
                if steps.isEmpty { steps.append([]) }
                steps[steps.count - 1].append(
                    Call(name: String(name), arguments: parts.count > 1 ? String(parts[1]) : "{}")
                )
            } else if words.hasPrefix("@then") {
                steps.append([])
            } else if words.hasPrefix("@with ") {
                self.words[max(0, steps.count - 1)] = String(words.dropFirst(6))
            } else if words.hasPrefix("@say ") {
                closing = String(words.dropFirst(5))
            }
        }
        guard !steps.isEmpty else { return nil }
    }

    /// The script of a conversation and how many of its steps are done.
    static func running(in turns: [Message]) -> (script: ToolScript, done: Int)? {
        guard let start = turns.lastIndex(where: { $0.role == "user" && ToolScript(text: $0.question) != nil }),
            let script = ToolScript(text: turns[start].question)
        else { return nil }
        return (script, turns[start...].count { $0.role == "assistant" && !$0.toolCalls.isEmpty })
    }
}
