import NIOCore
import NIOWebSocket
import Testing

@testable import WebSocketTransport

struct WebSocketStateMachineTests {
    private let machine = StateMachinePeer()

    private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    private func close(_ code: UInt16, _ reason: String = "") -> ByteBuffer {
        var bytes = ByteBuffer(integer: code)
        bytes.writeString(reason)
        return bytes
    }

    private func isFailure(_ action: WebSocketStateMachine.Action, _ code: WebSocketCloseCode) -> Bool {
        guard case .fail(let found, _) = action else { return false }
        return found == code
    }

    @Test func aMessageOfOneFrame() {
        #expect(machine.receive(.text, bytes("héllo")) == .deliver(.text(bytes("héllo"))))
        #expect(machine.receive(.binary, ByteBuffer(bytes: [0xFF])) == .deliver(.binary(ByteBuffer(bytes: [0xFF]))))
        #expect(machine.receive(.text, ByteBuffer()) == .deliver(.text(ByteBuffer())))
    }

    @Test func framesAreJoinedAndControlFramesMayStandBetween() {
        // A character of two bytes is divided.
        let text = Array("é".utf8)
        #expect(machine.receive(.text, isFinal: false, ByteBuffer(bytes: [text[0]])) == .none)
        #expect(machine.receive(.ping, bytes("p")) == .answerPing(bytes("p")))
        #expect(machine.receive(.continuation, isFinal: false, ByteBuffer()) == .none)
        #expect(machine.receive(.continuation, ByteBuffer(bytes: [text[1]])) == .deliver(.text(bytes("é"))))
    }

    @Test func whatBreaksTheProtocolEndsIt() {
        let frames: [(WebSocketOpcode, Bool, ByteBuffer)] = [
            (.continuation, true, bytes("a")), (.ping, false, bytes("a")),
            (.ping, true, ByteBuffer(repeating: 1, count: 126)), (.connectionClose, true, ByteBuffer(bytes: [3])),
            (.connectionClose, true, close(1005)), (.connectionClose, true, close(999)),
        ]
        for (opcode, isFinal, bytes) in frames {
            let machine = StateMachinePeer()
            #expect(isFailure(machine.receive(opcode, isFinal: isFinal, bytes), .protocolError), "\(opcode)")
            // Nothing is read behind it.
            #expect(machine.receive(.text, ByteBuffer(string: "a")) == .none)
        }
        let reserved = StateMachinePeer()
        #expect(isFailure(reserved.receive(.text, isReserved: true, bytes("a")), .protocolError))
        let nested = StateMachinePeer()
        #expect(nested.receive(.text, isFinal: false, bytes("a")) == .none)
        #expect(isFailure(nested.receive(.binary, bytes("a")), .protocolError))
    }

    @Test func aTextThatIsNotUTF8IsRefused() {
        for wrong: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] {
            let machine = StateMachinePeer()
            #expect(isFailure(machine.receive(.text, ByteBuffer(bytes: wrong)), .invalidText))
        }
    }

    @Test func aMessageHasABound() {
        #expect(machine.receive(.binary, isFinal: false, ByteBuffer(repeating: 0, count: 16)) == .none)
        #expect(isFailure(machine.receive(.continuation, ByteBuffer(repeating: 0, count: 1)), .tooLarge))
    }

    @Test func aCloseIsAnswered() {
        let end = WebSocketEnd(code: .goingAway, reason: "bye", isClean: true)
        #expect(machine.receive(.connectionClose, close(1001, "bye")) == .answerClose(.goingAway, end))
        #expect(machine.disconnected() == nil)
        #expect(!machine.isOpen)
    }

    @Test func ourCloseWaitsForTheirs() {
        #expect(machine.close())
        #expect(!machine.close())
        #expect(machine.receive(.text, bytes("late")) == .none)
        #expect(machine.receive(.ping, bytes("p")) == .none)
        #expect(
            machine.receive(.connectionClose, close(1000)) == .end(WebSocketEnd(code: .normal, isClean: true))
        )
    }

    @Test func aConnectionThatIsCutDidNotEndCleanly() {
        #expect(machine.disconnected()?.isClean == false)
        #expect(machine.disconnected() == nil)
    }
}
