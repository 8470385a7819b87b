import NIOCore
import NIOWebSocket

@testable import WebSocketTransport

/// A state machine that expectations may drive.
final class StateMachinePeer {
    private var machine: WebSocketStateMachine

    init(maximumMessageBytes: Int = 16) { machine = WebSocketStateMachine(maximumMessageBytes: maximumMessageBytes) }

    var isOpen: Bool { machine.isOpen }

    func receive(
        _ opcode: WebSocketOpcode,
        isFinal: Bool = true,
        isReserved: Bool = false,
        _ bytes: ByteBuffer
    ) -> WebSocketStateMachine.Action {
        machine.receive(opcode, isFinal: isFinal, isReserved: isReserved, bytes)
    }

    func close() -> Bool { machine.close() }
    func disconnected() -> WebSocketEnd? { machine.disconnected() }
}
