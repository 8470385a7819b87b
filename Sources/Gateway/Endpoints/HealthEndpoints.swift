import JSONBytes
import NIOCore
import Telemetry

/// `GET /health`, whether the process lives, and `GET /ready`, whether it should be sent requests.
enum HealthEndpoints {
    static func answerHealth(_ ticket: RequestTicket) {
        var body = ByteBuffer()
        body.writeStaticString("{\"status\":\"healthy\",\"timestamp\":")
        body.writeJSON(Timestamp.unixSeconds)
        body.writeStaticString(",\"service\":\"dashscope-gateway\"}\n")
        ticket.respond(body)
    }

    static func answerReady(_ ticket: RequestTicket) {
        let status =
            switch ticket.core.phase.current {
            case .starting: "starting"
            case .draining: "draining"
            case .serving: ticket.core.misconfiguration() == nil ? "ready" : "misconfigured"
            }
        var body = ByteBuffer()
        body.writeStaticString("{\"status\":")
        body.writeJSON(status)
        if let reason = ticket.core.misconfiguration() {
            body.writeStaticString(",\"reason\":")
            body.writeJSON(reason)
        }
        body.writeStaticString(",\"open_requests\":")
        body.writeJSON(ticket.core.openRequestCount)
        body.writeStaticString("}\n")
        ticket.respond(body, status: status == "ready" ? 200 : 503)
    }
}
