import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import Telemetry
import Upstream
import WireFormats

extension ChatRelay: UpstreamResponseReceiver {
    func upstreamHead(_ head: UpstreamResponseHead) {
        upstreamRequestID = head.first("x-request-id").flatMap(UpstreamID.visible)
        facts.upstreamStatus = head.status
        guard head.status >= 200, head.status < 300 else {
            answer = .refusal(head)
            return
        }
        loop.pool.hostAnswered()
        if head.first("content-type", startsWith: "text/event-stream") {
            answer = .events
        } else if head.first("content-type", startsWith: "application/json") {
            answer = .whole
        } else {
            // Some recorded streams have no content type: what was asked for decides.
            answer = call?.streamsUpstream == true ? .events : .whole
        }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        switch answer {
        case .events:
            decoder.append(bytes)
            receiveEvents(expecting: bytes.readableBytes)
        case .refusal:
            if collected.readableBytes < Self.refusalLimit { collect(bytes) }
        case .whole:
            guard collected.readableBytes + bytes.readableBytes <= settings.configuration.upstream.maximumReplyBytes
            else {
                return fail(UpstreamError(.invalidResponse, detail: "answer too large"))
            }
            collect(bytes)
        case .none:
            break
        }
    }

    private func collect(_ bytes: ByteBuffer) {
        if collected.readableBytes == 0 { collected = bytes } else { collected.writeImmutableBuffer(bytes) }
    }

    func upstreamReadComplete() {
        guard case .events = answer else { return }
        switch outcome {
        case .complete: return endBeforeUpstream()
        case .choicesEnded where pendingEnd == nil:
            // Usage may follow; whoever waits for the end does not wait long for it.
            let grace = settings.configuration.stream.finishGrace
            pendingEnd = loop.eventLoop.assumeIsolated().scheduleTask(in: grace) { [self] in endBeforeUpstream() }
        default: break
        }
        guard streamsToClient else { return }
        writeChunks()
        exchange.flush()
    }

    /// All is said: nobody waits until upstream ends its answer, too.
    private func endBeforeUpstream() {
        guard machine?.state != .finished, case .events = answer else { return }
        upstreamCall?.release()
        finishReply()
    }

    private func receiveEvents(expecting size: Int) {
        do {
            while machine?.state != .finished, let event = try decoder.next() { receive(event, expecting: size) }
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
            _ = machine?.progressed(hasOutput: false, now: .now())
            if requestBody != nil { committed() }
        case .refused(let error):
            // What came before the refusal counts, whether or not it came in the same read.
            writeChunks()
            fail(error)
        }
    }

    /// Upstream has taken the call: the request is not needed again, and a second path has proved itself.
    private func committed() {
        requestBody = nil
        upstreamRequest = nil
        upstreamCall?.releaseRequest()
        exchange.releaseAll()
        guard let call, let machine, machine.hasTriedOtherPath else { return }
        core.paths.learn(call.operation, for: call.upstreamModel)
    }

    func upstreamEnded() {
        switch answer {
        case .events: endEvents()
        case .whole: endWhole()
        case .refusal(let head):
            var error = collected.withUnsafeReadableBytes {
                ErrorTable.map(status: head.status, body: $0, requestIDHeader: upstreamRequestID, tape: loop.tape)
            }
            noteHealth(status: head.status, error)
            let wait = RetryAfter.read(head, now: Timestamp.unixSeconds)
            if let wait { error.retryAfter = Int((wait.nanoseconds + 999_999_999) / 1_000_000_000) }
            if head.first("x-should-retry") == "false" {
                error.retry = .never
                error.shouldRetry = false
            }
            if head.status == 407 { return fail(UpstreamError(.proxyRefused, detail: "status 407")) }
            fail(error, wait: wait)
        case .none:
            fail(UpstreamError(.invalidResponse, detail: "no head"))
        }
    }

    /// An error page of the edge says that the host is in trouble; a refusal of DashScope's says that it is there.
    private func noteHealth(status: Int, _ error: APIError) {
        let isEdge = error.upstreamCode == nil && (status == 502 || status == 503)
        if isEdge || status == 407 {
            loop.pool.hostFailed("status \(status)")
        } else {
            loop.pool.hostAnswered()
        }
    }

    private func endEvents() {
        if let rest = decoder.finish() { receive(rest, expecting: rest.data.readableBytes) }
        // The last event may have led to another call.
        guard machine?.state != .finished, case .events = answer else { return }
        finishReply()
    }

    private func endWhole() {
        let body = collected
        take(expecting: body.readableBytes) { reply, output in
            body.withUnsafeReadableBytes { reply.receive(whole: $0, tape: loop.tape, into: &output) }
        }
        // The body may have been a refusal that led to another call.
        guard machine?.state != .finished, case .whole = answer else { return }
        finishReply()
    }

    private func finishReply() {
        guard let reply else { return }
        if streamsToClient {
            var piece = chunk.take() ?? exchange.makeChunk(capacity: 512)
            let error = reply.finish(into: &piece.bytes)
            chunk = consume piece
            note(reply.facts)
            // What came counts, whether or not the end came in the same read.
            writeChunks()
            if let error { return fail(error) }
            guard machine?.finish() == true else { return }
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
        if let id = found.requestID { upstreamRequestID = UpstreamID.visible(id) }
    }

    func upstreamFailed(_ error: UpstreamError) {
        fail(error)
    }
}
