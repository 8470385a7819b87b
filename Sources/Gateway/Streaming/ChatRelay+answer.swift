import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import Telemetry
import Upstream
import WireFormats

extension ChatRelay: UpstreamResponseReceiver {
    func upstreamHead(_ head: UpstreamResponseHead) {
        runner.received(head)
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        if case .events = runner.answer {
            runner.decoder.append(bytes)
            receiveEvents(expecting: bytes.readableBytes)
        } else if !runner.collect(bytes) {
            fail(UpstreamError(.invalidResponse, detail: "answer too large"))
        }
    }

    func upstreamReadComplete() {
        guard case .events = runner.answer else { return }
        switch outcome {
        case .complete: return endBeforeUpstream()
        case .choicesEnded where pendingEnd == nil:
            // Usage may follow; the client waits for it a short time only.
            let grace = settings.configuration.stream.finishGrace
            pendingEnd = loop.eventLoop.assumeIsolated().scheduleTask(in: grace) { [self] in endBeforeUpstream() }
        default: break
        }
        guard streamsToClient else { return }
        writeChunks()
        exchange.flush()
    }

    /// The answer is complete; upstream's own end is not awaited.
    private func endBeforeUpstream() {
        guard machine.state != .finished, case .events = runner.answer else { return }
        runner.release()
        finishReply()
    }

    private func receiveEvents(expecting size: Int) {
        do {
            while machine.state != .finished, let event = try runner.decoder.next() { receive(event, expecting: size) }
        } catch {
            fail(UpstreamError(.invalidResponse, detail: "event line longer than \(error.limit) bytes"))
        }
    }

    private func receive(_ event: ServerSentEvent, expecting size: Int) {
        take(expecting: size) { reply, output in
            event.data.withUnsafeReadableBytes {
                reply.receive($0, isError: event.isError, status: event.status, tape: loop.tape, into: &output)
            }
        }
    }

    /// Gives something to the translator; what a client of a stream may see of it joins the present chunk.
    @inline(__always)
    private func take(expecting size: Int, _ receive: (any ReplyTranslating, inout ByteBuffer) -> ReplyOutcome) {
        guard let reply else { return }
        let outcome: ReplyOutcome
        if streamsToClient {
            var piece = chunk.take() ?? exchange.makeChunk(capacity: size + 256)
            outcome = receive(reply, &piece.bytes)
            chunk = consume piece
        } else {
            var nothing = ByteBuffer()
            outcome = receive(reply, &nothing)
        }
        switch outcome {
        case .progress, .choicesEnded, .complete:
            facts.events += 1
            self.outcome = outcome
            runner.progressed()
            if requestBody != nil { releaseRequest() }
        case .refused(let error):
            // Events before the refusal count, whether or not they came in the same read.
            writeChunks()
            fail(error)
        }
    }

    /// Upstream has taken the call: no other will be made.
    private func releaseRequest() {
        requestBody = nil
        exchange.releaseAll()
    }

    func upstreamEnded() {
        switch runner.answer {
        case .events: endEvents()
        case .whole: endWhole()
        case .refusal(let head):
            let refusal = runner.refusal(head)
            fail(refusal.error, detail: refusal.detail)
        case .none:
            fail(UpstreamError(.invalidResponse, detail: "no head"))
        }
    }

    private func endEvents() {
        if let rest = runner.decoder.finish() { receive(rest, expecting: rest.data.readableBytes) }
        // The last event may have led to another call.
        guard machine.state != .finished, case .events = runner.answer else { return }
        finishReply()
    }

    private func endWhole() {
        let body = runner.collected
        take(expecting: body.readableBytes) { reply, output in
            body.withUnsafeReadableBytes { reply.receive(whole: $0, tape: loop.tape, into: &output) }
        }
        // The body may have been a refusal that led to another call.
        guard machine.state != .finished, case .whole = runner.answer else { return }
        finishReply()
    }

    private func finishReply() {
        guard let reply else { return }
        if streamsToClient {
            var piece = chunk.take() ?? exchange.makeChunk(capacity: 512)
            let error = reply.finish(into: &piece.bytes)
            chunk = consume piece
            note(reply.facts)
            // Events that came count, whether or not the end came in the same read.
            writeChunks()
            if let error { return fail(error) }
            guard machine.finish() else { return }
            exchange.finish()
            complete()
        } else {
            var body = ByteBuffer()
            let error = reply.finish(into: &body)
            note(reply.facts)
            if let error { return fail(error) }
            respondWhole(body)
        }
    }

    func note(_ found: ReplyFacts) {
        if let usage = found.usage { facts.usage = usage }
        if let id = found.requestID { runner.requestID = UpstreamID.visible(id) }
    }

    func upstreamFailed(_ error: UpstreamError) {
        fail(error)
    }
}
