/// What the emulator does on a connection over WebSocket; computed before anything is sent.
enum SocketStep: Sendable, Equatable {
    case text([UInt8])
    case binary([UInt8])
    case pause(Duration)
    /// A close in order.
    case close(code: UInt16, reason: String)
    /// The connection is cut.
    case abort

    static func event(_ document: JSON) -> SocketStep { .text(document.bytes) }
}

/// One message of the peer's.
enum SocketMessage: Sendable, Equatable {
    case text([UInt8])
    case binary([UInt8])
}

/// Decides what a connection over WebSocket is answered with; knows no channel and no clock.
protocol SocketSession: Sendable {
    /// The connection is open.
    mutating func open() -> [SocketStep]
    mutating func receive(_ message: SocketMessage) -> [SocketStep]
    /// How long the next message is waited for; nil where there is no bound.
    var patience: Duration? { get }
    /// The next message has not come in time.
    mutating func timedOut() -> [SocketStep]
}
