import ByteWriting
import NIOCore
import NIOHTTP1

/// The slow lane: gives each request, body included, to an `async` function.
struct AsyncLane: HTTPApplication {
    let responder: any HTTPResponding

    func receive(_ exchange: HTTPExchange) {
        exchange.delegate = AsyncCall(responder: responder)
    }

    func reject(_ exchange: HTTPExchange, reason: HTTPRejection) {
        Self.refuse(exchange, reason: reason)
    }

    fileprivate static func refuse(_ exchange: HTTPExchange, reason: HTTPRejection) {
        var headers = ByteBuffer()
        if reason.status == 503 { headers.writeHeader("Retry-After", "1") }
        exchange.respond(status: reason.status, headers: headers, body: ByteBuffer())
    }
}

/// Runs one slow-lane request in a task that ends when the client leaves.
private final class AsyncCall: HTTPExchangeDelegate {
    private let responder: any HTTPResponding
    private var task: Task<Void, Never>?

    init(responder: any HTTPResponding) {
        self.responder = responder
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        let request = HTTPRequest(
            method: exchange.head.method.rawValue,
            target: exchange.head.uri,
            headers: exchange.head.headers.list,
            body: body,
            remoteAddress: exchange.remoteAddress.text
        )
        let connection = LoopBoundConnection(
            exchange: NIOLoopBound(exchange, eventLoop: exchange.eventLoop),
            eventLoop: exchange.eventLoop
        )
        // Unstructured on purpose: it begins in a channel callback, and is cancelled by `clientLeft`.
        task = Task { [responder] in
            do {
                try await responder.respond(to: request, writer: ResponseWriter(connection: connection))
            } catch {
                // The answer cannot be trusted any more; the connection closes below.
            }
            await connection.closeIfUnfinished()
        }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        AsyncLane.refuse(exchange, reason: reason)
    }

    func clientLeft(_ exchange: HTTPExchange) {
        task?.cancel()
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}

/// Brings the calls of an `async` function to the event loop of its exchange.
private struct LoopBoundConnection: ResponseConnection {
    let exchange: NIOLoopBound<HTTPExchange>
    let eventLoop: any EventLoop

    private func onLoop(_ body: @escaping @Sendable (HTTPExchange) -> Void) async throws {
        try await eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
            let exchange = exchange.value
            guard exchange.isOpen else { return exchange.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
            body(exchange)
            guard exchange.isOpen else { return exchange.eventLoop.makeSucceededVoidFuture() }
            return exchange.flushed()
        }.get()
    }

    private static func lines(_ headers: ResponseWriter.Headers) -> ByteBuffer {
        var lines = ByteBuffer()
        for header in headers {
            lines.compose(capacity: header.name.utf8.count + header.value.utf8.count + 4) {
                $0.append(text: header.name)
                $0.writeHeaderValue(header.value)
            }
        }
        return lines
    }

    func send(status: Int, headers: ResponseWriter.Headers, body: ByteBuffer) async throws {
        let lines = Self.lines(headers)
        try await onLoop { $0.respond(status: status, headers: lines, body: body) }
    }

    func start(status: Int, headers: ResponseWriter.Headers) async throws {
        let lines = Self.lines(headers)
        try await onLoop { $0.startStream(status: status, headers: lines) }
    }

    func write(_ bytes: ByteBuffer) async throws {
        try await onLoop { exchange in
            var chunk = exchange.makeChunk(capacity: bytes.readableBytes)
            chunk.bytes.writeImmutableBuffer(bytes)
            exchange.write(chunk)
        }
    }

    func finish() async throws {
        try await onLoop { $0.finish() }
    }

    func abort() async {
        try? await eventLoop.submit { exchange.value.abort() }.get()
    }

    func upgrade<Upgraded: Sendable>(
        headers: ResponseWriter.Headers,
        configure: @escaping @Sendable (any Channel) throws -> Upgraded
    ) async throws -> Upgraded {
        let lines = Self.lines(headers)
        return try await eventLoop.submit { try exchange.value.upgrade(headers: lines, configure: configure) }.get()
    }

    func closeIfUnfinished() async {
        try? await eventLoop.submit {
            if exchange.value.isOpen { exchange.value.abort() }
        }.get()
    }
}
