extension RequestChecks {
    func checkMessages() throws(Refusal) {
        guard let messages = request.body["input"]?["messages"]?.array else { return }
        var calls: Set<String> = []
        for (index, message) in messages.enumerated() {
            guard message.members != nil, let role = message["role"]?.string else {
                throw .algorithm("'role' is a required property - 'messages.\(index)'")
            }
            guard ["system", "user", "assistant", "tool"].contains(role) else {
                throw .algorithm(
                    "'\(role)' is not one of ['system', 'assistant', 'user', 'tool'] - 'messages.\(index).role'"
                )
            }
            guard let content = message["content"], !content.isNull else {
                throw .algorithm("The content field is a required field.")
            }
            if model.path == .text {
                try checkTextContent(content)
            } else {
                try checkParts(content, role: role, at: index)
            }
            try checkToolMessage(message, role: role, known: &calls, at: index)
        }
        try checkRoles(messages)
        try checkAnswers(messages)
        try checkCacheMarkers(messages)
    }

    private func checkTextContent(_ content: JSON) throws(Refusal) {
        if content.string != nil { return }
        let complaint = Refusal.algorithm("input content must be a string.")
        guard let parts = content.array, model.kind != .longContext else { throw complaint }
        if model.kind == .document {
            let kinds = parts.map { $0["type"]?.string }
            guard kinds.allSatisfy({ $0 == "text" || $0 == "doc_url" }) else { throw complaint }
            return
        }
        // The one other array: text parts with a marker of the explicit cache.
        guard parts.contains(where: { $0["cache_control"] != nil }),
            parts.allSatisfy({ $0["text"]?.string != nil && ["text", nil].contains($0["type"]?.string) })
        else { throw complaint }
    }

    private func checkCacheMarkers(_ messages: [JSON]) throws(Refusal) {
        let markers = messages.flatMap { $0["content"]?.array ?? [] }.compactMap { $0["cache_control"] }
        guard markers.allSatisfy({ $0["type"]?.string == "ephemeral" }) else {
            throw .algorithm("cache_control.type must be \"ephemeral\"")
        }
        guard markers.count <= 4 else { throw .algorithm("at most 4 cache_control markers are allowed") }
    }

    private func checkToolMessage(
        _ message: JSON,
        role: String,
        known calls: inout Set<String>,
        at index: Int
    ) throws(Refusal) {
        if role == "tool" {
            guard let id = message["tool_call_id"]?.string, calls.contains(id) else {
                throw .algorithm(
                    "messages with role \"tool\" must be a response to a preceeding message with \"tool_calls\"."
                )
            }
        }
        guard role == "assistant", let list = message["tool_calls"] else { return }
        guard let list = list.array else { throw .algorithm("messages.\(index).tool_calls must be an array") }
        for call in list {
            guard let id = call["id"]?.string, call["type"]?.string == "function",
                call["function"]?["name"]?.string != nil, call["function"]?["arguments"]?.string != nil,
                call["index"] == nil || call["index"]?.int != nil
            else {
                throw .algorithm(
                    "messages.\(index).tool_calls must hold id, type \"function\" and function with name and arguments"
                )
            }
            calls.insert(id)
            if model.name.contains("coder"),
                JSON(bytes: (call["function"]?["arguments"]?.string ?? "").utf8)?.members == nil
            {
                throw .algorithm("The \"function.arguments\" parameter of the code model must be in JSON format.")
            }
        }
    }

    /// Every call of a tool must be answered before anybody else speaks.
    private func checkAnswers(_ messages: [JSON]) throws(Refusal) {
        var unanswered: Set<String> = []
        for (index, message) in (messages + [.null]).enumerated() {
            if message["role"]?.string == "tool", let id = message["tool_call_id"]?.string {
                unanswered.remove(id)
                continue
            }
            guard unanswered.isEmpty else {
                throw .algorithm(
                    "An assistant message with \"tool_calls\" must be followed by tool messages responding to each "
                        + "\"tool_call_id\". The following tool_call_ids did not have response messages: "
                        + "message[\(index)].role"
                )
            }
            unanswered = Set((message["tool_calls"]?.array ?? []).compactMap { $0["id"]?.string })
        }
    }

    private func checkRoles(_ messages: [JSON]) throws(Refusal) {
        let roles = messages.map { $0["role"]?.string ?? "" }
        switch model.kind {
        case .translation:
            guard roles == ["user"] else {
                throw .invalid("Role must be user or assistant and Content length must be greater than 0")
            }
        default:
            guard roles.contains("user") else {
                throw .algorithm("The input messages do not contain elements with the role of user")
            }
        }
        for message in messages {
            if let partial = message["partial"], partial.bool == nil {
                throw .algorithm("partial must be a boolean")
            }
        }
        if request.thinks, messages.last?["partial"]?.bool == true, roles.last == "assistant" {
            throw .algorithm("The partial mode is not supported when enable_thinking is true")
        }
    }
}
