import JSONBytes
import NIOCore
import Telemetry

/// `GET /` and `GET /health`.
enum ServiceInformation {
    static func answer(_ ticket: RequestTicket) {
        var body = ByteBuffer()
        body.writeStaticString("{\"message\":\"DashScope Gateway\",\"version\":")
        body.writeJSON(GatewayVersion.current)
        body.writeStaticString(
            ",\"description\":\"OpenAI-compatible access to the native APIs of Alibaba Cloud DashScope\""
        )
        body.writeStaticString(",\"dashscope_endpoint\":")
        body.writeJSON(ticket.core.configuration.upstream.baseURL)
        body.writeStaticString(",\"usage\":{\"endpoint\":\"/v1/chat/completions\",\"method\":\"POST\"")
        body.writeStaticString(",\"auth\":\"Authorization: Bearer YOUR_DASHSCOPE_API_KEY\"")
        body.writeStaticString(",\"model\":\"qwen-plus\"},\"docs\":\"/docs\"}\n")
        ticket.respond(body)
    }

    static func answerHealth(_ ticket: RequestTicket) {
        var body = ByteBuffer()
        body.writeStaticString("{\"status\":\"healthy\",\"timestamp\":")
        body.writeJSON(Timestamp.unixSeconds)
        body.writeStaticString(",\"service\":\"dashscope-gateway\"}\n")
        ticket.respond(body)
    }
}
