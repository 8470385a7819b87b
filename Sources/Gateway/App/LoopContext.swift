import AdmissionControl
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore
import Telemetry
import Upstream

/// The objects that one event loop keeps for its requests; no other thread uses them.
final class LoopContext {
    let eventLoop: any EventLoop
    let pool: UpstreamPool
    let fetchPools: FetchPools
    /// Parser memory, used by one translation at a time.
    let tape = JSONTape()
    /// In force for the next request; replaced by a reload.
    var settings: LiveSettings
    private var relays: [any RunningRequest] = []
    private var waiting = FairQueue<WaitingRequest>(maximumCount: 0, maximumPerCaller: 0)
    /// Whether somebody may wait; asked of each request that ends, and the queue itself is not looked at for it.
    private var mayWait = false
    private var isServing = false
    private var ticker: RepeatedTask?
    private var nextID: UInt64
    private let idPrefix: UInt64
    private var timestamps = TimestampCache()
    private var ended: [RequestTicket] = []
    private var sampledRequests: UInt64 = 0
    private var recordTask: (@Sendable () -> Void)?
    var spanIDs = SpanIDGenerator()
    let metrics: LoopMetrics
    private var lastPoolTick = NIODeadline.now()

    init(
        eventLoop: any EventLoop,
        upstream: UpstreamConfiguration,
        fetch: FetchSettings,
        settings: LiveSettings,
        metrics: LoopMetrics
    ) {
        self.eventLoop = eventLoop
        self.metrics = metrics
        self.settings = settings
        self.pool = UpstreamPool(configuration: upstream, eventLoop: eventLoop)
        fetchPools = FetchPools(settings: fetch, eventLoop: eventLoop)
        var generator = SystemRandomNumberGenerator()
        idPrefix = generator.next()
        nextID = UInt64(generator.next() as UInt32)
    }

    /// A request id that no other request of this or another gateway has.
    func makeRequestID() -> String {
        nextID += 1
        return ByteWriter.withBytes(capacity: 48) { id in
            id.append("req_")
            id.append(hexadecimal: idPrefix, digits: 16)
            id.append(hexadecimal: nextID, digits: 10)
        } use: {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The connections to the host of an address that the rules allow; nil where too many hosts are called already.
    func pool(for address: FileAddress, _ rules: FetchRules) throws -> UpstreamPool? {
        rules.isOrigin(address) ? pool : try fetchPools.pool(host: address.host, port: address.port)
    }

    func start(interval: TimeAmount) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        ticker = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in bound.value.tick() }
    }

    private func tick() {
        let now = NIODeadline.now()
        if now - lastPoolTick >= .seconds(1) {
            lastPoolTick = now
            pool.tick(now: now)
            fetchPools.tick(now: now)
        }
        // A copy: a relay that ends takes itself out.
        for relay in relays { relay.tick(now: now) }
        if !waiting.isEmpty {
            for request in waiting.expire(now: now.nanoseconds) { request.expire() }
            serveWaiting()
        }
    }

    // MARK: - Waiting for a turn

    /// Lets a request wait; false where the queue is off or full.
    func wait(_ ticket: RequestTicket, caller: Caller, endpoint: Endpoint, refusal: AdmissionRefusal) -> Bool {
        let limits = ticket.settings.configuration.limits
        guard limits.queueLength > 0, let callerID = ticket.callerID else { return false }
        if waiting.isEmpty {
            // New bounds after a reload; a queue that is in use keeps its own.
            waiting = FairQueue(maximumCount: limits.queueLength, maximumPerCaller: limits.queuePerCaller)
        }
        let request = WaitingRequest(ticket: ticket, caller: caller, endpoint: endpoint, refusal: refusal)
        let deadline = (NIODeadline.now() + limits.queueTimeout).nanoseconds
        guard case .waiting(let token) = waiting.enqueue(request, caller: callerID, deadline: deadline) else {
            ticket.exchange.delegate = nil
            return false
        }
        mayWait = true
        request.token = token
        return true
    }

    func stopWaiting(_ request: WaitingRequest) {
        if let token = request.token { _ = waiting.remove(token) }
    }

    /// Something may have been given back: a waiting request may proceed.
    func admissionChanged() {
        if mayWait { serveWaiting() }
    }

    private func serveWaiting() {
        // A request that ends as soon as its turn comes gives its units back from in here: the loop sees to those, too.
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        while let request = waiting.next(where: { $0.mayRun() }) { request.proceed() }
        mayWait = !waiting.isEmpty
    }

    func add(_ relay: any RunningRequest) {
        relay.place = relays.count
        relays.append(relay)
    }

    func remove(_ relay: any RunningRequest) {
        guard let place = relay.place else { return }
        relay.place = nil
        let last = relays.removeLast()
        guard last !== relay else { return }
        last.place = place
        relays[place] = last
    }

    /// The drain time is over: streams that still run end with an error their clients can read.
    func endRelays() {
        // First, or they would take the places of those that end.
        for request in waiting.expire(now: .max) { request.refuse(.shuttingDown) }
        for relay in relays { relay.endForShutdown() }
    }

    func shutdown() {
        ticker?.cancel()
        writeRecords()
        // It holds the context.
        recordTask = nil
        pool.shutdown()
        fetchPools.shutdown()
    }

    // MARK: - Records

    /// Records a request when this turn's answers have left, so that no answer waits for a record.
    ///
    /// A scrape asks each loop, and so finds every request whose answer its client has seen.
    func recordLater(_ ticket: RequestTicket) {
        ended.append(ticket)
        guard ended.count == 1 else { return }
        if recordTask == nil {
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            recordTask = { bound.value.writeRecords() }
        }
        if let recordTask { eventLoop.execute(recordTask) }
    }

    /// Whether the present one of the successful requests of this loop is the one in `count` that is recorded.
    func takesSample(ofEvery count: Int) -> Bool {
        defer { sampledRequests &+= 1 }
        return sampledRequests % UInt64(count) == 0
    }

    private func writeRecords() {
        let timestamp = timestamps.now()
        for ticket in ended { RequestRecorder.record(ticket, timestamp: timestamp) }
        ended.removeAll(keepingCapacity: ended.count <= 1024)
    }
}
