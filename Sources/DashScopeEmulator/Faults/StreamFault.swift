/// Turns the events of a stream into what is sent, with the trouble that was asked for.
struct StreamFault {
    let context: ReplyContext
    let configuration: EmulatorConfiguration

    private var fault: Fault? { context.fault }

    func reply(events: [JSON]) -> EmulatorReply {
        var headers = ReplyHeaders.success(requestID: context.requestID, streams: true)
        if fault == .noContentType { headers.removeAll { $0.name == "content-type" } }
        return EmulatorReply(status: 200, headers: headers, isChunked: true, steps: steps(events: events))
    }

    private var delay: Duration {
        switch fault {
        case .slow(let milliseconds): milliseconds.map { .milliseconds($0) } ?? configuration.slowEventDelay
        case .fast: .zero
        default: configuration.eventDelay
        }
    }

    private var framing: EventFraming {
        switch fault {
        case .noBlankLines: EventFraming(hasBlankLines: false)
        case .crlf: EventFraming(lineEnd: "\r\n")
        case .dataInTwoLines: EventFraming(dividesData: true)
        default: EventFraming()
        }
    }

    private func steps(events: [JSON]) -> [EmulatorReply.Step] {
        let middle = max(1, events.count / 2)
        switch fault {
        case .notJSON: return [.bytes(framing.frame(text: "this is not JSON", id: 1))]
        case .moderatesMidStream:
            let refusal = Refusal(
                status: 400,
                code: "DataInspectionFailed",
                message: "Output data may contain inappropriate content."
            )
            let error = framing.frame(refusal, requestID: context.requestID, id: middle + 1)
            return steps(of: events.prefix(middle)) + [.bytes(error)]
        case .breaksMidStream: return steps(of: events.prefix(middle)) + [.pause(delay), .abort]
        case .silentMidStream: return steps(of: events.prefix(middle)) + [.silence]
        case .endsEarly: return steps(of: events.dropLast())
        case .lingers(let milliseconds):
            return steps(of: events[...]) + [milliseconds.map { .pause(.milliseconds($0)) } ?? .silence]
        case .lingersWithoutUsage, .lateUsage: return steps(of: events[...]) + [.silence]
        default: return steps(of: events[...])
        }
    }

    /// One of several events in which there is nothing to read.
    private func nothing(at index: Int) -> JSON {
        let id = JSON.string(context.requestID)
        let kinds: [JSON] = [
            ["output": nil, "request_id": id], ["request_id": id], ["output": [:], "usage": [:], "request_id": id],
            ["output": ["choices": []], "usage": nil, "request_id": id],
            ["output": ["choices": nil], "request_id": id],
        ]
        return kinds[index % kinds.count]
    }

    private func steps(of events: ArraySlice<JSON>) -> [EmulatorReply.Step] {
        let framing = framing
        let comment = EmulatorReply.Step.bytes(Array(": keep-alive\n\n".utf8))
        var steps: [EmulatorReply.Step] = fault == .comments ? [comment] : []
        for (index, event) in events.enumerated() {
            if delay > .zero { steps.append(.pause(delay)) }
            let bytes = framing.frame(event, id: index + 1)
            if fault == .splitUTF8 {
                steps += bytes.map { .bytes([$0]) }
            } else {
                steps.append(.bytes(bytes))
            }
            if fault == .comments { steps.append(comment) }
            if fault == .nullOutput { steps.append(.bytes(framing.frame(nothing(at: index), id: index + 1))) }
        }
        return steps
    }
}
