package import NIOCore

/// Decides from the event loops' heartbeats whether the process is alive; knows no loop and no clock.
package struct LoopVigil: Sendable {
    /// A loop that stands still, and for how long.
    package struct Stall: Equatable, Sendable {
        package var loop: Int
        package var silence: TimeAmount

        package init(loop: Int, silence: TimeAmount) {
            self.loop = loop
            self.silence = silence
        }
    }

    private let limit: TimeAmount
    private var lastBeats: [NIODeadline]

    /// A loop is stuck when it was silent for longer than `limit`.
    ///
    /// All loops count as alive at `now`.
    package init(loopCount: Int, limit: TimeAmount, now: NIODeadline) {
        self.limit = limit
        lastBeats = Array(repeating: now, count: loopCount)
    }

    /// Notes when a loop last ran.
    package mutating func note(_ beat: NIODeadline, of loop: Int) {
        lastBeats[loop] = max(lastBeats[loop], beat)
    }

    /// The stuck loops; none means that the process is alive.
    package func stalls(now: NIODeadline) -> [Stall] {
        lastBeats.enumerated().compactMap { loop, beat in
            now - beat > limit ? Stall(loop: loop, silence: now - beat) : nil
        }
    }
}
