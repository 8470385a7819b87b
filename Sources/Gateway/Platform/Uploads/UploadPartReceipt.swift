import APITranslation
import AdmissionControl
import HTTPServing
import NIOCore
import WireFormats

/// `POST /v1/uploads/{id}/parts`: writes one part to disk while it arrives.
///
/// While the disk is busy, the client's body is not read further than a bound.
final class UploadPartReceipt: RunningRequest {
    private enum Field {
        case none, data, other
    }

    /// Bytes that wait for the disk before the client has to.
    private static let mostWaitingBytes = 64 << 10

    private let ticket: RequestTicket
    private let caller: Caller
    private let wishes: RequestWishes
    private let exchange: HTTPExchange
    private let id: String
    private let key: UInt64
    /// That of the upload's bounds.
    private var address: ClientAddress?
    private let limits: GatewayConfiguration.Uploads
    private var parser: MultipartParser?
    private var field = Field.none
    private var fieldCount = 0
    private var hasData = false
    private var dataBytes = 0
    private var waiting = ByteBuffer()
    private var file: SpoolFile?
    /// Room on the disk that was taken.
    private var takenBytes = 0
    /// The disk works for this part.
    private var isBusy = false
    private var isBodyComplete = false
    private var isFormComplete = false
    private var isOver = false
    private var adjustments = AdjustmentList()
    var place: Int?

    private var uploads: UploadSessions { ticket.core.uploads }
    private var eventLoop: any EventLoop { ticket.loop.eventLoop }

    private init(_ ticket: RequestTicket, _ caller: Caller, _ wishes: RequestWishes, key: UInt64, boundary: String) {
        self.ticket = ticket
        self.caller = caller
        self.wishes = wishes
        self.key = key
        exchange = ticket.exchange
        id = ticket.parameters[0]
        limits = ticket.settings.configuration.uploads
        parser = MultipartParser(boundary: boundary)
    }

    /// Takes over an admitted request, whose body comes in pieces.
    static func begin(_ ticket: RequestTicket, caller: Caller) {
        do throws(APIError) {
            let key = try UploadEndpoints.key(of: ticket)
            let type = HeaderParameters(ticket.exchange.head.headers.first(name: "content-type") ?? "")
            guard type.value == "multipart/form-data" else { throw .noPartForm }
            guard let boundary = type["boundary"], (1...200).contains(boundary.utf8.count) else { throw .noBoundary }
            let receipt = UploadPartReceipt(
                ticket,
                caller,
                try RequestWishes(ticket),
                key: key,
                boundary: boundary
            )
            receipt.address = try receipt.uploads.beginPart(of: receipt.id, key: key, receipt.limits)
            ticket.exchange.delegate = receipt
            ticket.loop.add(receipt)
        } catch {
            ticket.refuse(SecretFilter(caller, ticket.settings).clean(error))
        }
    }

    // MARK: - Reading the form

    private func read() {
        guard !isOver else { return }
        do throws(APIError) {
            while !isFormComplete, let event = try nextEvent() { try take(event) }
            try write()
        } catch {
            refuse(error)
        }
    }

    private func nextEvent() throws(APIError) -> MultipartParser.Event? {
        do {
            return try parser?.next()
        } catch {
            throw APIError(error)
        }
    }

    private func take(_ event: MultipartParser.Event) throws(APIError) {
        switch event {
        case .part(let head): try beginField(head)
        case .data(let bytes):
            guard field == .data else { return }
            dataBytes += bytes.readableBytes
            guard dataBytes <= UploadRequest.largestPart else { throw .partTooLarge(limit: UploadRequest.largestPart) }
            if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeImmutableBuffer(bytes) }
        case .partEnd: field = .none
        case .end:
            isFormComplete = true
            guard hasData else { throw .missingField("data") }
            guard dataBytes > 0 else { throw .emptyFile("data") }
        }
    }

    private func beginField(_ head: MultipartPart) throws(APIError) {
        fieldCount += 1
        let limit = ticket.settings.configuration.server.maximumFormParts
        guard fieldCount <= limit else { throw .tooManyParts(limit: limit, at: head.field) }
        guard head.name == "data" else {
            field = .other
            let name = KeyLookalikes.redacted(String(head.name.prefix(64)))
            adjustments.add(name, from: "value", to: "none", reason: "no counterpart upstream")
            if wishes.isStrict, let refusal = adjustments.refusal { throw refusal }
            return
        }
        guard !hasData else { throw .secondData }
        hasData = true
        field = .data
    }

    // MARK: - Writing

    /// Gives the disk what waits for it; at the end of the form the part is kept.
    private func write() throws(APIError) {
        guard !isBusy else { return exchange.pauseBody(waiting.readableBytes >= Self.mostWaitingBytes) }
        guard waiting.readableBytes > 0 else {
            if isFormComplete { return keep() }
            if isBodyComplete { throw APIError(MultipartParser.Failure.incomplete) }
            return exchange.pauseBody(false)
        }
        guard let file else { return makeFile() }
        let bytes = waiting
        try uploads.take(bytes.readableBytes, for: id, key: key, limits)
        takenBytes += bytes.readableBytes
        waiting = ByteBuffer()
        run(uploads.spool.append(bytes, to: file, on: eventLoop)) { [self] _ in read() }
        // More may come before this returns; it waits behind what is being written.
        exchange.pauseBody(false)
    }

    private func makeFile() {
        run(uploads.spool.makeFile(on: eventLoop)) { [self] file in
            self.file = file
            read()
        } late: { [self] file in
            _ = uploads.spool.remove([file.name], closing: file, on: eventLoop)
        }
    }

    private func keep() {
        guard let file else { return }
        run(uploads.spool.finish(file, on: eventLoop)) { [self] _ in
            do throws(APIError) {
                let part = UploadSessions.Part(file: file.name, bytes: dataBytes)
                let (name, created) = try uploads.add(part, to: id, key: key)
                // It is the upload's from here on.
                self.file = nil
                isOver = true
                ticket.loop.remove(self)
                var body = ByteBuffer()
                UploadObject.writePart(name, of: id, created: created, into: &body)
                ticket.answer(body, adjustments)
            } catch {
                refuse(error)
            }
        }
    }

    /// Waits for the disk; what comes after the end of the request goes to `late`.
    private func run<Value: Sendable>(
        _ work: EventLoopFuture<Value>,
        _ use: @escaping (Value) -> Void,
        late: @escaping (Value) -> Void = { _ in }
    ) {
        isBusy = true
        work.assumeIsolated().whenComplete { [self] result in
            isBusy = false
            switch result {
            case .success(let value): if isOver { late(value) } else { use(value) }
            case .failure(let error):
                // A file that was closed for a client that left is no fault.
                if !isOver { refuse(uploads.refusal(error, request: ticket.requestID)) }
            }
        }
    }

    // MARK: - Ending

    private func refuse(_ error: APIError) {
        guard leave() else { return }
        ticket.refuse(SecretFilter(caller, ticket.settings).clean(error), adjustments: adjustments)
    }

    /// Nothing of the part is kept; false where it has ended before.
    private func leave() -> Bool {
        guard !isOver else { return false }
        isOver = true
        parser = nil
        waiting = ByteBuffer()
        ticket.loop.remove(self)
        let (uploads, id, bytes, address) = (uploads, id, takenBytes, address)
        guard let file else {
            uploads.giveUp(partOf: id, bytes: bytes, address: address)
            return true
        }
        self.file = nil
        uploads.spool.remove([file.name], closing: file, on: eventLoop).whenComplete { _ in
            uploads.giveUp(partOf: id, bytes: bytes, address: address)
        }
        return true
    }

    func tick(now: NIODeadline) {}

    func endForShutdown() { refuse(.shuttingDown) }
}

extension UploadPartReceipt: HTTPExchangeDelegate {
    func bodyPiece(_ bytes: ByteBuffer, of exchange: HTTPExchange) {
        guard !isOver else { return }
        parser?.append(bytes)
        read()
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        isBodyComplete = true
        read()
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        guard case .bodyTooLarge(let limit) = reason else { return refuse(APIError(reason)) }
        refuse(.partTooLarge(limit: limit))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        guard leave() else { return }
        var facts = RequestTicket.Facts()
        facts.adjustments = adjustments
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}

extension RequestTicket {
    /// Answers with a document that was made here.
    func answer(_ document: ByteBuffer, _ adjustments: AdjustmentList) {
        var facts = Facts()
        facts.adjustments = adjustments
        send(document) { lines in ResponseHeaders.write(adjustments, into: &lines) }
        complete(facts)
    }
}

extension APIError {
    fileprivate static let noPartForm = APIError(
        status: 415,
        message: "Send the part as a form (multipart/form-data) with the field data.",
        type: "invalid_request_error",
        code: "invalid_form"
    )

    fileprivate static let secondData = APIError.invalidRequest(
        "Invalid 'data': one request adds one part.",
        param: "data",
        code: "array_above_max_length"
    )

    fileprivate static func partTooLarge(limit: Int) -> APIError {
        APIError(
            status: 413,
            message: "The part is larger than the \(limit) bytes that are taken in one request.",
            type: "invalid_request_error",
            code: "file_too_large",
            param: "data",
            origin: .gateway
        )
    }
}
