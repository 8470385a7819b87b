import HTTPServing
import NIOCore
import Telemetry

/// Sends the events of a response that runs in the background to one client, from its place on.
final class EventFollower: RunningRequest {
    private static let longestPiece = 64 << 10

    private let exchange: HTTPExchange
    private let loop: LoopContext
    private let log: BackgroundLog
    private let keepAlive: TimeAmount
    /// Is told the status of the record: 200, or 499 where the client has left.
    private let ended: (Int) -> Void
    private var offset: Int
    private var isWaiting = false
    private var isOver = false
    private var lastWrite = NIODeadline.now()
    var place: Int?

    private init(_ ticket: RequestTicket, _ log: BackgroundLog, after number: Int, ended: @escaping (Int) -> Void) {
        exchange = ticket.exchange
        loop = ticket.loop
        self.log = log
        keepAlive = ticket.settings.configuration.stream.keepAliveInterval
        self.ended = ended
        offset = log.offset(after: number)
    }

    /// Begins the stream with the head; `after` is the number of the last event that the client has.
    static func begin(
        _ ticket: RequestTicket,
        _ log: BackgroundLog,
        after number: Int,
        headers: ByteBuffer,
        ended: @escaping (Int) -> Void
    ) {
        let follower = EventFollower(ticket, log, after: number, ended: ended)
        follower.exchange.startStream(status: 200, headers: headers)
        follower.loop.metrics.streamBegan()
        follower.exchange.delegate = follower
        follower.loop.add(follower)
        follower.send()
    }

    private func send() {
        guard !isOver, !isWaiting else { return }
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        while exchange.isWritable {
            let piece = log.read(from: offset, limit: Self.longestPiece) {
                eventLoop.execute {
                    bound.value.isWaiting = false
                    bound.value.send()
                }
            }
            switch piece {
            case .events(let bytes):
                offset += bytes.readableBytes
                write(bytes)
            case .nothing:
                isWaiting = true
                return exchange.flush()
            case .end:
                leave()
                exchange.finish()
                return ended(200)
            case .lost:
                // The client sees a stream that was cut, and can ask for the response.
                leave()
                exchange.abort()
                return ended(200)
            }
        }
        exchange.flush()
    }

    private func write(_ bytes: ByteBuffer) {
        var chunk = exchange.makeChunk(capacity: bytes.readableBytes)
        chunk.bytes.writeImmutableBuffer(bytes)
        exchange.write(chunk)
        lastWrite = .now()
    }

    private func leave() {
        isOver = true
        loop.remove(self)
    }

    // MARK: - Time

    func tick(now: NIODeadline) {
        guard isWaiting, exchange.isWritable, keepAlive > .zero, now - lastWrite >= keepAlive else { return }
        write(ByteBuffer(string: ": keep-alive\n\n"))
        exchange.flush()
    }

    // The response ends, and with it what its followers read.
    func endForShutdown() {}
}

extension EventFollower: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {}
    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {}

    func clientLeft(_ exchange: HTTPExchange) {
        guard !isOver else { return }
        leave()
        ended(499)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {
        if isWritable { send() }
    }
}
