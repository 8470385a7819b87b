/// Faults that take the place of an answer.
struct ReplyFault {
    let context: ReplyContext

    /// The reply that is sent before the body is read; nil where the request goes on.
    func early() -> EmulatorReply? {
        let id = context.requestID
        switch context.fault {
        case .refused(let refusal): return .refused(refusal, requestID: id)
        case .retryAfter(let seconds):
            var reply = EmulatorReply.refused(
                FaultRefusal.catalogued(status: 429, code: "Throttling.RateQuota"),
                requestID: id
            )
            reply.headers.append(("retry-after", "\(seconds)"))
            return reply
        case .silent: return EmulatorReply(status: 200, headers: [], isChunked: false, steps: [.silence])
        case .closesUnanswered: return EmulatorReply(status: 200, headers: [], isChunked: false, steps: [.abort])
        case .closesAfterHead:
            let headers = ReplyHeaders.success(requestID: id, streams: context.streams)
            return EmulatorReply(status: 200, headers: headers, isChunked: true, steps: [.abort])
        case .html502:
            let page = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
            return EmulatorReply(status: 502, headers: [("content-type", "text/html")], body: Array(page.utf8))
        case .empty500: return EmulatorReply(status: 500, headers: [], body: [])
        case .code200:
            var reply = EmulatorReply.refused(
                FaultRefusal.catalogued(status: 200, code: "InternalError.Algo"),
                requestID: id
            )
            reply.status = 200
            return reply
        case .refusesFirstEvent:
            return refusesInStream(status: 200)
        case .refusesSSE400:
            return refusesInStream(status: 400)
        default: return nil
        }
    }

    /// A refusal of the body, as JSON or, for a caller that streams, as an event of a 200 stream.
    func delivery(of refusal: Refusal) -> EmulatorReply {
        guard context.streams, refusal.mayComeAsEvent, context.variant(5, of: 2) == 0 else {
            return .refused(refusal, requestID: context.requestID)
        }
        return inStream(refusal, status: 200)
    }

    /// The reply that is sent instead of a whole answer.
    func whole(_ document: JSON, delay: Duration) -> EmulatorReply {
        var headers = ReplyHeaders.success(requestID: context.requestID, streams: false)
        let bytes = document.bytes
        switch context.fault {
        case .moderatesMidStream:
            let refusal = Refusal(
                status: 400,
                code: "DataInspectionFailed",
                message: "Output data may contain inappropriate content."
            )
            return .refused(refusal, requestID: context.requestID)
        case .notJSON: return EmulatorReply(status: 200, headers: headers, body: Array("this is not JSON".utf8))
        case .breaksMidStream:
            let steps: [EmulatorReply.Step] = [.bytes(Array(bytes.prefix(bytes.count / 2))), .abort]
            return EmulatorReply(status: 200, headers: headers, isChunked: true, steps: steps)
        case .silentMidStream:
            let steps: [EmulatorReply.Step] = [.bytes(Array(bytes.prefix(bytes.count / 2))), .silence]
            return EmulatorReply(status: 200, headers: headers, isChunked: true, steps: steps)
        case .splitUTF8:
            return EmulatorReply(status: 200, headers: headers, isChunked: true, steps: bytes.map { .bytes([$0]) })
        case .slow:
            return EmulatorReply(
                status: 200,
                headers: headers,
                isChunked: false,
                steps: [.pause(delay), .bytes(bytes)]
            )
        case .noContentType: headers.removeAll { $0.name == "content-type" }
        default: break
        }
        return EmulatorReply(status: 200, headers: headers, body: bytes)
    }

    private func refusesInStream(status: Int) -> EmulatorReply {
        let refusal = Refusal.invalid("Role must be user or assistant and Content length must be greater than 0")
        // Only a caller that streams can be given an event.
        return context.streams ? inStream(refusal, status: status) : .refused(refusal, requestID: context.requestID)
    }

    private func inStream(_ refusal: Refusal, status: Int) -> EmulatorReply {
        EmulatorReply(
            status: status,
            headers: ReplyHeaders.success(requestID: context.requestID, streams: true),
            isChunked: true,
            steps: [.bytes(EventFraming().frame(refusal, requestID: context.requestID, id: 1))]
        )
    }
}
