/// The facts of a request that faults depend on, for every operation.
struct ReplyContext: Sendable {
    /// Lower case, hexadecimal and hyphens.
    var requestID: String
    var fault: Fault?
    var streams: Bool
    /// Stable for equal bodies; incidental things are varied by it.
    var hash: UInt64

    /// A stable choice among `count` variants; `salt` keeps choices apart.
    func variant(_ salt: UInt64, of count: UInt64) -> UInt64 {
        (hash &+ salt &* 0x9e37_79b9_7f4a_7c15).scrambled % count
    }

    /// The time before a whole answer, or before each event of a stream, where a fault asks for one.
    func slowDelay(_ configuration: EmulatorConfiguration) -> Duration {
        guard case .slow(let milliseconds) = fault else { return .zero }
        return milliseconds.map { .milliseconds($0) } ?? configuration.slowEventDelay
    }
}
