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
    /// The message whose first frames have come.
    private var parts: (opcode: WebSocketOpcode, bytes: ByteBuffer)?
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
        if var earlier = parts?.bytes {
            parts = nil
            var bytes = bytes
            earlier.writeBuffer(&bytes)
            message = earlier
        }
        guard isFinal else {
            parts = (opcode, message)
            return .none
        }
        // Behind our close nobody reads messages any more.
        guard state == .open else { return .none }
        guard opcode == .text else { return .deliver(.binary(message)) }
        guard Self.isUTF8(message) else { return fail(.invalidText, "a text is not UTF-8") }
        return .deliver(.text(message))
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
            guard let code = bytes.readInteger(as: UInt16.self).map(WebSocketCloseCode.init), code.isAllowed,
                Self.isUTF8(bytes)
            else { return fail(.protocolError, "a close frame is malformed") }
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

    private static func isUTF8(_ bytes: ByteBuffer) -> Bool {
        bytes.withUnsafeReadableBytes { String(validating: $0, as: UTF8.self) != nil }
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
