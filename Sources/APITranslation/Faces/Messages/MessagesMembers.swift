import JSONBytes

/// The members that are known of each object of a request; others are told of.
enum MessagesMembers {
    static let message: [StaticString] = ["role", "content"]
    static let systemMessage: [StaticString] = ["role", "content", "clear_at"]
    static let toolChange: [StaticString] = ["type", "tool", "cache_control"]
    static let toolReference: [StaticString] = ["type", "tool_name", "cache_control"]
    static let marker: [StaticString] = ["type", "ttl"]
    static let text: [StaticString] = ["type", "text", "cache_control", "citations"]
    static let image: [StaticString] = ["type", "source", "cache_control"]
    static let document: [StaticString] = ["type", "source", "title", "context", "citations", "cache_control"]
    static let searchResult: [StaticString] = ["type", "source", "title", "content", "citations", "cache_control"]
    static let source: [StaticString] = ["type", "media_type", "data", "url", "content", "file_id"]
    static let toolUse: [StaticString] = ["type", "id", "name", "input", "cache_control", "caller", "toolset_name"]
    static let toolResult: [StaticString] = ["type", "tool_use_id", "content", "is_error", "cache_control"]
    /// Members that every tool of Claude Code has and that nothing here needs.
    static let typedTool: [StaticString] = [
        "type", "name", "cache_control", "strict", "defer_loading", "eager_input_streaming", "allowed_callers",
    ]
    static let toolChoice: [StaticString] = ["type", "name", "disable_parallel_tool_use"]
    static let format: [StaticString] = ["type", "schema", "name"]
}

extension MessagesReader {
    /// Reports the members of a tool that have no counterpart.
    mutating func reportLost(of tool: JSONValue, _ index: Int, but isRead: (JSONValue) -> Bool) {
        for member in tool.members where !member.value.isNull && !isRead(member.name) {
            let word = GenerationWriter.memberName(member.name)
            out.adjust(
                "tools[*].\(word)",
                at: "tools[\(index)].\(word)",
                from: GenerationWriter.shortUnknown(member.value),
                to: "none",
                "no counterpart upstream"
            )
        }
    }

    /// Reports the unknown members of an object; `name` is its place with `[*]` for each index.
    mutating func reportUnknown(
        of object: JSONValue,
        _ known: [StaticString],
        _ name: StaticString,
        at place: @autoclosure () -> String
    ) {
        for member in object.members where !member.value.isNull {
            guard !known.contains(where: { member.name.equals($0) }) else { continue }
            let word = GenerationWriter.memberName(member.name)
            out.adjust(
                "\(name).\(word)",
                at: "\(place()).\(word)",
                from: GenerationWriter.shortUnknown(member.value),
                to: "none",
                "no counterpart upstream"
            )
        }
    }

    /// A member that must be a string, or be absent.
    static func optionalString(_ object: JSONValue, _ name: StaticString, _ place: @autoclosure () -> String)
        throws(APIError) -> JSONValue?
    {
        guard let value = object.present(name) else { return nil }
        guard value.kind == .string else { throw .wrongType("\(place()).\(name)", expected: "string", got: value) }
        return value
    }

    /// A member that must be true or false, or be absent.
    static func flag(_ object: JSONValue, _ name: StaticString, _ place: @autoclosure () -> String) throws(APIError)
        -> Bool
    {
        guard let value = object.present(name) else { return false }
        guard let flag = value.bool else { throw .wrongType("\(place()).\(name)", expected: "boolean", got: value) }
        return flag
    }
}
