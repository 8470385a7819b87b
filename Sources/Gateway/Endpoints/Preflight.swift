import ByteWriting
import HTTPServing
import NIOCore
import NIOHTTP1

/// Answers the question browsers ask before they send a request.
enum Preflight {
    static func answer(_ ticket: RequestTicket) {
        ticket.route = .preflight
        let lines = ticket.makeHeaders(contentType: nil) { lines in
            guard let origin = ticket.origin, ticket.settings.crossOrigin.allowed(origin) != nil else { return }
            lines.append("Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n")
            // A literal `*` would not cover Authorization.
            if let asked = ticket.exchange.head.headers.first(name: "access-control-request-headers") {
                lines.writeHeader("Access-Control-Allow-Headers", asked)
            }
            lines.writeHeader("Access-Control-Max-Age", String(ticket.settings.crossOrigin.maximumAge))
        }
        ticket.exchange.respond(status: 204, headers: lines, body: ByteBuffer())
        ticket.complete(RequestTicket.Facts())
    }
}
