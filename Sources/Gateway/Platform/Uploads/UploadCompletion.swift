import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import WireFormats

/// `POST /v1/uploads/{id}/complete`: passes the parts on to DashScope's files as one file, read from disk.
final class UploadCompletion: RunningRequest {
    private let ticket: RequestTicket
    private let caller: Caller
    private let completion: UploadSessions.Completion
    private let md5: [UInt8]?
    private let adjustments: AdjustmentList
    private var reader: SpoolReader?
    private var form: FileForm?
    /// The disk works for this request.
    private var isBusy = false
    private var isUpstreamWritable = false
    private var isFileComplete = false
    private var isOver = false
    var place: Int?

    private var uploads: UploadSessions { ticket.core.uploads }
    private var eventLoop: any EventLoop { ticket.loop.eventLoop }

    private init(
        _ ticket: RequestTicket,
        _ caller: Caller,
        _ completion: UploadSessions.Completion,
        md5: [UInt8]?
    ) {
        self.ticket = ticket
        self.caller = caller
        self.completion = completion
        self.md5 = md5
        adjustments = AdjustmentList()
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller) {
        let filter = SecretFilter(caller, ticket.settings)
        do throws(APIError) {
            let key = try UploadEndpoints.key(of: ticket)
            BodyReader.begin(ticket) { body in
                do throws(APIError) {
                    let configuration = ticket.settings.configuration
                    let request = try ticket.loop.translating(body, for: ticket.exchange) { (tape) throws(APIError) in
                        try UploadCompletionRequest(
                            body,
                            tape: tape,
                            options: TranslationOptions(configuration),
                            maximumParts: configuration.uploads.maximumParts
                        )
                    }
                    let completion = try ticket.core.uploads.beginCompletion(
                        of: ticket.parameters[0],
                        key: key,
                        request
                    )
                    let relay = UploadCompletion(ticket, caller, completion, md5: request.md5)
                    ticket.exchange.delegate = relay
                    ticket.loop.add(relay)
                    ticket.beginTrace(operation: DashScopeOperation.files.rawValue, model: "", isStreamed: false)
                    relay.open()
                } catch {
                    ticket.refuse(filter.clean(error))
                }
            }
        } catch {
            ticket.refuse(filter.clean(error))
        }
    }

    // MARK: - Reading

    private func open() {
        let made = uploads.spool.reader(of: completion.files, bytes: completion.object.bytes, on: eventLoop)
        run(made) { [self] reader in
            self.reader = reader
            if md5 == nil { send(reader) } else { compare(reader) }
        }
    }

    /// Reads all parts once before upstream gets any of them.
    private func compare(_ reader: SpoolReader) {
        run(uploads.spool.digest(reader, on: eventLoop)) { [self] digest in
            guard let digest else { return compare(reader) }
            guard digest == md5 else { return refuse(.otherChecksum) }
            reader.rewind()
            send(reader)
        }
    }

    private func send(_ reader: SpoolReader) {
        let request = completion.request
        // Some clients send the end of a file's name in its place.
        let type = HeaderParameters(request.mimeType).value
        let file = MultipartPart(
            name: "file",
            filename: request.filename,
            contentType: type.contains("/") ? type : nil
        )
        let form = FileForm(file, purpose: request.purpose, ticket: ticket, caller: caller, owner: self)
        self.form = form
        form.start(.upload(purpose: request.word))
    }

    private func feed() {
        guard !isOver, !isBusy, isUpstreamWritable, !isFileComplete, let reader else { return }
        run(uploads.spool.next(reader, on: eventLoop)) { [self] piece in
            guard let piece else {
                isFileComplete = true
                form?.finish(purpose: nil)
                return
            }
            form?.write(piece)
            feed()
        }
    }

    /// Waits for the disk.
    private func run<Value: Sendable>(_ work: EventLoopFuture<Value>, _ use: @escaping (Value) -> Void) {
        isBusy = true
        work.assumeIsolated().whenComplete { [self] result in
            isBusy = false
            switch result {
            case .success(let value): if !isOver { use(value) }
            case .failure(let error): if !isOver { refuse(uploads.refusal(error, request: ticket.requestID)) }
            }
        }
    }

    // MARK: - Ending

    private func facts(_ filter: SecretFilter) -> RequestTicket.Facts {
        form.map { RequestTicket.Facts(of: $0.runner, filter) } ?? RequestTicket.Facts()
    }

    private func refuse(_ error: APIError, detail: String? = nil) {
        guard leave(error.label) else { return }
        uploads.reopen(completion.object.id)
        let filter = SecretFilter(caller, ticket.settings)
        var facts = facts(filter)
        facts.detail = detail.map { filter.clean($0) }
        ticket.refuse(filter.clean(error), facts: facts)
    }

    /// Nothing more is done here; false where that was so before.
    private func leave(_ reason: String) -> Bool {
        guard !isOver else { return false }
        isOver = true
        form?.cancel(reason)
        // Its file is closed when no call of the disk has it any more.
        reader = nil
        ticket.loop.remove(self)
        return true
    }

    func tick(now: NIODeadline) { form?.tick(now: now) }

    func endForShutdown() { refuse(.shuttingDown) }
}

extension UploadCompletion: FileFormOwner {
    func formTakesBytes(_ isWritable: Bool) {
        isUpstreamWritable = isWritable
        feed()
    }

    func formEnded() {
        guard !isOver, let runner = form?.runner else { return }
        let request = PlatformRequest.upload(purpose: completion.request.word)
        var file = ByteBuffer()
        let isRead = runner.collected.withUnsafeReadableBytes { bytes in
            (try? ticket.loop.tape.parse(bytes)).map { request.write($0, into: &file) } ?? false
        }
        guard isRead else { return refuse(ErrorTable.invalidResponse(requestID: runner.requestID)) }
        guard leave("") else { return }
        uploads.complete(completion.object.id, on: eventLoop)
        var body = ByteBuffer()
        completion.object.write(.completed, file: file, into: &body)
        ticket.answer(body, of: runner, adjustments, SecretFilter(caller, ticket.settings))
    }

    func formFailed(_ error: APIError, detail: String?) { refuse(error, detail: detail) }
}

extension UploadCompletion: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {}

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) { refuse(APIError(reason)) }

    func clientLeft(_ exchange: HTTPExchange) {
        guard leave("client_left") else { return }
        uploads.reopen(completion.object.id)
        var facts = facts(SecretFilter(caller, ticket.settings))
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}

extension APIError {
    fileprivate static let otherChecksum = APIError.invalidRequest(
        "Invalid value for 'md5': the parts have another checksum when they are put together in this order.",
        param: "md5",
        code: "invalid_value"
    )
}
