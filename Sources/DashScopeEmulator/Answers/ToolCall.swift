/// A call of a tool by the model.
struct ToolCall: Sendable, Equatable {
    var id: String
    var name: String
    /// JSON text.
    var arguments: String
}
