import APITranslation
package import HTTPServing
import NIOCore
import NIOHTTP1
import Telemetry

/// The steps every request passes, in order: id, route, method, caller, admission; then its endpoint.
package struct RequestPipeline: HTTPApplication {
    private let core: GatewayCore

    package init(core: GatewayCore) {
        self.core = core
    }

    package func receive(_ exchange: HTTPExchange) {
        let loop = core.loopContext(of: exchange.eventLoop)
        let ticket = RequestTicket(exchange: exchange, loop: loop, core: core)
        let uri = exchange.head.uri
        let path = uri.utf8.contains(UInt8(ascii: "?")) ? String(uri.prefix { $0 != "?" }) : uri
        if exchange.head.method == .OPTIONS { return Preflight.answer(ticket) }
        guard let route = Route.find(path) else {
            return ticket.refuse(
                APIError(
                    status: 404,
                    message: "Invalid URL (\(exchange.head.method.rawValue) \(path)).",
                    type: "invalid_request_error",
                    code: "unknown_url"
                )
            )
        }
        ticket.route = route.pattern
        guard route.allows(exchange.head.method) else {
            ticket.allow = route.method.rawValue
            return ticket.refuse(
                APIError(
                    status: 405,
                    message: "\(path) does not take \(exchange.head.method.rawValue); use \(route.method.rawValue).",
                    type: "invalid_request_error",
                    code: "method_not_supported"
                )
            )
        }
        guard route.needsCaller else { return route.answer(ticket, caller: nil) }
        do {
            let caller = try Caller(headers: exchange.head.headers)
            guard core.takePermit() else {
                return ticket.refuse(
                    APIError(
                        status: 503,
                        message: "The gateway is busy: too many open requests. Try again shortly.",
                        type: "server_error",
                        code: "overloaded",
                        origin: .gateway,
                        shouldRetry: true,
                        retryAfter: 1
                    )
                )
            }
            ticket.holdsPermit = true
            route.answer(ticket, caller: caller)
        } catch {
            ticket.refuse(error)
        }
    }

    package func reject(_ exchange: HTTPExchange, reason: HTTPRejection) {
        // An endpoint that waits for the body is told first, so that its request is recorded once.
        if let relay = exchange.delegate as? ChatRelay { return relay.refuse(Self.error(reason)) }
        let loop = core.loopContext(of: exchange.eventLoop)
        RequestTicket(exchange: exchange, loop: loop, core: core).refuse(Self.error(reason))
    }

    private static func error(_ reason: HTTPRejection) -> APIError {
        switch reason {
        case .malformed:
            APIError(
                status: 400,
                message: "The request is not valid HTTP/1.1.",
                type: "invalid_request_error",
                code: "malformed_request"
            )
        case .headersTooLarge(let limit):
            APIError(
                status: 431,
                message: "The request's headers are larger than \(limit) bytes.",
                type: "invalid_request_error",
                code: "headers_too_large"
            )
        case .bodyTooLarge(let limit):
            APIError(
                status: 413,
                message: "The request body is larger than \(limit) bytes. Send media as a URL instead of inline data.",
                type: "invalid_request_error",
                code: "request_too_large"
            )
        case .bodyTimeout:
            APIError(
                status: 408,
                message: "The request body did not arrive in time.",
                type: "invalid_request_error",
                code: "request_timeout"
            )
        }
    }
}
