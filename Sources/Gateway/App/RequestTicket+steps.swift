import APITranslation
import HTTPServing
import Logging
import NIOCore

/// What happens to a request, told step by step at level `debug`.
///
/// A step says what was done, never what was asked or answered: names of models and codes, counts, sizes and states.
extension RequestTicket {
    typealias StepFacts = KeyValuePairs<String, any CustomStringConvertible & Sendable>

    /// Tells a step; where nobody wants it, one flag is looked at and no text is made.
    @inline(__always)
    func step(_ message: StaticString, _ facts: @autoclosure () -> StepFacts = [:]) {
        if settings.tellsSteps { tell(message, facts()) }
    }

    /// Tells a step that failed; upstream may have put a key into its code.
    @inline(__always)
    func step(
        _ message: StaticString,
        _ error: APIError,
        _ caller: Caller,
        _ facts: @autoclosure () -> StepFacts = [:]
    ) {
        guard settings.tellsSteps else { return }
        tell(message, facts(), code: SecretFilter.recordable(error.label, caller, settings))
    }

    @inline(never)
    private func tell(_ message: StaticString, _ facts: StepFacts, code: String? = nil) {
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)",
            "at_ms": .stringConvertible(Int((NIODeadline.now() - exchange.started).nanoseconds / 1_000_000)),
        ]
        if let code { metadata["error_code"] = "\(code)" }
        for (name, fact) in facts {
            // Numbers stay numbers in JSON; what there is not is left out.
            let text = fact.description
            if !text.isEmpty { metadata[name] = fact is Int ? .stringConvertible(fact) : .string(text) }
        }
        core.logger.debug("\(message)", metadata: metadata)
    }

    /// Tells what became of the request in translation.
    func stepTranslated(_ facts: borrowing Facts, calls: Int) {
        guard settings.tellsSteps else { return }
        let adjustments = facts.adjustments.entries.map(\.name).joined(separator: " ")
        tell(
            "request translated",
            [
                "model": facts.model ?? "", "calls": calls, "streamed": facts.isStreamed, "adjustments": adjustments,
            ]
        )
    }

    /// Tells how the request ended.
    func stepEnded(_ facts: borrowing Facts) {
        guard settings.tellsSteps else { return }
        tell(
            "request ended",
            [
                "status": facts.status ?? exchange.status,
                "attempts": facts.calls.attempts,
                "events": facts.events,
                "error_code": facts.error?.label ?? "",
                "error_origin": facts.error?.origin.rawValue ?? "",
            ]
        )
    }
}
