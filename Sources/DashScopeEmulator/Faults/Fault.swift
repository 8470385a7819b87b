/// Trouble that a caller asks for by the name of the model.
///
/// The name may stand alone (`emulator-throttled`) or behind a real model's (`qwen-plus-emulator-throttled`,
/// `qwen3-vl-plus-emulator-slow-50`); what stands before it says how the rest of the emulator behaves. The list with
/// its meaning is in `docs/emulator.md`; refusals are in `FaultRefusal`, what streams suffer in `StreamFault`.
enum Fault: Equatable, Sendable {
    /// Refused before anything else, as ``refusal`` says.
    case refused(Refusal)
    /// 429 with a `retry-after` header of so many seconds.
    case retryAfter(Int)
    case moderatesMidStream
    case code200
    case refusesFirstEvent
    case refusesSSE400
    case breaksMidStream
    case endsEarly
    case slow(milliseconds: Int?)
    case silent
    case silentMidStream
    case html502
    case empty500
    case wrongPath
    case noBlankLines
    case crlf
    case comments
    case splitUTF8
    case megabyteEvent
    case dataInTwoLines
    case usageEmpty
    case cumulative
    case cumulativeTools
    case repeatsToolIDs
    case toolsFinishStop
    /// The answer begins with the hash of the key that came with the request.
    case namesKey
    case fast(events: Int)
    /// The limit falls inside the arguments of a tool call.
    case lengthInCall
    /// Arguments of tool calls are cut so that a piece begins like all before it.
    case recursiveArguments
    /// The fragments of several tool calls take turns.
    case interleavedCalls
    /// After half of the text the model thinks once more.
    case thinksTwice
    /// Everything was sent, but the connection stays open, for a time or until the peer leaves.
    case lingers(milliseconds: Int?)
    /// The same without usage in the last event.
    case lingersWithoutUsage
    /// The usage comes in an event of its own behind the last choice; then the connection stays open.
    case lateUsage
    /// Events that bring nothing stand between the others.
    case nullOutput
    /// The text holds half of a surrogate pair, as an escape.
    case loneSurrogate
    case notJSON
    case noContentType
    /// The connection is closed instead of an answer.
    case closesUnanswered
    /// The connection is closed behind the head.
    case closesAfterHead
    /// Audio stands behind a link only, although a stream was asked for.
    case linkOnly
    /// A task, or what it has made.
    case task(TaskFault)
    /// A temporary upload.
    case upload(UploadFault)
    /// A batch.
    case batch(BatchFault)
    /// Another fault for the first requests with the same body, then a good answer.
    indirect case first(count: Int, Fault)
}

extension Fault {
    private static let plain: [String: Fault] = [
        "moderates-mid-stream": .moderatesMidStream,
        "200-code": .code200,
        "refuses-first-event": .refusesFirstEvent,
        "refuses-sse-400": .refusesSSE400,
        "breaks-mid-stream": .breaksMidStream,
        "ends-early": .endsEarly,
        "slow": .slow(milliseconds: nil),
        "silent": .silent,
        "silent-mid-stream": .silentMidStream,
        "html-502": .html502,
        "empty-500": .empty500,
        "wrong-path": .wrongPath,
        "no-blank-lines": .noBlankLines,
        "crlf": .crlf,
        "comments": .comments,
        "split-utf8": .splitUTF8,
        "megabyte-event": .megabyteEvent,
        "data-in-two-lines": .dataInTwoLines,
        "usage-empty": .usageEmpty,
        "cumulative": .cumulative,
        "cumulative-tools": .cumulativeTools,
        "repeats-tool-ids": .repeatsToolIDs,
        "tools-finish-stop": .toolsFinishStop,
        "names-key": .namesKey,
        "not-json": .notJSON,
        "no-content-type": .noContentType,
        "length-in-call": .lengthInCall,
        "recursive-arguments": .recursiveArguments,
        "interleaved-calls": .interleavedCalls,
        "second-thought": .thinksTwice,
        "lingers": .lingers(milliseconds: nil),
        "lingers-without-usage": .lingersWithoutUsage,
        "late-usage": .lateUsage,
        "null-output": .nullOutput,
        "lone-surrogate": .loneSurrogate,
        "closes-unanswered": .closesUnanswered,
        "closes-after-head": .closesAfterHead,
        "link-only": .linkOnly,
    ]

    /// Divides a model's name into the real model's and the fault; nil where no fault is named.
    static func parse(_ model: String) -> (base: String, fault: Fault)? {
        let mark = "emulator-"
        guard let range = model.lowercased().firstRange(of: mark) else { return nil }
        // Lower-casing keeps the length of ASCII; other names cannot be divided.
        guard model.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let start = model.lowercased().distance(from: model.lowercased().startIndex, to: range.lowerBound)
        var base = String(model.prefix(start))
        while let last = base.last, "-/_:.".contains(last) { base.removeLast() }
        let name = String(model.dropFirst(start + mark.count))
        guard let fault = named(name) else { return nil }
        return (base, fault)
    }

    private static func named(_ name: String) -> Fault? {
        let lower = name.lowercased()
        if let fault = plain[lower] { return fault }
        if let refusal = FaultRefusal.named(lower) { return .refused(refusal) }
        if let count = suffix("slow-", of: lower) { return .slow(milliseconds: min(count, 600_000)) }
        if let count = suffix("fast-", of: lower) { return .fast(events: min(count, 1_000_000)) }
        if let count = suffix("lingers-", of: lower) { return .lingers(milliseconds: min(count, 600_000)) }
        if let count = suffix("retry-after-", of: lower) { return .retryAfter(count) }
        if let fault = TaskFault.named(name) { return .task(fault) }
        if let fault = UploadFault.named(lower) { return .upload(fault) }
        if let fault = BatchFault.named(lower) { return .batch(fault) }
        if lower.hasPrefix("first-") {
            // `first-2-throttled`: what follows the number is the name of any other fault.
            let parts = name.dropFirst(6).split(separator: "-", maxSplits: 1)
            guard parts.count == 2, let count = Int(parts[0]), (1...1000).contains(count),
                !parts[1].lowercased().hasPrefix("first-"), let fault = named(String(parts[1]))
            else { return nil }
            return .first(count: count, fault)
        }
        if lower.hasPrefix("code-") {
            // `code-429-Throttling.BurstRate`: the code keeps its case.
            let parts = name.dropFirst(5).split(separator: "-", maxSplits: 1)
            guard parts.count == 2, let status = Int(parts[0]), (200...599).contains(status) else { return nil }
            return .refused(FaultRefusal.catalogued(status: status, code: String(parts[1])))
        }
        return nil
    }

    private static func suffix(_ prefix: String, of name: String) -> Int? {
        guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)), number >= 0 else { return nil }
        return number
    }
}
