import ByteWriting
import HTTPServing
import NIOCore
import NIOHTTP1

/// Answers the question browsers ask before they send a request.
enum Preflight {
    /// Every method that some path takes.
    static let methods: String = {
        let served = Set(RouteTable.routes.flatMap(\.endpoints).map(\.method.rawValue)).union(["HEAD", "OPTIONS"])
        let usual = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        return usual.filter(served.contains).joined(separator: ", ")
    }()

    static func answer(_ ticket: RequestTicket) {
        ticket.route = RouteTable.preflight
        ticket.send(ByteBuffer(), status: 204, contentType: nil) { lines in
            guard let origin = ticket.origin, ticket.settings.crossOrigin.allowed(origin) != nil else { return }
            lines.writeHeader("Access-Control-Allow-Methods", methods)
            // A literal `*` would not cover Authorization.
            if let asked = ticket.exchange.head.headers.first(name: "access-control-request-headers") {
                lines.writeHeader("Access-Control-Allow-Headers", asked)
            }
            lines.writeHeader("Access-Control-Max-Age", String(ticket.settings.crossOrigin.maximumAge))
        }
        ticket.complete(RequestTicket.Facts())
    }
}
