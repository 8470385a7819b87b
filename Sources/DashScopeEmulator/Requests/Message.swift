/// One message of a conversation, whose shape has been checked.
struct Message: Sendable {
    var role: String
    /// All text of it, joined.
    var text: String
    var media: [Media]
    var toolCalls: [(id: String, name: String)]
    var toolCallID: String?
    var isPartial: Bool
    /// Text up to the last part that asks for a cache; nil where none does.
    var cachedPrefix: String?

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
            return
        }
        for part in json["content"]?.array ?? [] {
            if let piece = part["text"]?.string { text += piece }
            media += Media.read(part)
            if part["cache_control"] != nil { cachedPrefix = text }
        }
    }
}
