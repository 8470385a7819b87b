import NIOCore
import NIOPosix
import Testing

@testable import Upstream

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps what came of a call, for the test to look at.
private final class Outcome: UpstreamResponseReceiver {
    let promise: EventLoopPromise<Int>
    private var status = 0

    init(_ eventLoop: any EventLoop) {
        promise = eventLoop.makePromise()
    }

    func upstreamHead(_ head: UpstreamResponseHead) { status = head.status }
    func upstreamBody(_ bytes: ByteBuffer) {}
    func upstreamReadComplete() {}
    func upstreamEnded() { promise.succeed(status) }
    func upstreamFailed(_ error: UpstreamError) { promise.fail(error) }
}

/// Answers, or not, when the first bytes of a request are there.
private final class ServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Manner: Sendable {
        case answers, hangs, closes
        /// Writes this text, in one piece, for each request.
        case says(String)
        /// Answers, and writes this text once it is sure that the answer was read.
        case saysLater(String)
    }

    private let manner: Manner

    init(_ manner: Manner) {
        self.manner = manner
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch manner {
        case .hangs: break
        case .closes: context.close(promise: nil)
        case .answers: write(Self.answer, context)
        case .says(let text): write(text, context)
        case .saysLater(let text):
            write(Self.answer, context)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(20)) { bound.value.0.write(text, bound.value.1) }
        }
    }

    static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

/// A pool on a loop of its own, and a server for it.
private struct Bench {
    let loop: any EventLoop
    let pool: NIOLoopBound<UpstreamPool>

    static func run(
        _ manner: ServerHandler.Manner,
        configure: (inout UpstreamConfiguration) -> Void = { _ in },
        _ body: (Bench) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ServerHandler(manner))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        var configuration = UpstreamConfiguration(host: "127.0.0.1", port: server.localAddress?.port ?? 0)
        configure(&configuration)
        let loop = group.next()
        let settled = configuration
        let pool = try await loop.submit {
            NIOLoopBound(UpstreamPool(configuration: settled, eventLoop: loop), eventLoop: loop)
        }.get()
        try await body(Bench(loop: loop, pool: pool))
        try await loop.submit { pool.value.shutdown() }.get()
        try await server.close()
        try await group.shutdownGracefully()
    }

    /// Sends a request with so many bytes of body; the future tells its status.
    func send(body: Int = 0) async throws -> EventLoopFuture<Int> {
        try await loop.submit {
            let outcome = Outcome(loop)
            let request = UpstreamRequest(
                head: ByteBuffer(string: "POST / HTTP/1.1\r\nContent-Length: \(body)\r\n\r\n"),
                body: ByteBuffer(repeating: 0x61, count: body)
            )
            let call = pool.value.execute(request, receiver: outcome)
            // The pool does not keep the receiver.
            outcome.promise.futureResult.assumeIsolated().whenComplete { _ in _ = (outcome, call) }
            return outcome.promise.futureResult
        }.get()
    }

    /// Sends so many calls in one turn of the loop; tells how many had failed when it ended.
    func sendAtOnce(_ count: Int) async throws -> (calls: [EventLoopFuture<Int>], failed: Int) {
        try await loop.submit {
            var calls: [EventLoopFuture<Int>] = []
            let failed = NIOLoopBoundBox(0, eventLoop: loop)
            for _ in 0..<count {
                let outcome = Outcome(loop)
                let request = UpstreamRequest(head: ByteBuffer(string: "POST / HTTP/1.1\r\n\r\n"), body: ByteBuffer())
                let call = pool.value.execute(request, receiver: outcome)
                outcome.promise.futureResult.assumeIsolated().whenFailure { _ in
                    failed.value += 1
                    _ = (outcome, call)
                }
                calls.append(outcome.promise.futureResult)
            }
            return (calls, failed.value)
        }.get()
    }

    func tick(after time: TimeAmount) async throws {
        try await loop.submit { pool.value.tick(now: .now() + time) }.get()
    }

    func statistics() async throws -> UpstreamStatistics {
        try await loop.submit { pool.value.statistics }.get()
    }

    /// The error a call ends with.
    func failure(of call: EventLoopFuture<Int>) async throws -> UpstreamError? {
        do {
            _ = try await call.get()
            return nil
        } catch { return error as? UpstreamError }
    }
}

/// Whether a pool is still there.
///
/// Any thread may ask: weak references are atomic, and nothing of the pool is touched.
private struct PoolReference: @unchecked Sendable {
    private weak var pool: UpstreamPool?

    init(_ pool: UpstreamPool) {
        self.pool = pool
    }

    var isAlive: Bool { pool != nil }
}

@Suite(.timeLimit(.minutes(15)))
struct UpstreamPoolTests {
    @Test func aConnectionIsUsedAgainUntilItIsIdleTooLong() async throws {
        try await Bench.run(.answers) { bench in
            for _ in 0..<3 { #expect(try await bench.send().get() == 200) }
            #expect(try await bench.statistics().opened == 1)
            try await bench.tick(after: .seconds(20))
            #expect(try await bench.statistics().idle == 1)
            try await bench.tick(after: .seconds(57))
            let statistics = try await bench.statistics()
            #expect(statistics.idle == 0)
            #expect(statistics.active == 0)
            #expect(statistics.retired == 0)
        }
    }

    @Test func aPoolThatWasShutDownIsGivenBack() async throws {
        var reference: PoolReference?
        try await Bench.run(.answers) { bench in
            #expect(try await bench.send().get() == 200)
            reference = try await bench.loop.submit { PoolReference(bench.pool.value) }.get()
            #expect(reference?.isAlive == true)
        }
        #expect(reference?.isAlive == false)
    }

    @Test func anIdleConnectionRetiresAtItsAge() async throws {
        try await Bench.run(.answers) {
            $0.idleTimeout = .hours(1)
        } _: { bench in
            #expect(try await bench.send().get() == 200)
            // A tenth more or less than five minutes.
            try await bench.tick(after: .seconds(200))
            #expect(try await bench.statistics().idle == 1)
            try await bench.tick(after: .seconds(335))
            #expect(try await bench.statistics().idle == 0)
            #expect(try await bench.statistics().retired == 1)
            #expect(try await bench.send().get() == 200)
            #expect(try await bench.statistics().opened == 2)
        }
    }

    @Test func aCallDoesNotWaitForeverForAConnection() async throws {
        try await Bench.run(.hangs) {
            $0.maximumConnectionsPerLoop = 1
            $0.maximumWaitingPerLoop = 2
            // Long beside whatever time the test itself takes.
            $0.waitTimeout = .minutes(60)
        } _: { bench in
            let first = try await bench.send()
            let second = try await bench.send()
            // The first waits, too, until its connection stands.
            while try await bench.statistics().active == 0 {}
            let third = try await bench.send()
            let fourth = try await bench.send()
            #expect(try await bench.failure(of: fourth)?.code == .poolExhausted)
            #expect(try await bench.statistics().waiting == 2)
            try await bench.tick(after: .minutes(30))
            #expect(try await bench.statistics().waiting == 2)
            try await bench.tick(after: .minutes(61))
            #expect(try await bench.failure(of: second)?.code == .poolExhausted)
            #expect(try await bench.failure(of: third)?.code == .poolExhausted)
            #expect(try await bench.statistics().active == 1)
            _ = first
        }
    }

    // MARK: - Clean or closed

    /// Answers with something behind them that nobody asked for.
    static let surplus = [
        ServerHandler.answer + "HTTP/1.1 299 Other\r\nContent-Length: 0\r\n\r\n",
        ServerHandler.answer + "x",
        ServerHandler.answer + "\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n2\r\nno\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n{}",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}{}",
    ]

    @Test(arguments: surplus)
    func aConnectionWithBytesBehindItsAnswerIsNotLentAgain(_ text: String) async throws {
        let status = try #require(Int(text.dropFirst(9).prefix(3)))
        try await Bench.run(.says(text)) { bench in
            for _ in 0..<3 { #expect(try await bench.send().get() == status) }
            let statistics = try await bench.statistics()
            #expect(statistics.opened == 3)
            #expect(statistics.idle == 0)
        }
    }

    @Test func aCallThatWaitsIsNotGivenAConnectionWithBytes() async throws {
        try await Bench.run(.says(Self.surplus[0])) {
            $0.maximumConnectionsPerLoop = 1
        } _: { bench in
            var calls: [EventLoopFuture<Int>] = []
            for _ in 0..<5 { calls.append(try await bench.send()) }
            for call in calls { #expect(try await call.get() == 200) }
            #expect(try await bench.statistics().opened == 5)
        }
    }

    @Test func aConnectionThatSpeaksWhileIdleIsClosed() async throws {
        try await Bench.run(.saysLater(Self.surplus[0])) { bench in
            #expect(try await bench.send().get() == 200)
            while try await bench.statistics().idle + bench.statistics().active > 0 {}
            #expect(try await bench.send().get() == 200)
            #expect(try await bench.statistics().opened == 2)
        }
    }

    // MARK: - What we lack

    @Test func whatThisMachineLacksIsNotTheHostsFault() {
        for code in [EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM] {
            #expect(LocalShortage.describe(IOError(errnoCode: code, reason: "connect")) != nil)
        }
        for code in [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT] {
            #expect(LocalShortage.describe(IOError(errnoCode: code, reason: "connect")) == nil)
        }
        #expect(LocalShortage.describe(ChannelError.connectTimeout(.seconds(1))) == nil)
    }

    @Test(arguments: [(UpstreamError.Code.noResources, false), (.unreachable, true)])
    func onlyTheHostsFailuresOpenTheBreaker(code: UpstreamError.Code, opens: Bool) async throws {
        try await Bench.run(.answers) {
            $0.breaker.consecutiveFailures = 1
        } _: { bench in
            try await bench.loop.submit { bench.pool.value.judge(UpstreamError(code)) }.get()
            #expect(try await bench.statistics().isBreakerOpen == opens)
        }
    }

    @Test func callsThatCannotConnectFailOneAfterAnother() async throws {
        try await Bench.run(.answers) {
            // No connection leads to this address, and the system says so at once.
            $0.host = "255.255.255.255"
            $0.maximumConnectionsPerLoop = 1
            $0.breaker.consecutiveFailures = 0
        } _: { bench in
            let (calls, failedAtOnce) = try await bench.sendAtOnce(2000)
            #expect(failedAtOnce == 0)
            for call in calls { #expect(try await bench.failure(of: call)?.code == .unreachable) }
        }
    }

    @Test(arguments: [(8 << 20, true), (0, false)])
    func aRequestThatWasSentWhollyMayHaveRun(bytes: Int, isSafe: Bool) async throws {
        try await Bench.run(.closes) { bench in
            let error = try await bench.failure(of: bench.send(body: bytes))
            #expect(error?.code == .connectionClosed)
            #expect(error?.isSafeToRepeat == isSafe)
        }
    }

    @Test func whatNeverLeftIsSafeToRepeat() async throws {
        try await Bench.run(.answers) {
            $0.port = 1
        } _: { bench in
            let error = try await bench.failure(of: bench.send())
            #expect(error?.code == .unreachable)
            #expect(error?.isSafeToRepeat == true)
        }
    }

    @Test func sessionsAreConnections() async throws {
        try await Bench.run(.answers) {
            $0.maximumConnectionsPerLoop = 2
            $0.breaker.consecutiveFailures = 1
        } _: { bench in
            // A connection that nobody uses makes room.
            _ = try await bench.send().get()
            try await bench.loop.submit {
                let pool = bench.pool.value
                #expect(pool.admitSession() == nil)
                #expect(pool.admitSession() == nil)
                #expect(pool.admitSession()?.code == .poolExhausted)
                pool.sessionEnded()
                #expect(pool.admitSession() == nil)
                pool.sessionEnded()
                pool.judge(UpstreamError(.unreachable))
                #expect(pool.admitSession()?.code == .circuitOpen)
                pool.hostAnswered()
                #expect(pool.admitSession() == nil)
                pool.sessionEnded()
                pool.sessionEnded()
            }.get()
        }
    }
}
