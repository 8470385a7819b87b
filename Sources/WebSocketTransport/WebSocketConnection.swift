import NIOCore
import NIOWebSocket
import Upstream

/// One connection to a host, bound to an event loop.
package final class WebSocketConnection {
    private let eventLoop: any EventLoop
    let request: WebSocketRequest
    /// Kept alive until the connection is over.
    private var delegate: (any WebSocketDelegate)?
    private var machine: WebSocketStateMachine
    private var channel: (any Channel)?
    private var isPaused = false
    private var timer: Scheduled<Void>?
    private let released: () -> Void

    init(
        _ request: WebSocketRequest,
        eventLoop: any EventLoop,
        delegate: any WebSocketDelegate,
        released: @escaping () -> Void
    ) {
        self.released = released
        self.request = request
        self.eventLoop = eventLoop
        self.delegate = delegate
        machine = WebSocketStateMachine(maximumMessageBytes: request.maximumMessageBytes)
    }

    // MARK: - Opening

    /// Gives up what is not open in time.
    func limitOpening(to timeout: TimeAmount) {
        timer = eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
            fail(.unreachable(UpstreamError(.connectTimeout, isSafeToRepeat: true)))
        }
    }

    /// The channel of the connection is there; false where nobody wants it any more.
    func attach(_ channel: any Channel) -> Bool {
        guard delegate != nil else {
            channel.close(promise: nil)
            return false
        }
        self.channel = channel
        return true
    }

    func opened() {
        timer?.cancel()
        timer = nil
        if isPaused { pauseReading(true) }
        delegate?.webSocketOpened()
    }

    func fail(_ failure: WebSocketFailure) {
        let delegate = release()
        closeChannel()
        delegate?.webSocketFailed(failure)
    }

    // MARK: - Sending

    /// Sends a message; nothing happens where the connection is closing.
    package func send(_ message: WebSocketMessage) {
        guard machine.isOpen else { return }
        switch message {
        case .text(let bytes): write(.text, bytes)
        case .binary(let bytes): write(.binary, bytes)
        }
    }

    private func write(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer) {
        channel?.writeAndFlush(
            WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: bytes),
            promise: nil
        )
    }

    private func writeClose(_ code: WebSocketCloseCode?, reason: String = "") {
        var bytes = ByteBuffer()
        if let code {
            bytes.writeInteger(code.rawValue)
            bytes.writeString(String(reason.prefix(60)))
        }
        write(.connectionClose, bytes)
    }

    /// Stops or resumes reading, for whoever is slower than the peer.
    package func pauseReading(_ paused: Bool) {
        isPaused = paused
        try? channel?.syncOptions?.setOption(.autoRead, value: !paused)
        if !paused { channel?.read() }
    }

    // MARK: - Ending

    /// Closes in order: the end is told once the peer has answered, or has not in time.
    package func close(_ code: WebSocketCloseCode = .normal) {
        guard machine.close() else { return }
        writeClose(code)
        timer?.cancel()
        timer = eventLoop.assumeIsolated().scheduleTask(in: request.closeTimeout) { [self] in
            end(WebSocketEnd(code: nil, reason: "the close was not answered", isClean: false))
        }
    }

    /// Cuts the connection; nothing more is told.
    package func cancel() {
        _ = release()
        closeChannel()
    }

    private func end(_ end: WebSocketEnd) {
        let delegate = release()
        closeChannel()
        delegate?.webSocketEnded(end)
    }

    private func release() -> (any WebSocketDelegate)? {
        timer?.cancel()
        timer = nil
        guard let delegate = delegate.take() else { return nil }
        released()
        return delegate
    }

    private func closeChannel() {
        _ = machine.disconnected()
        let channel = channel.take()
        channel?.close(promise: nil)
    }
}

// MARK: - From the peer

extension WebSocketConnection {
    func received(_ frame: WebSocketFrame) {
        // A server masks nothing.
        let isMalformed = frame.rsv1 || frame.rsv2 || frame.rsv3 || frame.maskKey != nil
        perform(machine.receive(frame.opcode, isFinal: frame.fin, isReserved: isMalformed, frame.data))
    }

    func readCompleted() { delegate?.webSocketReadComplete() }

    func decodingFailed(_ error: any Error) {
        guard let error = error as? NIOWebSocketError else { return disconnected() }
        perform(error == .invalidFrameLength ? machine.frameTooLarge() : machine.malformed())
    }

    func disconnected() {
        guard let end = machine.disconnected() else { return }
        self.end(end)
    }

    private func perform(_ action: WebSocketStateMachine.Action) {
        switch action {
        case .none: break
        case .deliver(let message): delegate?.webSocketReceived(message)
        case .answerPing(let bytes): write(.pong, bytes)
        case .answerClose(let code, let end):
            writeClose(code)
            self.end(end)
        case .end(let end): self.end(end)
        case .fail(let code, let reason):
            writeClose(code, reason: reason)
            end(WebSocketEnd(code: code, reason: reason, isClean: false))
        }
    }
}
