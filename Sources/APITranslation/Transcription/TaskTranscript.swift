import ByteWriting
import JSONBytes
import NIOCore

/// Reads the result of a task, then the document it names.
final class TaskTranscript: LinkedReply, TaskFailureReading, FollowedReply {
    private let context: TranscriptContext
    private var link: String?
    private var transcript: Transcript?
    private var usage = TranscriptUsage()
    private var error: APIError?
    private(set) var facts = ReplyFacts()

    init(context: TranscriptContext) { self.context = context }

    // A task has no events.
    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        data.isEmpty ? .progress : receive(whole: data, tape: tape, into: &output)
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        guard let root = try? tape.parse(body), root.kind == .object else {
            return .refused(ErrorTable.invalidResponse(requestID: nil))
        }
        let refusal = UpstreamRefusal(root)
        facts.requestID = refusal.requestID
        guard refusal.code.isEmpty, let native = root["output"], native.kind == .object else {
            guard !refusal.code.isEmpty || !refusal.message.isEmpty else {
                return .refused(ErrorTable.invalidResponse(requestID: refusal.requestID))
            }
            return .refused(Self.failure(refusal, facts.requestID))
        }
        usage = TranscriptUsage(root["usage"])
        facts.usage = usage.tokens
        if Self.saysNothing(UpstreamRefusal(native).code) {
            transcript = Transcript()
            return .complete
        }
        let results = native["results"] ?? native["result"]
        let result = results?.kind == .array ? results?.elements.first(where: { _ in true }) : results
        guard let result, result.kind == .object else {
            return .refused(ErrorTable.invalidResponse(requestID: facts.requestID))
        }
        let part = UpstreamRefusal(result)
        if Self.saysNothing(part.code) {
            transcript = Transcript()
        } else if let url = result["transcription_url"]?.string, !url.isEmpty {
            link = url
        } else if !part.code.isEmpty || !part.message.isEmpty {
            return .refused(Self.failure(part, facts.requestID))
        } else {
            return .refused(ErrorTable.invalidResponse(requestID: facts.requestID))
        }
        return .complete
    }

    private static func failure(_ refusal: UpstreamRefusal, _ requestID: String?) -> APIError {
        ErrorTable.map(
            status: nil,
            code: refusal.code,
            message: refusal.message,
            requestID: refusal.requestID ?? requestID
        )
    }

    /// Whether a code only says that nothing was spoken.
    private static func saysNothing(_ code: String) -> Bool { code == "SUCCESS_WITH_NO_VALID_FRAGMENT" }

    func reads(failure code: String) -> Bool { Self.saysNothing(code) }

    // MARK: - The document

    var links: [String] { transcript == nil ? link.map { [$0] } ?? [] : [] }

    func take(_ file: ByteBuffer, ofLink place: Int) {
        let tape = JSONTape()
        withExtendedLifetime(tape) {
            file.withUnsafeReadableBytes { bytes in
                guard let document = try? tape.parse(bytes) else { return }
                transcript = Transcript(document: document, cutsMarks: context.cutsMarks)
            }
        }
        if transcript == nil {
            var error = ErrorTable.invalidResponse(requestID: facts.requestID)
            // It was made and charged.
            error.shouldRetry = false
            self.error = error
        }
    }

    // MARK: - The end

    func finish(into output: inout ByteBuffer) -> APIError? {
        if let error { return error }
        guard transcript != nil else { return ErrorTable.incomplete(requestID: facts.requestID) }
        transcript?.usage = usage
        if let transcript, !TranscriptTranslation.isNeeded(for: transcript, context) {
            TranscriptWriter(context: context, transcript: transcript).write(into: &output)
        }
        return nil
    }

    func following() -> FollowingCall? {
        transcript.flatMap { TranscriptTranslation.call(for: $0, context) }
    }

    // What a client of a stream gets is written by the end.
    func fail(_ error: APIError, into output: inout ByteBuffer) { output.writeErrorEvent(error) }
    func keepAlive(into output: inout ByteBuffer) { output.writeKeepAlive() }
}
