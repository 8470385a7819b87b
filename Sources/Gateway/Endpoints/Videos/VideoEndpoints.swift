import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore
import Storage
import Telemetry

/// Requests for videos, and about those that are being made.
enum VideoEndpoints {
    /// `POST /v1/videos`, with JSON or a form: makes a task; its end is not waited for.
    static func create(_ ticket: RequestTicket, caller: Caller, form: VideosTurn.Form = .openAI) {
        FormRequest.begin(
            ticket,
            caller: caller,
            translator: ticket.settings.videosTranslator.with(turn(ticket, caller, form))
        )
    }

    /// What the translation of a request needs to know; the video is stored once its task is there.
    private static func turn(_ ticket: RequestTicket, _ caller: Caller, _ form: VideosTurn.Form) -> VideosTurn {
        var turn = VideosTurn()
        turn.form = form
        let filter = SecretFilter(caller, ticket.settings)
        turn.clean = { filter.clean($0) }
        guard let store = ticket.core.store, let owner = ticket.callerID?.value else { return turn }
        let (eventLoop, request) = (ticket.loop.eventLoop, ticket.requestID)
        turn.made = { id, object in
            let stored = StoredObject(id: id, owner: owner, document: object, listed: Timestamp.unixMilliseconds)
            store.objects.put(stored, provesOwner: true, on: eventLoop).whenFailure {
                store.report($0, doing: "put", request: request)
            }
        }
        return turn
    }

    /// `GET /v1/videos/{id}`, and `GET /v1/video/generations/{task_id}` in its form.
    static func get(_ ticket: RequestTicket, caller: Caller, form: VideosTurn.Form = .openAI) {
        var id = ticket.parameters[0]
        // Clients of new-api may know the task by upstream's name for it.
        if form == .newAPI, !id.hasPrefix(VideoObject.prefix) { id = VideoObject.prefix + id }
        VideoLookup(ticket: ticket, caller: caller, id: id).find { object in
            var body = ByteBuffer()
            switch form {
            case .openAI: object.write(into: &body)
            case .newAPI: object.writeNewAPI(into: &body)
            }
            ticket.send(body, room: 64) { lines in
                guard !object.status.isFinal else { return }
                lines.writeHeader("openai-poll-after-ms", String(pause(object, ticket)))
            }
            ticket.complete(RequestTicket.Facts())
        }
    }

    /// The milliseconds after which a client should ask again: more for a video that takes longer.
    private static func pause(_ object: VideoObject, _ ticket: RequestTicket) -> Int64 {
        let age = TimeAmount.seconds(Int64(max(0, Timestamp.unixSeconds - object.created)))
        let longest = ticket.settings.configuration.tasks.clientPoll
        return max(1, min(longest, .seconds(5) + .nanoseconds(age.nanoseconds / 2)).nanoseconds / 1_000_000)
    }

    /// `GET /v1/videos/{id}/content`: the file, from DashScope's storage, as it arrives.
    static func content(_ ticket: RequestTicket, caller: Caller) {
        if let variant = QueryItems(ticket.exchange.head.uri)["variant"], variant != "video" {
            return ticket.refuse(
                .invalidRequest(
                    "Unsupported value: 'variant'. DashScope makes no \(variant.prefix(64)); there is only video.",
                    param: "variant",
                    code: "unsupported_value"
                )
            )
        }
        VideoLookup(ticket: ticket, caller: caller, id: ticket.parameters[0]).find { object in
            guard ticket.exchange.isOpen else { return ticket.complete(RequestTicket.Facts()) }
            do throws(APIError) {
                LinkRelay.begin(
                    LinkRelay.File(
                        link: try VideoLookup.link(of: object, now: Timestamp.unixSeconds),
                        contentType: "video/mp4",
                        filename: "\(object.id).mp4",
                        gone: VideoLookup.expired
                    ),
                    for: ticket
                )
            } catch {
                ticket.refuse(error)
            }
        }
    }

    // MARK: - Lists

    /// `GET /v1/videos`: what the store has of the caller's videos, as they were seen last.
    static func list(_ ticket: RequestTicket) {
        do throws(APIError) {
            let page = try StoredResponseEndpoints.page(QueryItems(ticket.exchange.head.uri))
            guard let store = ticket.core.store?.objects, let owner = ticket.callerID?.value else {
                throw .invalidRequest(
                    "The operator keeps no videos; ask for each by its id.",
                    param: nil,
                    code: "store_disabled"
                )
            }
            let wanted = StoredPage(
                prefix: VideoObject.prefix,
                limit: page.limit,
                isAscending: page.isAscending,
                after: page.after
            )
            StoredResponseEndpoints.answer(ticket, store.list(wanted, owner: owner, on: ticket.loop.eventLoop)) {
                list in
                guard let list else {
                    var error = VideoLookup.notFound(page.after ?? "")
                    error.param = "after"
                    return ticket.refuse(error)
                }
                let now = Timestamp.unixSeconds
                let objects = list.objects.compactMap { VideoObject($0.document, tape: ticket.loop.tape) }
                var body = ByteBuffer()
                VideoObject.writePage(
                    objects.map { $0.isLost(now: now) ? $0.lost() : $0 },
                    hasMore: list.hasMore,
                    into: &body
                )
                ticket.respond(body)
            }
        } catch {
            ticket.refuse(error)
        }
    }

    // MARK: - Deleting

    /// `DELETE /v1/videos/{id}`: cancels a task that waits for its turn, and forgets the video.
    static func delete(_ ticket: RequestTicket, caller: Caller) {
        let lookup = VideoLookup(ticket: ticket, caller: caller, id: ticket.parameters[0])
        lookup.stored { known in
            if let known, known.status.isFinal || known.isLost(now: Timestamp.unixSeconds) {
                return forget(ticket, known.id)
            }
            lookup.ask(known) { object in
                guard object.status == .queued, let task = VideoObject.task(of: object.id) else {
                    return forget(ticket, object.id)
                }
                TaskInquiry.begin(.cancel, task: task, ticket: ticket, caller: caller) { result in
                    // It may have begun, or ended, meanwhile: then it cannot be stopped.
                    if case .failure(let error) = result, error.upstreamCode != "UnsupportedOperation" {
                        return ticket.refuse(SecretFilter(caller, ticket.settings).clean(error))
                    }
                    forget(ticket, object.id)
                }
            }
        }
    }

    /// Notes that the caller wants no more of a video: upstream has no way to delete it.
    private static func forget(_ ticket: RequestTicket, _ id: String) {
        let eventLoop = ticket.loop.eventLoop
        var noted = eventLoop.makeSucceededVoidFuture()
        if let store = ticket.core.store?.objects, let owner = ticket.callerID?.value {
            let object = StoredObject(id: id, owner: owner, document: VideoObject.deleted)
            noted = store.put(object, provesOwner: true, on: eventLoop)
        }
        StoredResponseEndpoints.answer(ticket, noted) {
            var body = ByteBuffer()
            body.append("{\"id\":")
            body.writeJSON(id)
            body.append(",\"object\":\"video.deleted\",\"deleted\":true}")
            ticket.respond(body)
        }
    }

    // MARK: - Making anew

    /// `POST /v1/videos/{id}/remix`, with JSON or a form: makes another video of one that is there.
    static func remix(_ ticket: RequestTicket, caller: Caller) {
        let lookup = VideoLookup(ticket: ticket, caller: caller, id: ticket.parameters[0])
        let translator = ticket.settings.videosTranslator.with(turn(ticket, caller, .openAI))
        FormRequest.begin(ticket, caller: caller, translator: translator) { body in
            // Is told when the client leaves meanwhile.
            BodyReader.begin(ticket) { _ in }
            lookup.find { object in
                guard ticket.exchange.isOpen else { return ticket.complete(RequestTicket.Facts()) }
                do throws(APIError) {
                    let link = try VideoLookup.link(of: object, now: Timestamp.unixSeconds)
                    var turn = turn(ticket, caller, .openAI)
                    turn.source = VideosTurn.Source(id: object.id, link: link, model: object.model)
                    FanOut.begin(ticket, caller: caller, translator: ticket.settings.videosTranslator.with(turn))
                    ticket.exchange.delegate?.bodyReceived(body, of: ticket.exchange)
                } catch {
                    ticket.refuse(error)
                }
            }
        }
    }
}
