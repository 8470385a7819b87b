import APITranslation
import AdmissionControl
import HTTPServing
import NIOCore
import NIOHTTP1
import Telemetry

/// The steps every request passes, in order: id, address, route, method, caller, open requests, admission; then its
/// endpoint.
///
/// Each step answers with a refusal or lets the request pass.
struct RequestPipeline: HTTPApplication {
    private let core: GatewayCore

    init(core: GatewayCore) {
        self.core = core
    }

    func receive(_ exchange: HTTPExchange) {
        let loop = core.loopContext(of: exchange.eventLoop)
        loop.metrics.requestBegan()
        let ticket = RequestTicket(exchange: exchange, loop: loop, core: core)
        let settings = ticket.settings
        let uri = exchange.head.uri
        let path = uri.utf8.contains(UInt8(ascii: "?")) ? String(uri.prefix { $0 != "?" }) : uri
        if settings.restrictsAddresses, !settings.access.admits(ticket.address), path != "/health" {
            return ticket.refuse(.addressNotAllowed)
        }
        if case .OPTIONS = exchange.head.method { return Preflight.answer(ticket) }
        guard let route = Route.find(path), answers(route, on: exchange.role, settings) else {
            return ticket.refuse(.unknownURL(exchange.head.method.rawValue, path))
        }
        ticket.route = route
        guard route.allows(exchange.head.method) else {
            ticket.allow = route.method.rawValue
            return ticket.refuse(.methodNotAllowed(exchange.head.method.rawValue, path, route.method.rawValue))
        }
        guard route.needsCaller else { return route.answer(ticket, caller: nil) }
        do {
            let caller = try Caller(headers: exchange.head.headers, serverKey: settings.serverKey)
            guard core.takePermit(limit: settings.configuration.server.maximumOpenRequests) else {
                return ticket.refuse(.tooManyOpenRequests)
            }
            ticket.holdsPermit = true
            ticket.callerID = core.callerHash.callerID(of: caller.key)
            guard let refusal = Admission.take(for: ticket, now: exchange.started) else {
                return route.answer(ticket, caller: caller)
            }
            guard loop.wait(ticket, caller: caller, route: route, refusal: refusal) else {
                loop.metrics.rateLimited(scope: refusal.scope.index, kind: refusal.limit.index)
                return ticket.refuse(APIError(refusal))
            }
        } catch {
            ticket.refuse(error)
        }
    }

    /// The admin listener answers only operators; the public ones do so only where there is no admin listener.
    private func answers(_ route: Route, on role: ListenerRole, _ settings: LiveSettings) -> Bool {
        switch route.audience {
        case .everyone: true
        case .operators: role == .admin || settings.configuration.admin.listen == nil
        case .callers: role != .admin
        }
    }

    func reject(_ exchange: HTTPExchange, reason: HTTPRejection) {
        // An endpoint that waits for the body is told first, so that its request is recorded once.
        if let relay = exchange.delegate as? ChatRelay { return relay.refuse(APIError(reason)) }
        if let waiting = exchange.delegate as? WaitingRequest { return waiting.refuse(APIError(reason)) }
        let loop = core.loopContext(of: exchange.eventLoop)
        loop.metrics.requestBegan()
        let ticket = RequestTicket(exchange: exchange, loop: loop, core: core)
        if reason == .unknownMethod { ticket.allow = "GET, HEAD, POST, OPTIONS" }
        ticket.refuse(APIError(reason))
    }
}
