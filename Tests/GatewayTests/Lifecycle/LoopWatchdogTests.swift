import Dispatch
import Gateway
import NIOCore
import NIOPosix
import Testing

struct LoopWatchdogTests {
    @Test func oneSilentLoopIsEnough() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        var vigil = LoopVigil(loopCount: 2, limit: .seconds(10), now: start)
        #expect(vigil.stalls(now: start + .seconds(10)) == [])
        vigil.note(start + .seconds(9), of: 0)
        #expect(vigil.stalls(now: start + .seconds(11)) == [.init(loop: 1, silence: .seconds(11))])
        vigil.note(start + .seconds(11), of: 1)
        #expect(vigil.stalls(now: start + .seconds(12)) == [])
        // An older note changes nothing.
        vigil.note(start, of: 1)
        #expect(vigil.stalls(now: start + .seconds(12)) == [])
    }

    @Test func aBlockedLoopStopsTheSignsOfLifeUntilItRunsAgain() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (signs, signed) = AsyncStream.makeStream(of: Void.self)
        let (lags, lagged) = AsyncStream.makeStream(of: TimeAmount.self, bufferingPolicy: .bufferingNewest(1))
        let (stalls, stalled) = AsyncStream.makeStream(of: Int.self)
        let watchdog = LoopWatchdog(
            loops: Array(group.makeIterator()),
            period: .hours(1),
            beatInterval: .milliseconds(1),
            signOfLife: { signed.yield() },
            onLag: { _, lag in lagged.yield(lag) },
            onStall: { stalled.yield($0.loop) }
        )
        watchdog.start()
        var sign = signs.makeAsyncIterator()
        var lag = lags.makeAsyncIterator()
        #expect(await sign.next() != nil)
        #expect(try #require(await lag.next()) >= .zero)

        let (block, blocked) = (DispatchSemaphore(value: 0), AsyncStream.makeStream(of: Void.self))
        group.next().execute {
            blocked.continuation.yield()
            block.wait()
        }
        for await _ in blocked.stream { break }
        let later = NIODeadline.now() + .hours(1) + .seconds(1)
        #expect(!watchdog.check(now: later))
        #expect(!watchdog.check(now: later))
        block.signal()
        // A note from after the block, behind the one that may be kept from before.
        _ = await lag.next()
        _ = await lag.next()
        #expect(watchdog.check(now: .now()))
        #expect(await sign.next() != nil)
        watchdog.stop()
        stalled.finish()
        var loops: [Int] = []
        for await loop in stalls { loops.append(loop) }
        #expect(loops == [0])
        try await group.shutdownGracefully()
    }
}
