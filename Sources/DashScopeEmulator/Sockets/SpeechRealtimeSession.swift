#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A session of events on a connection to `/api-ws/v1/realtime`, for one model that speaks.
struct SpeechRealtimeSession: SocketSession {
    private let request: OperationRequest
    private let configuration: EmulatorConfiguration
    private let profile: SpeechProfile?
    /// What the session was told; nil before it was.
    private var order: SpeechOrder?
    private var commits = false
    private var text = SpokenSentences()
    private var events = 0
    private var responses = 0
    private var isSilent = false

    init(_ request: OperationRequest, configuration: EmulatorConfiguration) {
        self.request = request
        self.configuration = configuration
        let profile = SpeechProfile.named(request.model)
        self.profile = profile?.path == .realtime ? profile : nil
    }

    var patience: Duration? { nil }
    func timedOut() -> [SocketStep] { [] }

    // MARK: - Events

    private mutating func event(_ type: String, _ members: JSON = [:]) -> SocketStep {
        events += 1
        var event: JSON = [
            "event_id": .string("event_\(request.context.requestID.prefix(8))\(events)"), "type": .string(type),
        ]
        for member in members.members ?? [] { event[member.name] = member.value }
        return .event(event)
    }

    private mutating func error(_ refusal: Refusal, param: String? = nil) -> SocketStep {
        var error: JSON = [
            "type": .string(refusal.status < 500 ? "invalid_request_error" : "server_error"),
            "code": .string(refusal.code == "InvalidParameter" ? "invalid_value" : refusal.code),
            "message": .string(refusal.message),
        ]
        if let param { error["param"] = .string(param) }
        return event("error", ["error": error])
    }

    private var session: JSON {
        [
            "object": "realtime.session", "id": .string("sess_\(request.context.requestID)"),
            "model": .string(request.model), "mode": .string(commits ? "commit" : "server_commit"),
            "voice": order.map { .string($0.voice) } ?? nil,
            "response_format": .string((order?.format ?? profile?.usualFormat ?? .pcm).rawValue),
            "sample_rate": .int(order?.rate ?? profile?.usualRate ?? 24_000),
        ]
    }

    mutating func open() -> [SocketStep] {
        switch request.context.fault {
        case .silent:
            isSilent = true
            return []
        case .closesUnanswered, .html502, .empty500: return [.abort]
        case .notJSON: return [.text(Array("this is not JSON".utf8))]
        case .code200: return [.close(code: 1011, reason: "inference internal error")]
        default: break
        }
        guard profile != nil else { return [.close(code: 1007, reason: Refusal.unknownModel.message)] }
        let created = event("session.created", ["session": session])
        return request.context.fault == .closesAfterHead ? [created, .abort] : [created]
    }

    mutating func receive(_ message: SocketMessage) -> [SocketStep] {
        guard !isSilent, let profile else { return [] }
        guard case .text(let bytes) = message, let root = JSON(bytes: bytes), let type = root["type"]?.string else {
            return [error(.invalid("Invalid message: JSON with a type is expected."))]
        }
        do throws(Refusal) {
            switch type {
            case "session.update": return try update(root["session"], profile)
            case "input_text_buffer.append": return try append(root["text"], profile)
            case "input_text_buffer.commit": return try commit(profile)
            case "input_text_buffer.clear":
                text.clear()
                return [event("input_text_buffer.cleared")]
            case "session.finish": return finish(profile)
            case "response.cancel": throw .invalid("Nothing is being made that could be cancelled.")
            default: throw .invalid("Invalid value: '\(type)'. Supported values are those of the documentation.")
            }
        } catch {
            return [self.error(error)]
        }
    }

    private mutating func update(_ settings: JSON?, _ profile: SpeechProfile) throws(Refusal) -> [SocketStep] {
        guard let settings, let members = settings.members else { throw .missing("session") }
        if request.context.fault == .refusesFirstEvent { throw .invalid("Please ensure input text is valid.") }
        var input: JSON = [:]
        for member in members {
            switch member.name {
            case "voice", "sample_rate", "volume", "bit_rate": input[member.name] = member.value
            case "instructions":
                guard profile.takesInstructions else {
                    throw .invalid("session.instructions is not supported by this model")
                }
                input["instructions"] = member.value
            case "response_format": input["format"] = member.value
            case "speech_rate": input["rate"] = member.value
            case "pitch_rate": input["pitch"] = member.value
            case "mode":
                guard let mode = member.value.string, ["commit", "server_commit"].contains(mode) else {
                    throw .invalid("Invalid value of session.mode.")
                }
                commits = mode == "commit"
            case "language_type", "optimize_instructions", "enable_tn": break
            default: throw .invalid("Unknown parameter: 'session.\(member.name)'.")
            }
        }
        var request = request
        request.body = ["input": input]
        order = try SpeechOrder(settings: request, profile: profile)
        return [event("session.updated", ["session": session])]
    }

    private mutating func append(_ piece: JSON?, _ profile: SpeechProfile) throws(Refusal) -> [SocketStep] {
        guard order != nil else { throw .invalid("session.voice is required.") }
        guard let piece = piece?.string else { throw .missing("text") }
        text.append(piece)
        try SpeechOrder.check(text: text.text, profile)
        return commits ? [] : speak(text.take(all: false), profile)
    }

    private mutating func commit(_ profile: SpeechProfile) throws(Refusal) -> [SocketStep] {
        let sentences = text.take(all: true)
        guard sentences.joined().contains(where: { !$0.isWhitespace }) else {
            throw .invalid("The text buffer is empty.")
        }
        return speak([sentences.joined()], profile)
    }

    private mutating func finish(_ profile: SpeechProfile) -> [SocketStep] {
        let rest = order == nil ? "" : text.take(all: true).joined()
        let steps = rest.contains { !$0.isWhitespace } ? speak([rest], profile) : []
        guard !isSilent else { return steps }
        let end = SocketStep.close(code: 1000, reason: "")
        if request.context.fault == .endsEarly { return steps + [end] }
        return steps + [event("session.finished"), end]
    }

    // MARK: - Responses

    private mutating func speak(_ sentences: [String], _ profile: SpeechProfile) -> [SocketStep] {
        var steps: [SocketStep] = []
        for sentence in sentences where sentence.contains(where: { !$0.isWhitespace }) {
            guard !isSilent else { break }
            steps += say(sentence, profile)
        }
        return steps
    }

    /// One response: its sound is a file of its own.
    private mutating func say(_ sentence: String, _ profile: SpeechProfile) -> [SocketStep] {
        guard var order else { return [] }
        order.text = sentence
        responses += 1
        let (id, item) = ("resp_\(responses)", "item_\(responses)")
        let place: JSON = [
            "response_id": .string(id), "item_id": .string(item), "output_index": 0, "content_index": 0,
        ]
        func response(_ status: String) -> JSON {
            [
                "id": .string(id), "object": "realtime.response", "status": .string(status),
                "modalities": ["text", "audio"],
                "voice": .string(order.voice), "output": [],
            ]
        }
        var steps = [
            event("input_text_buffer.committed", ["item_id": .string(item)]),
            event("response.created", ["response": response("in_progress")]),
            event("response.output_item.added", place), event("response.content_part.added", place),
        ]
        let pieces = SoundFile.pieces(of: SoundFile(order).stream())
        for (index, piece) in pieces.enumerated() {
            if index == pieces.count / 2, let broken = breaks(steps) { return broken }
            if let delay = configuration.delay(of: request.context) { steps.append(.pause(delay)) }
            var delta = place
            delta["delta"] = .string(Data(piece).base64EncodedString())
            steps.append(event("response.audio.delta", delta))
        }
        var done = response("completed")
        done["usage"] = request.context.fault == .usageEmpty ? [:] : order.usage(profile)
        return steps + [
            event("response.audio.done", place), event("response.content_part.done", place),
            event("response.output_item.done", place), event("response.done", ["response": done]),
        ]
    }

    /// What a fault makes of a response in its middle.
    private mutating func breaks(_ steps: [SocketStep]) -> [SocketStep]? {
        switch request.context.fault {
        case .breaksMidStream:
            isSilent = true
            return steps + [.pause(configuration.eventDelay), .abort]
        case .silentMidStream:
            isSilent = true
            return steps
        case .moderatesMidStream:
            isSilent = true
            return steps + [error(.moderated), .close(code: 1011, reason: "")]
        default: return nil
        }
    }
}
