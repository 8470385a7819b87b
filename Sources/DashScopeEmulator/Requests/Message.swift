/// One message of a conversation, whose shape has been checked.
struct Message: Sendable {
    var role: String
    /// All text of it, joined.
    var text: String
    var media: [Media]
    var toolCalls: [(id: String, name: String)]
    var toolCallID: String?
    var isPartial: Bool
    /// Its text in the pieces that a cache knows, and which of them carry a marker.
    var blocks: [(text: String, isMarked: Bool)] = []

    /// The text without what a client's machinery put into it for the model.
    var question: String { Self.withoutReminders(text) }

    init(json: JSON) {
        role = json["role"]?.string ?? ""
        toolCallID = json["tool_call_id"]?.string
        isPartial = json["partial"]?.bool ?? false
        toolCalls = (json["tool_calls"]?.array ?? []).map {
            ($0["id"]?.string ?? "", $0["function"]?["name"]?.string ?? "")
        }
        media = []
        text = ""
        if let content = json["content"]?.string {
            text = content
            blocks = [(content, false)]
            return
        }
        for part in json["content"]?.array ?? [] {
            if let piece = part["text"]?.string { text += piece }
            media += Media.read(part)
            blocks.append((part["text"]?.string ?? "", part["cache_control"] != nil))
        }
    }

    private static func withoutReminders(_ text: String) -> String {
        guard text.contains("<system-reminder>") else { return text }
        var rest = text[...]
        var kept = ""
        while let start = rest.firstRange(of: "<system-reminder>") {
            kept += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "</system-reminder>") else { break }
            rest = rest[end.upperBound...]
        }
        kept += rest
        let isWhite = \Character.isWhitespace
        return String(
            kept.trimmingPrefix { $0[keyPath: isWhite] }.reversed().trimmingPrefix { $0[keyPath: isWhite] }.reversed()
        )
    }
}
