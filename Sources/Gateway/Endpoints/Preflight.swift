import HTTPServing
import NIOCore
import NIOHTTP1

/// Answers the question browsers ask before they send a request.
enum Preflight {
    static func answer(_ ticket: RequestTicket) {
        ticket.route = "preflight"
        var lines = ResponseHeaders.make(contentType: nil, requestID: ticket.requestID, forBrowser: true)
        lines.writeStaticString("Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n")
        // A literal `*` would not cover Authorization.
        if let asked = ticket.exchange.head.headers.first(name: "access-control-request-headers") {
            lines.writeHeader("Access-Control-Allow-Headers", asked)
        }
        lines.writeStaticString("Access-Control-Max-Age: 86400\r\n")
        ticket.exchange.respond(status: 204, headers: lines, body: ByteBuffer())
        ticket.complete(RequestTicket.Facts())
    }
}
