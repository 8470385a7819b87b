import APITranslation

extension RequestTicket.Facts {
    /// Keeps what a call has used; a stream that was cut has told some of it.
    mutating func note(_ call: any PartCall) {
        events += call.events
        guard let used = call.facts.usage else { return }
        var sum = usage ?? TokenUsage()
        sum.add(used)
        usage = sum
    }

    /// Gives a call up and keeps its facts; the outcome that counts is that of the call which ended the request.
    mutating func cancel(_ call: any PartCall, _ reason: String) {
        call.cancel(reason)
        note(call)
        var lost = call.runner.facts
        lost.earlierAttempts += lost.lastAttempt.map { [$0] } ?? []
        lost.lastAttempt = calls.lastAttempt
        lost.upstreamStatus = calls.upstreamStatus ?? lost.upstreamStatus
        lost.upstreamError = calls.upstreamError ?? lost.upstreamError
        calls.lastAttempt = nil
        calls.add(lost)
    }
}
