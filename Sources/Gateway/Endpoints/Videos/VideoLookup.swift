import APITranslation
import AdmissionControl
import HTTPServing
import JSONBytes
import NIOCore
import Storage
import Telemetry

/// Finds a video by its id: in the store where its task has ended, else by asking upstream.
///
/// What upstream does not tell, such as model and prompt, comes from the store; without one a caller's key is enough.
struct VideoLookup {
    let ticket: RequestTicket
    let caller: Caller
    /// With its prefix.
    let id: String

    /// Answers `use` with the video as it is now, or refuses the request.
    func find(_ use: @escaping (VideoObject) -> Void) {
        stored { known in
            guard let known, known.status.isFinal else { return ask(known, use) }
            use(known)
        }
    }

    /// Hands on what the store has of a video; refuses the request where the id can be none, or where the video is deleted.
    func stored(_ use: @escaping (VideoObject?) -> Void) {
        guard let task = VideoObject.task(of: id) else { return ticket.refuse(Self.notFound(id)) }
        ticket.note(task: task, at: 0)
        guard let store = ticket.core.store, let owner = ticket.callerID?.value else { return use(nil) }
        store.objects.get(id, owner: owner, on: ticket.loop.eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(nil): use(nil)
            case .success(let found?):
                // Only a deleted video cannot be read.
                guard let object = VideoObject(found.document, tape: ticket.loop.tape) else {
                    return ticket.refuse(Self.notFound(id))
                }
                use(object)
            case .failure(let error):
                // Upstream knows enough.
                store.report(error, doing: "get", request: ticket.requestID)
                use(nil)
            }
        }
    }

    /// Asks upstream, and keeps what it says.
    func ask(_ known: VideoObject?, _ use: @escaping (VideoObject) -> Void) {
        guard let task = VideoObject.task(of: id) else { return ticket.refuse(Self.notFound(id)) }
        guard ticket.exchange.isOpen else { return ticket.complete(RequestTicket.Facts()) }
        TaskInquiry.begin(.query, task: task, ticket: ticket, caller: caller) { result in
            let filter = SecretFilter(caller, ticket.settings)
            switch result {
            case .failure(let error): ticket.refuse(filter.clean(error))
            case .success(let body):
                guard let answer = read(body) else {
                    return ticket.refuse(ErrorTable.invalidResponse(requestID: nil))
                }
                guard !answer.isForeign else { return ticket.refuse(Self.noVideo(answer.task.id)) }
                if answer.task.status == .unknown, var error = answer.error {
                    error.param = "video_id"
                    return ticket.refuse(error)
                }
                var object = known ?? VideoObject(id: id, created: Timestamp.unixSeconds)
                object.take(answer, error: answer.error.map { filter.clean($0) })
                keep(object, before: known)
                use(object)
            }
        }
    }

    private func read(_ body: ByteBuffer) -> VideoTask? {
        body.withUnsafeReadableBytes { bytes in (try? ticket.loop.tape.parse(bytes)).flatMap { VideoTask($0) } }
    }

    // MARK: - Keeping

    /// Keeps what has changed: a finished video keeps its link and its end when upstream has forgotten them.
    private func keep(_ object: VideoObject, before known: VideoObject?) {
        guard let store = ticket.core.store, let owner = ticket.callerID?.value, object.status != known?.status,
            known != nil || object.status.isFinal
        else { return }
        let stored = Self.stored(object, owner: owner)
        let eventLoop = ticket.loop.eventLoop
        let kept: EventLoopFuture<Void>
        if known == nil {
            kept = store.objects.put(stored, provesOwner: true, on: eventLoop)
        } else {
            kept = store.objects.update(id, owner: owner, on: eventLoop) { before in
                // It may have been deleted meanwhile.
                if before.document != VideoObject.deleted { before.document = stored.document }
            }.map { _ in }
        }
        let request = ticket.requestID
        kept.whenFailure { store.report($0, doing: "put", request: request) }
    }

    private static func stored(_ object: VideoObject, owner: UInt64) -> StoredObject {
        var document = ByteBuffer()
        object.write(into: &document, stored: true)
        return StoredObject(id: object.id, owner: owner, document: document, listed: object.created * 1000)
    }

    private static func noVideo(_ task: String) -> APIError {
        var error = APIError.otherTask(task, param: "video_id")
        error.status = 404
        error.code = "not_found"
        return error
    }

    static func notFound(_ id: String) -> APIError {
        APIError(
            status: 404,
            message: "Video with id '\(id.prefix(64))' not found.",
            type: "invalid_request_error",
            code: "not_found",
            param: "video_id"
        )
    }

    /// The link to a video that has ended well and can still be fetched.
    ///
    /// - Throws: A 404 that says why there is none.
    static func link(of object: VideoObject, now: Int) throws(APIError) -> String {
        guard object.status == .completed, let link = object.link else {
            throw APIError(
                status: 404,
                message: object.status == .failed
                    ? "The video could not be made, so there is nothing to fetch; GET /v1/videos/\(object.id) says why."
                    : "The video is not completed yet; GET /v1/videos/\(object.id) says when it is.",
                type: "invalid_request_error",
                code: "video_not_ready",
                param: "video_id"
            )
        }
        if let expires = object.expires, expires <= now {
            throw expired
        }
        return link
    }

    static let expired = APIError(
        status: 404,
        message: "The link to the video has expired: DashScope keeps files for 24 hours.",
        type: "invalid_request_error",
        code: "expired",
        param: "video_id"
    )
}
