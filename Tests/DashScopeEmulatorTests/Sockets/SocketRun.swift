@testable import DashScopeEmulator
import Foundation

/// A session that is driven without a socket, and what it was answered with.
struct SocketRun {
    private var session: any SocketSession
    private(set) var steps: [SocketStep] = []

    init(_ session: any SocketSession) {
        self.session = session
        steps = self.session.open()
    }

    /// Tasks over WebSocket.
    static func tasks() -> SocketRun {
        let configuration = EmulatorConfiguration(eventDelay: .zero)
        return SocketRun(
            SpeechTaskSession(configuration: configuration, journal: RequestJournal(configuration: configuration))
        )
    }

    /// Events over WebSocket, for one model.
    static func realtime(_ model: String) -> SocketRun {
        let configuration = EmulatorConfiguration(eventDelay: .zero)
        let request = OperationRequest(
            Call(ask: "").request,
            body: [:],
            name: model,
            requestID: "12345678-1234",
            journal: RequestJournal(configuration: configuration)
        )
        return SocketRun(SpeechRealtimeSession(request, configuration: configuration))
    }

    var patience: Duration? { session.patience }

    mutating func send(_ document: JSON) { send(.text(document.bytes)) }
    mutating func send(_ message: SocketMessage) { steps += session.receive(message) }
    mutating func wait() { steps += session.timedOut() }

    /// The events so far.
    var events: [JSON] {
        steps.compactMap { if case .text(let bytes) = $0 { JSON(bytes: bytes) } else { nil } }
    }

    /// The names of the events so far.
    var names: [String] { events.compactMap { ($0["header"]?["event"] ?? $0["type"])?.string } }

    /// The binary frames so far.
    var audio: [UInt8] {
        steps.flatMap { step -> [UInt8] in if case .binary(let bytes) = step { bytes } else { [] } }
    }

    /// The audio in events so far.
    var deltas: [UInt8] {
        events.flatMap { event -> [UInt8] in
            (event["delta"]?.string).flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
        }
    }

    /// The code and text of the task's failure, or of the last error.
    var failure: [String?] {
        guard let last = events.last else { return [] }
        if let header = last["header"] { return [header["error_code"]?.string, header["error_message"]?.string] }
        return [last["error"]?["code"]?.string, last["error"]?["message"]?.string]
    }

    var isClosed: Bool {
        if case .close = steps.last { return true }
        return steps.last == .abort
    }
}
