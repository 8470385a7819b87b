import HTTPServing
import NIOCore
import NIOHTTP1

/// Tasks of speech synthesis on one connection to `/api-ws/v1/inference`, one after the other.
struct SpeechTaskSession: SocketSession {
    /// A task that has begun.
    private struct Speech: Sendable {
        var id: String
        var order: SpeechOrder
        var profile: SpeechProfile
        var context: ReplyContext
        var text = SpokenSentences()
        /// Of the sound, in bytes.
        var sent = 0
        /// Sentences so far.
        var sentences = 0
        /// Pieces of text so far.
        var pieces = 0
        var hasMarkup: Bool
    }

    private enum State: Sendable {
        case idle
        case running(Speech)
        /// Nothing is answered any more.
        case silent
    }

    private static let longestPiece = 20_000
    private static let longestWhole = 200_000

    private let configuration: EmulatorConfiguration
    private let journal: RequestJournal
    private var state = State.idle

    init(configuration: EmulatorConfiguration, journal: RequestJournal) {
        self.configuration = configuration
        self.journal = journal
    }

    func open() -> [SocketStep] { [] }

    var patience: Duration? {
        if case .running(let speech) = state, !speech.profile.isVoice { return configuration.textPatience }
        return nil
    }

    mutating func timedOut() -> [SocketStep] {
        guard case .running(let speech) = state else { return [] }
        let seconds = configuration.textPatience.components.seconds
        return fail(speech.id, .invalid("request timeout after \(seconds) seconds."))
    }

    // MARK: - Instructions

    mutating func receive(_ message: SocketMessage) -> [SocketStep] {
        if case .silent = state { return [] }
        var id = ""
        do throws(Refusal) {
            guard case .text(let bytes) = message else { throw .protocolBroken("binary frames are for recognition") }
            guard let root = JSON(bytes: bytes), let header = root["header"], header.members != nil else {
                throw .missing("header")
            }
            guard let name = header["task_id"]?.string, Self.isID(name) else { throw .missing("header.task_id") }
            id = name
            guard let action = header["action"]?.string else { throw .missing("header.action") }
            guard let payload = root["payload"], payload.members != nil else { throw .missing("payload") }
            guard let input = payload["input"], input.members != nil else { throw .missing("payload.input") }
            switch action {
            case "run-task": return try run(id, header, payload)
            case "continue-task": return try goOn(id, input)
            case "finish-task": return try finish(id, input)
            default: throw .protocolBroken("the action '\(action)' is not known")
            }
        } catch {
            return fail(id, error)
        }
    }

    /// A UUID with its hyphens or without.
    private static func isID(_ text: String) -> Bool {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        return digits.count == 32 && digits.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
            && (text.utf8.count == 32 || text.utf8.count == 36)
    }

    private mutating func run(_ id: String, _ header: JSON, _ payload: JSON) throws(Refusal) -> [SocketStep] {
        guard case .idle = state else { throw .protocolBroken("a task is running already") }
        guard payload["task"]?.string != nil else { throw .invalid("task can not be null") }
        guard payload["task_group"]?.string == "audio", payload["task"]?.string == "tts",
            payload["function"]?.string == "SpeechSynthesizer"
        else { throw .invalid("task_group, task or function is not supported") }
        guard let name = payload["model"]?.string, !name.isEmpty else { throw .noModel }
        let request = Self.request(payload, name: name, id: id, journal)
        if let steps = early(id, request.context) { return steps }
        guard let profile = SpeechProfile.named(request.model) else { throw .unknownModel }
        guard profile.hasTasks else { throw .wrongPath }
        guard header["streaming"]?.string == (profile.isVoice ? "out" : "duplex") else {
            throw .protocolBroken("the streaming mode is not supported by this model")
        }
        var speech = Speech(
            id: id,
            order: try SpeechOrder(settings: request, profile: profile),
            profile: profile,
            context: request.context,
            hasMarkup: request.input["enable_ssml"]?.bool == true
        )
        let started = Self.event("task-started", id, payload: [:])
        switch request.context.fault {
        case .closesAfterHead: return [started, .abort]
        case .refusesFirstEvent: return [started] + fail(id, .invalid("Please ensure input text is valid."))
        default: break
        }
        state = .running(speech)
        guard profile.isVoice else { return [started] }
        guard let text = payload["input"]?["text"]?.string else { throw .missing("payload.input.text") }
        try SpeechOrder.check(text: text, profile)
        speech.text.append(text)
        return [started] + speak(&speech, all: true)
    }

    private mutating func goOn(_ id: String, _ input: JSON) throws(Refusal) -> [SocketStep] {
        var speech = try running(id)
        guard !speech.profile.isVoice else { throw .protocolBroken("the text comes with run-task") }
        if let text = input["text"] {
            guard let text = text.string else { throw .invalid("Please ensure input text is valid.") }
            speech.pieces += 1
            guard !speech.hasMarkup || speech.pieces == 1 else {
                throw .invalid("Text request limit violated, expected 1.")
            }
            speech.text.append(text)
            let whole = SpeechOrder.length(of: speech.text.text)
            guard SpeechOrder.length(of: text) <= Self.longestPiece, whole <= Self.longestWhole else {
                throw .algorithm("Range of input length should be [0, \(Self.longestPiece)]")
            }
        } else if input["flush"]?.bool != true {
            throw .missing("payload.input.text")
        }
        return speak(&speech, all: input["flush"]?.bool == true)
    }

    private mutating func finish(_ id: String, _ input: JSON) throws(Refusal) -> [SocketStep] {
        var speech = try running(id)
        guard !speech.profile.isVoice else { throw .protocolBroken("the text comes with run-task") }
        if input["directive"]?.string == "cancel" {
            state = .idle
            return [
                Self.event(
                    "task-finished",
                    id,
                    payload: ["output": ["sentence": ["words": []]], "usage": usage(speech)]
                )
            ]
        }
        guard speech.text.text.contains(where: { !$0.isWhitespace }) else {
            throw .invalid("Please ensure input text is valid.")
        }
        return speak(&speech, all: true, isLast: true)
    }

    private func running(_ id: String) throws(Refusal) -> Speech {
        guard case .running(let speech) = state else { throw .protocolBroken("no task is running") }
        guard speech.id == id else { throw .protocolBroken("another task is running") }
        return speech
    }

    // MARK: - Events

    static func request(_ payload: JSON, name: String, id: String, _ journal: RequestJournal) -> OperationRequest {
        var input = payload["parameters"] ?? [:]
        // The SDK's words for what the service chooses.
        if input["format"]?.string == "Default" { input["format"] = nil }
        if input["sample_rate"]?.int == 0 { input["sample_rate"] = nil }
        let http = HTTPRequest(method: "GET", target: "", headers: [:], body: ByteBuffer(bytes: payload.bytes))
        var request = OperationRequest(
            http,
            body: ["input": input],
            name: name,
            requestID: id,
            journal: journal
        )
        request.context.streams = true
        return request
    }

    private static func event(_ name: String, _ id: String, payload: JSON) -> SocketStep {
        .event([
            "header": ["task_id": .string(id), "event": .string(name), "attributes": [:]], "payload": payload,
        ])
    }

    /// The service closes behind a task that has failed.
    private mutating func fail(_ id: String, _ refusal: Refusal) -> [SocketStep] {
        state = .silent
        let header: JSON = [
            "task_id": .string(id), "event": "task-failed", "error_code": .string(refusal.code),
            "error_message": .string(refusal.message), "attributes": [:],
        ]
        return [.event(["header": header, "payload": [:]]), .close(code: 1000, reason: "")]
    }

    /// What a fault sends in the place of everything.
    private mutating func early(_ id: String, _ context: ReplyContext) -> [SocketStep]? {
        switch context.fault {
        case .refused(let refusal): return fail(id, refusal)
        case .retryAfter: return fail(id, FaultRefusal.catalogued(status: 429, code: "Throttling.RateQuota"))
        case .code200: return fail(id, FaultRefusal.catalogued(status: 200, code: "InternalError.Algo"))
        case .silent:
            state = .silent
            return []
        case .closesUnanswered, .html502, .empty500: return [.abort]
        case .notJSON: return [.text(Array("this is not JSON".utf8))]
        default: return nil
        }
    }

    private func usage(_ speech: Speech) -> JSON {
        var order = speech.order
        order.text = speech.text.spoken
        return speech.context.fault == .usageEmpty ? [:] : order.usage(speech.profile)
    }

    /// Speaks the sentences that are there: their sounds are pieces of one file.
    private mutating func speak(_ speech: inout Speech, all: Bool, isLast: Bool = false) -> [SocketStep] {
        var steps: [SocketStep] = []
        let isLast = isLast || speech.profile.isVoice
        while let sentence = speech.text.next(all: all) { steps += say(sentence, &speech) }
        if isLast {
            // The pages of Ogg say which is the last: nothing leaves before that is known.
            if speech.order.format == .opus { steps += sounds(&speech) }
            let output: JSON = speech.profile.isVoice ? nil : ["sentence": ["words": []]]
            steps.append(Self.event("task-finished", speech.id, payload: ["output": output, "usage": usage(speech)]))
        }
        state = isLast ? .idle : .running(speech)
        return hurt(steps, speech, isLast: isLast)
    }

    private func say(_ sentence: String, _ speech: inout Speech) -> [SocketStep] {
        let index = speech.sentences
        speech.sentences += 1
        func event(_ output: JSON, hasUsage: Bool = false) -> SocketStep {
            var payload: JSON = ["output": output]
            if hasUsage { payload["usage"] = usage(speech) }
            return Self.event("result-generated", speech.id, payload: payload)
        }
        if speech.profile.isVoice {
            let seconds = Double(sentence.count) * 100 / speech.order.speed
            let times: JSON = [
                "begin_time": .int(index * 1_000), "end_time": .int(index * 1_000 + Int(seconds)), "words": [],
            ]
            return [event(["sentence": times])] + (speech.order.format == .opus ? [] : sounds(&speech))
        }
        // The first model tells nothing of its sentences.
        let isOld = speech.profile.path == .task
        func sentenceEvent(_ type: String) -> JSON {
            isOld
                ? ["sentence": ["words": []]]
                : ["type": .string(type), "sentence": ["index": .int(index), "words": []]]
        }
        var steps: [SocketStep] = isOld ? [] : [event(sentenceEvent("sentence-begin"))]
        for piece in speech.order.format == .opus ? [] : sounds(&speech) {
            steps += [event(sentenceEvent("sentence-synthesis")), piece]
        }
        guard !isOld else { return steps }
        var end = sentenceEvent("sentence-end")
        end["original_text"] = .string(sentence)
        return steps + [event(end, hasUsage: true)]
    }

    /// What of the sound of all that was spoken has not been sent.
    private func sounds(_ speech: inout Speech) -> [SocketStep] {
        var order = speech.order
        order.text = speech.text.spoken
        let bytes = SoundFile(order).stream(after: speech.sent)
        speech.sent += bytes.count
        return SoundFile.pieces(of: bytes).map(SocketStep.binary)
    }

    // MARK: - Trouble

    /// The steps with the trouble that was asked for.
    private mutating func hurt(_ steps: [SocketStep], _ speech: Speech, isLast: Bool) -> [SocketStep] {
        let sounds = steps.indices.filter { if case .binary = steps[$0] { true } else { false } }
        if isLast, speech.context.fault == .endsEarly { return steps.dropLast() + [.close(code: 1000, reason: "")] }
        guard !sounds.isEmpty, let fault = speech.context.fault else { return delayed(steps, speech) }
        let half = delayed(Array(steps[..<sounds[sounds.count / 2]]), speech)
        switch fault {
        case .breaksMidStream: return half + [.pause(configuration.eventDelay), .abort]
        case .silentMidStream:
            state = .silent
            return half
        case .moderatesMidStream: return half + fail(speech.id, .moderated)
        default: return delayed(steps, speech)
        }
    }

    private func delayed(_ steps: [SocketStep], _ speech: Speech) -> [SocketStep] {
        guard let delay = configuration.delay(of: speech.context) else { return steps }
        return steps.flatMap { step -> [SocketStep] in
            if case .binary = step { [.pause(delay), step] } else { [step] }
        }
    }
}

extension EmulatorConfiguration {
    /// The time before each piece of sound; nil where there is none.
    func delay(of context: ReplyContext) -> Duration? {
        let delay = if case .slow = context.fault { context.slowDelay(self) } else { eventDelay }
        return delay > .zero ? delay : nil
    }
}

extension Refusal {
    static let moderated = Refusal(
        status: 400,
        code: "DataInspectionFailed",
        message: "Output data may contain inappropriate content."
    )

    static func missing(_ name: String) -> Refusal {
        .invalid("Missing required parameter '\(name)'! Please follow the protocol!")
    }

    static func protocolBroken(_ reason: String) -> Refusal {
        .invalid("Invalid message: \(reason). Please follow the protocol!")
    }
}
