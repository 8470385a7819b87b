import NIOCore
import NIOWebSocket
import Testing

@testable import WebSocketTransport

/// The cases of a client in Autobahn's test suite, without a socket.
struct WebSocketCasesTests {
    private typealias Action = WebSocketStateMachine.Action

    private func code(_ action: WebSocketStateMachine.Action) -> WebSocketCloseCode? {
        if case .fail(let code, _) = action { code } else { nil }
    }

    // MARK: - Frames

    @Test(arguments: 2...6, [WebSocketOpcode.text, .binary])
    func messagesInFramesWithControlFramesBetween(count: Int, opcode: WebSocketOpcode) {
        let machine = StateMachinePeer(maximumMessageBytes: 1_000)
        var whole = ByteBuffer()
        for part in 0..<count {
            // Empty ones among them.
            let bytes = ByteBuffer(repeating: UInt8(0x61 + part), count: part % 3 * 7)
            whole.writeImmutableBuffer(bytes)
            let action = machine.receive(part == 0 ? opcode : .continuation, isFinal: part == count - 1, bytes)
            guard part < count - 1 else {
                #expect(action == .deliver(opcode == .text ? .text(whole) : .binary(whole)))
                break
            }
            #expect(action == .none)
            let payload = ByteBuffer(repeating: 0, count: part * 31)
            #expect(machine.receive(.ping, payload) == .answerPing(payload))
            #expect(machine.receive(.pong, payload) == .none)
        }
        // The next message is one of its own.
        #expect(machine.receive(.binary, ByteBuffer(bytes: [1])) == .deliver(.binary(ByteBuffer(bytes: [1]))))
    }

    @Test(arguments: [0, 1, 16, 124, 125, 126, 127, 65_536]) func pingsAreAnsweredWithTheirPayload(count: Int) {
        let machine = StateMachinePeer()
        let payload = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
        let action = machine.receive(.ping, payload)
        if count <= 125 {
            #expect(action == .answerPing(payload))
            #expect(machine.isOpen)
        } else {
            #expect(code(action) == .protocolError)
        }
    }

    @Test func anUnaskedPongIsNothing() {
        let machine = StateMachinePeer()
        #expect(machine.receive(.pong, ByteBuffer(string: "unasked")) == .none)
        #expect(machine.isOpen)
    }

    @Test(arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) func opcodesThatNobodyHasDefined(number: Int) throws {
        for isInside in [false, true] {
            let machine = StateMachinePeer()
            if isInside { #expect(machine.receive(.text, isFinal: false, ByteBuffer(string: "a")) == .none) }
            let opcode = try #require(WebSocketOpcode(encodedWebSocketOpcode: UInt8(number)))
            #expect(code(machine.receive(opcode, ByteBuffer())) == .protocolError)
        }
    }

    // MARK: - Text

    private static let texts = [
        "", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\0", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFF}", "\u{1000}",
        "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}", "\u{10000}", "\u{1FFFE}", "\u{3FFFF}",
        "\u{40000}", "\u{FFFFF}", "\u{100000}", "\u{10FFFF}", "a\u{10FFFF}é中z",
    ]

    @Test(arguments: texts) func aTextMayBeDividedAnywhere(text: String) {
        let bytes = Array(text.utf8)
        let whole = Action.deliver(.text(ByteBuffer(bytes: bytes)))
        for cut in 0...bytes.count {
            let machine = StateMachinePeer(maximumMessageBytes: 100)
            #expect(machine.receive(.text, isFinal: false, ByteBuffer(bytes: bytes[..<cut])) == .none)
            #expect(machine.receive(.continuation, ByteBuffer(bytes: bytes[cut...])) == whole)
        }
        let machine = StateMachinePeer(maximumMessageBytes: 100)
        #expect(machine.receive(.text, isFinal: false, ByteBuffer()) == .none)
        for byte in bytes {
            #expect(machine.receive(.continuation, isFinal: false, ByteBuffer(bytes: [byte])) == .none)
        }
        #expect(machine.receive(.continuation, ByteBuffer()) == whole)
    }

    private static let noTexts: [[UInt8]] = [
        [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xED, 0xA0, 0x80, 0x65], [0xF4, 0x90, 0x80, 0x80],
        // No end, or nothing but an end.
        [0xC3], [0xE1, 0xBD], [0xF0, 0x90, 0x80], [0x61, 0xF4, 0x8F, 0xBF], [0x80], [0xBF], [0x61, 0x80, 0xBF],
        // Another beginning in the middle.
        [0xC3, 0x28], [0xE1, 0x28, 0x80], [0xE1, 0x80, 0xC3, 0xA9], [0xF1, 0x80, 0x80, 0x61],
        // Longer than need be.
        [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF],
        // Surrogates, alone and in pairs.
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80],
        // Above the last character, and forms of five and six bytes.
        [0xF4, 0x90], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80],
        [0xFE], [0xFF], [0xFE, 0xFE, 0xFF, 0xFF],
    ]

    /// Whether something can follow these bytes that makes them UTF-8.
    private func mayContinue(_ bytes: ArraySlice<UInt8>) -> Bool {
        var endings: [[UInt8]] = [[]]
        for _ in 0..<3 { endings += endings.flatMap { ending in [0x80, 0x90, 0xA0, 0xBF].map { ending + [$0] } } }
        return endings.contains { String(validating: bytes + $0, as: UTF8.self) != nil }
    }

    @Test(arguments: noTexts) func whatIsNoTextEndsItAtTheFirstWrongByte(bytes: [UInt8]) {
        let whole = StateMachinePeer(maximumMessageBytes: 100)
        #expect(code(whole.receive(.text, ByteBuffer(bytes: bytes))) == .invalidText)

        let machine = StateMachinePeer(maximumMessageBytes: 100)
        for end in 1...bytes.count {
            let opcode: WebSocketOpcode = end == 1 ? .text : .continuation
            let action = machine.receive(opcode, isFinal: false, ByteBuffer(bytes: bytes[(end - 1)..<end]))
            guard mayContinue(bytes[..<end]) else {
                #expect(code(action) == .invalidText, "after \(end) bytes")
                return
            }
            #expect(action == .none, "after \(end) bytes")
        }
        // Only its end is missing.
        #expect(code(machine.receive(.continuation, ByteBuffer())) == .invalidText)
    }

    @Test func binaryMessagesMayHoldAnything() {
        for bytes in Self.noTexts {
            let machine = StateMachinePeer(maximumMessageBytes: 100)
            #expect(machine.receive(.binary, isFinal: false, ByteBuffer(bytes: bytes)) == .none)
            #expect(machine.receive(.continuation, ByteBuffer()) == .deliver(.binary(ByteBuffer(bytes: bytes))))
        }
    }

    // MARK: - Closing

    private func closing(_ code: UInt16, _ reason: [UInt8] = []) -> ByteBuffer {
        var bytes = ByteBuffer(integer: code)
        bytes.writeBytes(reason)
        return bytes
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] as [UInt16])
    func codesThatAPeerMaySendAreSentBack(number: UInt16) {
        for ours in [false, true] {
            let machine = StateMachinePeer()
            if ours { #expect(machine.close()) }
            let code = WebSocketCloseCode(rawValue: number)
            let end = WebSocketEnd(code: code, reason: "é", isClean: true)
            let action = machine.receive(.connectionClose, closing(number, Array("é".utf8)))
            #expect(action == (ours ? .end(end) : .answerClose(code, end)))
            // A close behind a close, and anything else.
            #expect(machine.receive(.connectionClose, closing(1000)) == .none)
            #expect(machine.receive(.ping, ByteBuffer()) == .none)
            #expect(machine.receive(.text, ByteBuffer(bytes: [0xFF])) == .none)
        }
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16])
    func codesThatNobodyMaySendEndIt(number: UInt16) {
        let machine = StateMachinePeer()
        #expect(code(machine.receive(.connectionClose, closing(number))) == .protocolError)
    }

    @Test func closesWithAndWithoutContent() {
        let empty = StateMachinePeer()
        #expect(
            empty.receive(.connectionClose, ByteBuffer()) == .answerClose(nil, WebSocketEnd(code: nil, isClean: true))
        )
        let short = StateMachinePeer()
        #expect(code(short.receive(.connectionClose, ByteBuffer(bytes: [3]))) == .protocolError)
        // The longest reason, which the bound of messages is not for.
        let long = StateMachinePeer()
        let reason = [UInt8](repeating: 0x61, count: 123)
        let end = WebSocketEnd(code: .normal, reason: String(repeating: "a", count: 123), isClean: true)
        #expect(long.receive(.connectionClose, closing(1000, reason)) == .answerClose(.normal, end))
        let longer = StateMachinePeer()
        #expect(code(longer.receive(.connectionClose, closing(1000, reason + [0x61]))) == .protocolError)
    }

    @Test(arguments: noTexts) func aReasonThatIsNoTextEndsIt(bytes: [UInt8]) {
        let machine = StateMachinePeer()
        #expect(code(machine.receive(.connectionClose, closing(1000, bytes))) == .invalidText)
    }

    @Test func aCloseInsideAMessageEndsBoth() {
        let machine = StateMachinePeer()
        #expect(machine.receive(.text, isFinal: false, ByteBuffer(string: "a")) == .none)
        let end = WebSocketEnd(code: .normal, isClean: true)
        #expect(machine.receive(.connectionClose, closing(1000)) == .answerClose(.normal, end))
        #expect(machine.receive(.continuation, ByteBuffer(string: "b")) == .none)
    }
}
