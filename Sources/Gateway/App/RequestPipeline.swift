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
        let path = Self.path(of: exchange)
        let match = RouteTable.find(path)
        if settings.restrictsAddresses, !settings.access.admits(ticket.address), match?.route.passesAccessLists != true
        {
            return ticket.refuse(.addressNotAllowed)
        }
        if exchange.isOverBudget, path != "/health" { return ticket.refuse(APIError(.tooMuchMemory)) }
        if case .OPTIONS = exchange.head.method { return Preflight.answer(ticket) }
        guard let (route, parameters) = match, answers(route, on: exchange.role, settings) else {
            ticket.route = RouteTable.unknown(path)
            return ticket.refuse(.unknownURL(exchange.head.method.rawValue, path, UnservedPaths.advice(for: path)))
        }
        ticket.route = route
        ticket.parameters = parameters
        guard let endpoint = route.endpoint(for: exchange.head.method) else {
            ticket.allow = route.allow
            return ticket.refuse(.methodNotAllowed(exchange.head.method.rawValue, path, route.allow))
        }
        if let encoding = exchange.head.headers.first(name: "content-encoding"), encoding.lowercased() != "identity" {
            return ticket.refuse(.unreadEncoding)
        }
        ticket.step("request routed", ["method": exchange.head.method.rawValue, "route": route.pattern])
        guard endpoint.needsCaller else { return endpoint.answer(ticket, nil) }
        do {
            let caller = try Caller(headers: exchange.head.headers, serverKey: settings.serverKey)
            guard core.takePermit(limit: settings.configuration.server.maximumOpenRequests) else {
                return ticket.refuse(.tooManyOpenRequests)
            }
            ticket.holdsPermit = true
            ticket.callerID = core.callerHash.callerID(of: caller.key)
            if endpoint.streamsBody {
                exchange.streamBody(limit: settings.configuration.server.maximumUploadBytes)
            }
            guard let refusal = Admission.take(for: ticket, now: exchange.started) else {
                ticket.step("limits passed")
                return endpoint.answer(ticket, caller)
            }
            ticket.step("limit reached", ["scope": "\(refusal.scope)", "limit": "\(refusal.limit)"])
            guard loop.wait(ticket, caller: caller, endpoint: endpoint, refusal: refusal) else {
                loop.metrics.rateLimited(scope: refusal.scope.index, kind: refusal.limit.index)
                return ticket.refuse(APIError(refusal, ticket.settings.configuration.limits))
            }
        } catch {
            ticket.refuse(error)
        }
    }

    private static func path(of exchange: HTTPExchange) -> String {
        var uri = exchange.head.uri
        let hasQuery = uri.withUTF8 { UnsafeRawBufferPointer($0).firstIndex(of: UInt8(ascii: "?")) != nil }
        return hasQuery ? String(uri.prefix { $0 != "?" }) : uri
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
        // An endpoint that waits for the body is told, so that its request is recorded once.
        if let delegate = exchange.delegate { return delegate.rejected(exchange, reason: reason) }
        let loop = core.loopContext(of: exchange.eventLoop)
        loop.metrics.requestBegan()
        let ticket = RequestTicket(exchange: exchange, loop: loop, core: core)
        if let match = RouteTable.find(RequestPipeline.path(of: exchange)) { ticket.route = match.route }
        if reason == .unknownMethod { ticket.allow = Preflight.methods }
        ticket.refuse(APIError(reason))
    }
}
