import JSONBytes
import NIOCore

/// Makes the answer to a request for a video of what upstream says of its task.
final class VideosReply: SplitReply {
    private let facts: VideoFacts
    private let created: Int
    private let turn: VideosTurn

    private let names: MemberNames

    init(facts: VideoFacts, created: Int, turn: VideosTurn, names: MemberNames) {
        self.names = names
        self.facts = facts
        self.created = created
        self.turn = turn
    }

    func makePart(_ index: Int) -> any ReplyTranslating {
        VideoSubmission(facts: facts, created: created, turn: turn)
    }

    func place(ofPart index: Int) -> String { "video" }

    func member(of error: APIError) -> String? { names.member(of: error) }

    // The answer is the object alone.
    func begin(requestID: String, into output: inout ByteBuffer) {}
    func end(requestID: String, into output: inout ByteBuffer) {}
}

/// Reads the answer to the call that makes a task, or to a query for one that is there.
final class VideoSubmission: ReplyTranslating {
    private let asked: VideoFacts
    private let created: Int
    private let turn: VideosTurn
    private var task: VideoTask?
    private(set) var facts = ReplyFacts()

    init(facts: VideoFacts, created: Int, turn: VideosTurn) {
        asked = facts
        self.created = created
        self.turn = turn
    }

    /// This API has no streams.
    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        guard !data.isEmpty else { return .progress }
        return receive(whole: data, tape: tape, into: &output)
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        guard let root = try? tape.parse(body), root.kind == .object else {
            return .refused(ErrorTable.invalidResponse(requestID: nil))
        }
        let refusal = UpstreamRefusal(root)
        facts.requestID = refusal.requestID
        guard refusal.code.isEmpty, !refusal.hasErrorObject else {
            return .refused(
                ErrorTable.map(
                    status: nil,
                    code: refusal.code,
                    message: refusal.message,
                    requestID: refusal.requestID
                )
            )
        }
        guard let task = VideoTask(root), !task.isForeign else {
            return .refused(ErrorTable.invalidResponse(requestID: refusal.requestID))
        }
        self.task = task
        return .complete
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        guard let task else { return ErrorTable.invalidResponse(requestID: facts.requestID) }
        var object = VideoObject(id: VideoObject.prefix + task.task.id, facts: asked, created: created)
        object.take(task, error: task.error.map { turn.clean($0) })
        var document = ByteBuffer()
        object.write(into: &document, stored: true)
        turn.made?(object.id, document)
        switch turn.form {
        case .openAI: object.write(into: &output)
        case .newAPI: object.writeNewAPI(into: &output)
        }
        return nil
    }

    // The client reads a whole answer.
    func fail(_ error: APIError, into output: inout ByteBuffer) {}
    func keepAlive(into output: inout ByteBuffer) {}
}
