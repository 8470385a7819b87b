import JSONBytes
import NIOCore
import NIOHTTP1

/// `GET /`.
enum ServiceInformation {
    static func answer(_ ticket: RequestTicket) {
        var body = ByteBuffer()
        body.writeStaticString("{\"message\":\"DashScope Gateway\",\"version\":")
        body.writeJSON(GatewayVersion.current)
        body.writeStaticString(
            ",\"description\":\"OpenAI's and Anthropic's APIs in front of the native APIs of Alibaba Cloud DashScope\""
        )
        body.writeStaticString(",\"dashscope_endpoint\":")
        body.writeJSON(ticket.settings.configuration.upstream.baseURL)
        body.writeStaticString(",\"usage\":{\"endpoint\":\"/v1/chat/completions\",\"method\":\"POST\"")
        body.writeStaticString(",\"auth\":\"Authorization: Bearer YOUR_DASHSCOPE_API_KEY\"")
        body.writeStaticString(",\"model\":\"qwen-plus\"},\"key\":")
        body.writeJSON(keyWord(ticket.settings.configuration))
        body.writeStaticString(",\"docs\":\"/docs\",\"endpoints\":[")
        var isFirst = true
        for route in RouteTable.listed where route.audience == .callers {
            for endpoint in route.endpoints {
                if !isFirst { body.writeStaticString(",") }
                isFirst = false
                body.writeJSON("\(endpoint.method.rawValue) \(route.pattern)")
            }
        }
        body.writeStaticString("],\"listeners\":[")
        for (index, listener) in ticket.core.publicListeners.enumerated() {
            if index > 0 { body.writeStaticString(",") }
            body.writeJSON(listener)
        }
        body.writeStaticString("],\"limits\":{")
        let limits = ticket.settings.configuration.limits
        body.writeStaticString("\"maximum_body_bytes\":")
        body.writeJSON(ticket.settings.configuration.server.maximumBodyBytes)
        for (name, value) in [
            ("requests_per_minute", limits.caller.requestsPerMinute),
            ("concurrent_requests", limits.caller.concurrentRequests),
            ("tokens_per_minute", limits.caller.tokensPerMinute),
        ] {
            guard let value else { continue }
            body.writeStaticString(",")
            body.writeJSON(name)
            body.writeStaticString(":")
            body.writeJSON(value)
        }
        body.writeStaticString("}}\n")
        ticket.respond(body)
    }

    /// Whether callers need a key: the demo takes any word.
    private static func keyWord(_ configuration: GatewayConfiguration) -> String {
        if configuration.upstream.isEmulated { return "any" }
        return configuration.callers.mayOmitKey ? "optional" : "required"
    }
}
