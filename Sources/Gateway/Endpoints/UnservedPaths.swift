/// Paths that clients know from OpenAI's and Anthropic's APIs and that the gateway does not serve.
enum UnservedPaths {
    private static let chat = "Use POST /v1/chat/completions."

    /// The beginning of a path, what it belongs to, and what to do instead.
    private static let known: [(prefix: String, name: String, instead: String)] = [
        ("/v1/messages/batches", "message batches", "Send the messages one by one to POST /v1/messages."),
        ("/v1/complete", "the older text completions of Anthropic", "Use POST /v1/messages."),
        ("/v1/chat/completions/", "stored chat completions", "Keep the answers of POST /v1/chat/completions."),
        ("/v1/responses", "such a path of the Responses API", "Use POST /v1/responses."),
        ("/v1/conversations", "such a path of conversations", "Use POST /v1/conversations."),
        ("/v1/edits", "the older edits", chat),
        ("/v1/moderations", "moderation", "DashScope inspects content itself and refuses with content_filter."),
        (
            "/v1/images", "such a path of images",
            "Use POST /v1/images/generations or POST /v1/images/edits."
        ),
        (
            "/v1/audio", "such a path of audio",
            "Use POST /v1/audio/speech to speak, POST /v1/audio/transcriptions or /v1/audio/translations to listen."
        ),
        ("/v1/videos", "such a path of videos", "Use POST /v1/videos."),
        ("/v1/video", "such a path of videos", "Use POST /v1/videos or POST /v1/video/generations."),
        ("/v1/files", "such a path of files", "Use POST /v1/files."),
        ("/v1/uploads", "such a path of uploads", "Use POST /v1/uploads, or POST /v1/files for a file in one request."),
        ("/v1/batches", "such a path of batches", "Use POST /v1/batches."),
        ("/v1/realtime", "realtime sessions", chat),
        ("/v1/fine_tuning", "fine-tuning", "Use the console of DashScope; tuned models work by their name."),
        ("/v1/fine-tunes", "fine-tuning", "Use the console of DashScope; tuned models work by their name."),
        ("/v1/assistants", "assistants", chat),
        ("/v1/threads", "assistants", chat),
        ("/v1/vector_stores", "vector stores", "Keep vectors in a store of your own."),
        ("/v1/evals", "evaluations", chat),
        ("/v1/containers", "containers", chat),
        ("/v1/skills", "skills", "Put what they say into `instructions` or a system message."),
        ("/v1/chatkit", "ChatKit", chat),
        ("/v1/live", "live decisions", chat),
        ("/v1/webhooks", "webhooks", "Ask GET /v1/responses/{id} for what runs in the background."),
        ("/v1/agents", "agents", "A DashScope app answers as the model app/APP_ID."),
        ("/v1/environments", "environments", chat),
        ("/v1/sessions", "sessions", chat),
        ("/v1/messages", "such a path of the Messages API", "Use POST /v1/messages or POST /v1/messages/count_tokens."),
        ("/v1/organization", "administration", "Use the console of DashScope."),
        ("/v1/engines", "engines", "Use GET /v1/models."),
    ]

    /// The message for a caller who asked for a path that is not served; nil for an unknown path.
    static func advice(for path: String) -> String? {
        if let served = servedPath(meantBy: path) { return "Use \(served): the base URL is http://HOST:PORT/v1." }
        for entry in known where path == entry.prefix || isBelow(path, entry.prefix) {
            return "The gateway does not serve \(entry.name). \(entry.instead)"
        }
        return NearestName.find(path, in: served).map { "Did you mean \($0)?" }
    }

    private static let served = RouteTable.listed.filter { $0.audience == .callers && !$0.hasParameters }.map(\.pattern)

    private static func isBelow(_ path: String, _ prefix: String) -> Bool {
        path.hasPrefix(prefix) && (prefix.hasSuffix("/") || path.dropFirst(prefix.count).hasPrefix("/"))
    }

    /// The served path that a caller means who has configured a wrong base URL: `/chat/completions`,
    /// `/v1/v1/chat/completions`, Azure's `/openai/deployments/{model}/chat/completions`.
    private static func servedPath(meantBy path: String) -> String? {
        var parts = path.split(separator: "/")[...]
        if parts.first == "compatible-mode" { parts = parts.dropFirst() }
        if parts.starts(with: ["openai", "deployments"]), parts.count > 3 { parts = parts.dropFirst(3) }
        for prefix in ["openai", "api"] where parts.first == prefix[...] { parts = parts.dropFirst() }
        while parts.first == "v1" { parts = parts.dropFirst() }
        let candidate = "/v1/" + parts.joined(separator: "/")
        guard !parts.isEmpty, candidate != path, let match = RouteTable.find(candidate),
            match.route.audience == .callers
        else { return nil }
        return candidate
    }
}
