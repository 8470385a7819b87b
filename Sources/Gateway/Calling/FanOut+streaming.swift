import APITranslation
import HTTPServing
import NIOCore

// Towards a client of a stream.
extension FanOut {
    func callWrote(_ index: Int, _ bytes: ByteBuffer) {
        guard !isOver, request?.streamsToClient == true else { return }
        writeChunks(bytes)
    }

    /// Hands chunks to the connection; the head goes first where they are the first.
    func writeChunks(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        let now = NIODeadline.now()
        if machine.hasOutput(now: now) { startStream() }
        if facts.firstChunk == nil { facts.firstChunk = now }
        var piece = exchange.makeChunk(capacity: bytes.readableBytes)
        piece.bytes.writeImmutableBuffer(bytes)
        exchange.write(piece)
        exchange.flush()
    }

    private func startStream() {
        facts.firstByte = .now()
        let known = requestID ?? running.lazy.compactMap { $0.runner.requestID }.first
        ticket.startStream(requestID: known, adjustments: facts.adjustments, attempts: attempts)
    }

    /// Stops or resumes reading from all calls, for a client that is slower than they.
    func pause(_ paused: Bool) {
        isPaused = paused
        for call in running { call.runner.pauseReading(paused) }
    }

    func keepAlive(now: NIODeadline) {
        let due = machine.keepAliveIsDue(now: now)
        guard due.isDue, let request else { return }
        if due.startsStream { startStream() }
        // A paused client has bytes enough.
        guard !isPaused else { return }
        var piece = exchange.makeChunk(capacity: 32)
        request.reply.keepAlive(into: &piece.bytes)
        exchange.write(piece)
        exchange.flush()
    }
}
