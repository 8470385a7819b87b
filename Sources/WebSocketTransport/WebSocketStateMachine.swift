package import NIOCore
package import NIOWebSocket

/// Decides what follows a frame of the peer, and what may be sent; knows no channel and no clock.
///
/// Frames come unmasked. RFC 6455, 5.4 to 5.6, and 7.
package struct WebSocketStateMachine {
    package enum Action: Equatable {
        case none
        case deliver(WebSocketMessage)
        case answerPing(ByteBuffer)
        /// The peer closes: its close is answered with this code, and the connection ends.
        case answerClose(WebSocketCloseCode?, WebSocketEnd)
        /// Our close was answered: the connection ends.
        case end(WebSocketEnd)
        /// The peer breaks the protocol or a limit: it is told so, and the connection ends.
        case fail(WebSocketCloseCode, String)
    }

    private enum State: Equatable {
        case open
        /// We have sent a close, and read on until the peer answers it.
        case closing
        case closed
    }

    private var state = State.open
    /// The message whose first frames have come, and how much of its text has been checked.
    private var parts: (opcode: WebSocketOpcode, bytes: ByteBuffer, checked: Int)?
    private let maximumMessageBytes: Int

    package init(maximumMessageBytes: Int) {
        self.maximumMessageBytes = maximumMessageBytes
    }

    /// Whether messages may be sent.
    package var isOpen: Bool { state == .open }

    // MARK: - From the peer

    /// Takes a frame; `isReserved` says that it has bits that nobody agreed on.
    package mutating func receive(
        _ opcode: WebSocketOpcode,
        isFinal: Bool = true,
        isReserved: Bool = false,
        _ bytes: ByteBuffer
    ) -> Action {
        guard state != .closed else { return .none }
        guard !isReserved else { return fail(.protocolError, "reserved bits are set") }
        switch opcode {
        case .ping, .pong, .connectionClose:
            guard isFinal, bytes.readableBytes <= 125 else {
                return fail(.protocolError, "a control frame is divided or too long")
            }
            return receiveControl(opcode, bytes)
        case .text, .binary:
            guard parts == nil else { return fail(.protocolError, "a message begins inside another") }
            return receivePart(opcode, isFinal, bytes)
        case .continuation:
            guard let opcode = parts?.opcode else { return fail(.protocolError, "nothing is there to continue") }
            return receivePart(opcode, isFinal, bytes)
        default: return fail(.protocolError, "the opcode is not known")
        }
    }

    /// The length of a frame that is larger than is allowed is not read.
    package mutating func frameTooLarge() -> Action {
        state == .closed ? .none : fail(.tooLarge, "a frame is too large")
    }

    /// The bytes are no frame.
    package mutating func malformed() -> Action {
        state == .closed ? .none : fail(.protocolError, "a frame is malformed")
    }

    private mutating func receivePart(_ opcode: WebSocketOpcode, _ isFinal: Bool, _ bytes: ByteBuffer) -> Action {
        let count = (parts?.bytes.readableBytes ?? 0) + bytes.readableBytes
        guard count <= maximumMessageBytes else { return fail(.tooLarge, "a message is too large") }
        var message = bytes
        var checked = 0
        if var earlier = parts {
            parts = nil
            var bytes = bytes
            earlier.bytes.writeBuffer(&bytes)
            (message, checked) = (earlier.bytes, earlier.checked)
        }
        // Behind our close nobody reads messages any more.
        if opcode == .text, state == .open {
            // At each frame, so that what is no text is not read to its end.
            let rest = message.getSlice(at: message.readerIndex + checked, length: count - checked) ?? ByteBuffer()
            guard let length = Self.textLength(rest, isFinal: isFinal) else {
                return fail(.invalidText, "a text is not UTF-8")
            }
            checked += length
        }
        guard isFinal else {
            parts = (opcode, message, checked)
            return .none
        }
        guard state == .open else { return .none }
        return .deliver(opcode == .text ? .text(message) : .binary(message))
    }

    /// How many bytes are whole characters of UTF-8: all but the beginning of one whose rest may come; nil where they are no
    /// UTF-8.
    private static func textLength(_ bytes: ByteBuffer, isFinal: Bool) -> Int? {
        bytes.withUnsafeReadableBytes { bytes in
            let open = isFinal ? 0 : openBytes(bytes)
            let whole = UnsafeRawBufferPointer(rebasing: bytes.dropLast(open))
            return String(validating: whole, as: UTF8.self) == nil ? nil : whole.count
        }
    }

    /// The bytes at the end that begin a character.
    private static func openBytes(_ bytes: UnsafeRawBufferPointer) -> Int {
        for count in 1...3 where count <= bytes.count {
            let first = bytes[bytes.count - count]
            // A byte in the middle of a character.
            if first & 0xC0 == 0x80 { continue }
            let needed: Int
            switch first {
            case 0xC2...0xDF: needed = 2
            case 0xE0...0xEF: needed = 3
            case 0xF0...0xF4: needed = 4
            default: return 0
            }
            guard count < needed else { return 0 }
            guard count > 1 else { return 1 }
            let second = bytes[bytes.count - count + 1]
            let isPossible =
                switch first {
                // Longer than need be, a surrogate, above the last character.
                case 0xE0: second >= 0xA0
                case 0xED: second <= 0x9F
                case 0xF0: second >= 0x90
                case 0xF4: second <= 0x8F
                default: true
                }
            return isPossible ? count : 0
        }
        return 0
    }

    private mutating func receiveControl(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer) -> Action {
        switch opcode {
        case .ping: return state == .open ? .answerPing(bytes) : .none
        case .pong: return .none
        default: break
        }
        var bytes = bytes
        var end = WebSocketEnd(code: nil, isClean: true)
        if bytes.readableBytes > 0 {
            guard let code = bytes.readInteger(as: UInt16.self).map(WebSocketCloseCode.init), code.isAllowed else {
                return fail(.protocolError, "a close frame is malformed")
            }
            guard Self.textLength(bytes, isFinal: true) != nil else {
                return fail(.invalidText, "the reason of a close is not UTF-8")
            }
            end.code = code
            end.reason = String(buffer: bytes)
        }
        defer { state = .closed }
        return state == .closing ? .end(end) : .answerClose(end.code, end)
    }

    private mutating func fail(_ code: WebSocketCloseCode, _ reason: String) -> Action {
        state = .closed
        parts = nil
        return .fail(code, reason)
    }

    // MARK: - From us

    /// We want to close; false where that is so already.
    package mutating func close() -> Bool {
        guard state == .open else { return false }
        state = .closing
        return true
    }

    /// The connection is gone; returns how, unless that has been told.
    package mutating func disconnected() -> WebSocketEnd? {
        guard state != .closed else { return nil }
        state = .closed
        return WebSocketEnd(code: nil, reason: "the connection was cut", isClean: false)
    }
}
