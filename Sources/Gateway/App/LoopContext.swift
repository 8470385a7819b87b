import JSONBytes
import NIOCore
import Telemetry
import Upstream

/// What one event loop keeps for its requests; never touched from another thread.
final class LoopContext {
    let eventLoop: any EventLoop
    let pool: UpstreamPool
    /// Parser memory, used by one translation at a time.
    let tape = JSONTape()
    private var relays: [ObjectIdentifier: ChatRelay] = [:]
    private var ticker: RepeatedTask?
    private var nextID: UInt64
    private let idPrefix: String
    private var timestampSecond = 0
    private var timestampPrefix = ""
    private var lastPoolTick = NIODeadline.now()

    init(eventLoop: any EventLoop, upstream: UpstreamConfiguration) {
        self.eventLoop = eventLoop
        self.pool = UpstreamPool(configuration: upstream, eventLoop: eventLoop)
        var generator = SystemRandomNumberGenerator()
        idPrefix = "req_" + String(generator.next() as UInt64, radix: 16)
        nextID = UInt64(generator.next() as UInt32)
    }

    /// A request id that no other request of this or another gateway has.
    func makeRequestID() -> String {
        nextID += 1
        return idPrefix + String(nextID, radix: 16)
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
        }
        for relay in Array(relays.values) { relay.tick(now: now) }
    }

    func add(_ relay: ChatRelay) {
        relays[ObjectIdentifier(relay)] = relay
    }

    func remove(_ relay: ChatRelay) {
        relays[ObjectIdentifier(relay)] = nil
    }

    /// The drain time is over: streams that still run end with an error their clients can read.
    func endRelays() {
        for relay in Array(relays.values) { relay.endForShutdown() }
    }

    func shutdown() {
        ticker?.cancel()
        pool.shutdown()
    }

    /// Now, as RFC 3339; the calendar is worked out once a second only.
    func timestamp() -> String {
        let second = Timestamp.unixSeconds
        if second != timestampSecond {
            timestampSecond = second
            timestampPrefix = Timestamp.rfc3339(seconds: second, milliseconds: 0)
        }
        return timestampPrefix
    }
}
