import Dispatch
import HTTPServing
import NIOCore
import NIOHTTP1
import Telemetry

/// `GET /metrics`, for Prometheus.
enum MetricsEndpoint {
    static func answer(_ ticket: RequestTicket) {
        let accept = ticket.exchange.head.headers.first(name: "accept")
        let core = ticket.core
        let loop = ticket.loop
        let eventLoop = loop.eventLoop
        let bound = NIOLoopBound(ticket, eventLoop: eventLoop)
        core.upstreamStatistics(on: eventLoop).and(core.storeContents(on: eventLoop)).whenSuccess { pools, stored in
            // Thousands of series take milliseconds, in which a loop's streams would stand still.
            DispatchQueue.global().async {
                let (contentType, body) = core.metrics.render(accept: accept, values: core.scrapeValues(pools, stored))
                eventLoop.execute { bound.value.respond(body, contentType: contentType) }
            }
        }
    }
}
