import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import WireFormats

/// `POST /v1/files`: passes a form on to DashScope's files while it arrives, without keeping the file.
///
/// While upstream is busy, the client's body is not read.
final class FileUpload: RunningRequest {
    private enum Part {
        case none
        case text(name: String, ByteBuffer)
        case file
    }

    /// Text fields that are kept altogether; no field of this form is long.
    private static let textLimit = 64 << 10

    private let ticket: RequestTicket
    private let caller: Caller
    private let wishes: RequestWishes
    private let exchange: HTTPExchange
    private let key: RepeatedRequests.Key?
    private var parser: MultipartParser?
    private var part = Part.none
    private var partCount = 0
    private var textBytes = 0
    private var purpose: FilePurpose?
    private var word = ""
    private var file: MultipartPart?
    private var fileBytes = 0
    /// The first bytes of the file, until upstream takes them.
    private var waiting = ByteBuffer()
    private var form: FileForm?
    /// Whether the form upstream has begun with the purpose.
    private var hasToldPurpose = false
    private var adjustments = AdjustmentList()
    /// Nothing is read for now: upstream is busy, or it is another request's turn.
    private var isBlocked = false
    private var isBodyComplete = false
    private var isFormComplete = false
    private var isOver = false
    /// Whether others with the same key wait for this one.
    private var hasTurn = false
    var place: Int?

    private init(
        _ ticket: RequestTicket,
        _ caller: Caller,
        _ wishes: RequestWishes,
        key: RepeatedRequests.Key?,
        boundary: String
    ) {
        self.ticket = ticket
        self.caller = caller
        self.wishes = wishes
        self.key = key
        exchange = ticket.exchange
        parser = MultipartParser(boundary: boundary)
    }

    /// Takes over an admitted request, whose body comes in pieces.
    static func begin(_ ticket: RequestTicket, caller: Caller) {
        do throws(APIError) {
            let type = HeaderParameters(ticket.exchange.head.headers.first(name: "content-type") ?? "")
            guard type.value == "multipart/form-data" else { throw .noForm }
            guard let boundary = type["boundary"], (1...200).contains(boundary.utf8.count) else { throw .noBoundary }
            let upload = FileUpload(
                ticket,
                caller,
                try RequestWishes(ticket),
                key: try RepeatedRequests.key(of: ticket),
                boundary: boundary
            )
            ticket.exchange.delegate = upload
            ticket.loop.add(upload)
            ticket.beginTrace(operation: DashScopeOperation.files.rawValue, model: "", isStreamed: false)
            upload.waitForTurn()
        } catch {
            ticket.refuse(error)
        }
    }

    // MARK: - Repetitions

    private func waitForTurn() {
        guard let key else { return }
        isBlocked = true
        exchange.pauseBody(true)
        ticket.core.repeats.begin(key, now: .now(), on: ticket.loop.eventLoop).assumeIsolated().whenComplete {
            [self] turn in
            switch turn {
            case .success(.first):
                hasTurn = true
                guard !isOver else { return giveTurn(nil) }
                isBlocked = false
                read()
            case .success(.known(let document)):
                // The server drops what is left of the body.
                if leave("canceled") { ticket.answer(repeated: document) }
            case .failure: refuse(.shuttingDown)
            }
        }
    }

    private func giveTurn(_ document: ByteBuffer?) {
        guard hasTurn, let key else { return }
        hasTurn = false
        ticket.core.repeats.end(key, with: document, now: .now())
    }

    // MARK: - Reading the form

    private func read() {
        do throws(APIError) {
            while !isOver, !isBlocked, !isFormComplete, let event = try nextEvent() { try take(event) }
            guard !isOver, !isBlocked else { return }
            if isFormComplete { return try finishForm() }
            if isBodyComplete { throw APIError(MultipartParser.Failure.incomplete) }
            exchange.pauseBody(false)
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
        case .part(let head): try beginPart(head)
        case .data(let bytes): try append(bytes)
        case .partEnd: try endPart()
        case .end: isFormComplete = true
        }
    }

    private func beginPart(_ head: MultipartPart) throws(APIError) {
        partCount += 1
        let limit = ticket.settings.configuration.server.maximumFormParts
        guard partCount <= limit else { throw .tooManyParts(limit: limit, at: head.field) }
        guard head.filename != nil else {
            guard head.name != "file" else { throw .noFileName }
            part = .text(name: head.name, ByteBuffer())
            return
        }
        guard head.name == "file" else { throw .otherFile(String(head.name.prefix(64))) }
        guard file == nil else { throw .secondFile }
        file = head
        part = .file
    }

    private func append(_ bytes: ByteBuffer) throws(APIError) {
        switch part {
        case .none: return
        case .text(let name, var text):
            textBytes += bytes.readableBytes
            guard textBytes <= Self.textLimit else { throw .longFields(limit: Self.textLimit) }
            part = .none
            text.writeImmutableBuffer(bytes)
            part = .text(name: name, text)
        case .file:
            fileBytes += bytes.readableBytes
            try checkSize()
            if let form { return form.write(bytes) }
            waiting = bytes
            start()
        }
    }

    private func checkSize() throws(APIError) {
        guard let file else { return }
        let limit = purpose?.maximumBytes(filename: file.filename ?? "") ?? FilePurpose.largestFile
        guard fileBytes <= limit else { throw .fileTooLarge(limit: limit, for: purpose) }
    }

    private func endPart() throws(APIError) {
        defer { part = .none }
        switch part {
        case .none: return
        case .text(let name, let text): try takeField(name, text)
        case .file: if fileBytes == 0 { throw .emptyFile("file") }
        }
    }

    private func takeField(_ name: String, _ text: ByteBuffer) throws(APIError) {
        guard name == "purpose" else {
            let field =
                name.hasPrefix("expires_after") ? "expires_after" : KeyLookalikes.redacted(String(name.prefix(64)))
            let reason = field == "expires_after" ? "files are kept until they are deleted" : "no counterpart upstream"
            adjustments.add(field, from: "text", to: "none", reason: reason)
            if wishes.isStrict, let refusal = adjustments.refusal { throw refusal }
            return
        }
        guard purpose == nil else { throw .secondPurpose }
        word = String(buffer: text)
        purpose = try FilePurpose(word)
        try checkSize()
    }

    private func finishForm() throws(APIError) {
        guard let purpose else { throw .missingField("purpose") }
        guard file != nil, let form else { throw .missingField("file") }
        isBlocked = true
        form.finish(purpose: hasToldPurpose ? nil : purpose)
    }

    // MARK: - Upstream

    private func start() {
        guard let file else { return }
        isBlocked = true
        exchange.pauseBody(true)
        hasToldPurpose = purpose != nil
        let form = FileForm(file, purpose: purpose, ticket: ticket, caller: caller, owner: self)
        self.form = form
        form.start(.upload(purpose: word))
    }

    private func refuse(_ error: APIError, detail: String? = nil) {
        guard leave(error.label) else { return }
        let filter = SecretFilter(caller, ticket.settings)
        var facts = form.map { RequestTicket.Facts(of: $0.runner, filter) } ?? RequestTicket.Facts()
        facts.adjustments = adjustments
        facts.detail = detail.map { filter.clean($0) }
        ticket.refuse(filter.clean(error), adjustments: adjustments, facts: facts)
    }

    /// Nothing more is done here; false where that was so before.
    ///
    /// `reason` says why a call that runs is given up.
    private func leave(_ reason: String, document: ByteBuffer? = nil) -> Bool {
        guard !isOver else { return false }
        isOver = true
        form?.cancel(reason)
        parser = nil
        part = .none
        waiting = ByteBuffer()
        giveTurn(document)
        ticket.loop.remove(self)
        return true
    }

    func tick(now: NIODeadline) { form?.tick(now: now) }

    func endForShutdown() { refuse(.shuttingDown) }
}

extension FileUpload: FileFormOwner {
    func formTakesBytes(_ isWritable: Bool) {
        guard !isOver, let form, !isFormComplete else { return }
        if waiting.readableBytes > 0 {
            let bytes = waiting
            waiting = ByteBuffer()
            form.write(bytes)
        }
        isBlocked = !isWritable
        exchange.pauseBody(!isWritable)
        if isWritable { read() }
    }

    func formEnded() {
        guard !isOver, let runner = form?.runner else { return }
        let request = PlatformRequest.upload(purpose: word)
        var output = ByteBuffer()
        let isRead = runner.collected.withUnsafeReadableBytes { bytes in
            (try? ticket.loop.tape.parse(bytes)).map { request.write($0, into: &output) } ?? false
        }
        guard isRead else { return refuse(ErrorTable.invalidResponse(requestID: runner.requestID)) }
        guard leave("", document: output) else { return }
        ticket.answer(output, of: runner, adjustments, SecretFilter(caller, ticket.settings))
    }

    func formFailed(_ error: APIError, detail: String?) { refuse(error, detail: detail) }
}

// MARK: - Client

extension FileUpload: HTTPExchangeDelegate {
    func bodyPiece(_ bytes: ByteBuffer, of exchange: HTTPExchange) {
        guard !isOver else { return }
        parser?.append(bytes)
        if !isBlocked { read() }
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        isBodyComplete = true
        if !isBlocked { read() }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        guard case .bodyTooLarge(let limit) = reason else { return refuse(APIError(reason)) }
        refuse(.fileTooLarge(limit: limit, for: nil))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        guard leave("client_left") else { return }
        var facts =
            form.map { RequestTicket.Facts(of: $0.runner, SecretFilter(caller, ticket.settings)) }
            ?? RequestTicket.Facts()
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}

extension APIError {
    fileprivate static let noForm = APIError(
        status: 415,
        message: "Send the file as a form (multipart/form-data) with the fields file and purpose.",
        type: "invalid_request_error",
        code: "invalid_form"
    )

    fileprivate static let noFileName = APIError.invalidRequest(
        "Invalid 'file': it must be a file, with a filename in its part of the form.",
        param: "file",
        code: "invalid_type"
    )

    fileprivate static func otherFile(_ field: String) -> APIError {
        .invalidRequest(
            "Invalid '\(field)': the file belongs into the field 'file'.",
            param: field,
            code: "unknown_parameter"
        )
    }

    fileprivate static let secondFile = APIError.invalidRequest(
        "Invalid 'file': one request uploads one file.",
        param: "file",
        code: "array_above_max_length"
    )

    fileprivate static let secondPurpose = APIError.invalidRequest(
        "Invalid 'purpose': the form has it twice.",
        param: "purpose",
        code: "invalid_value"
    )

    fileprivate static func longFields(limit: Int) -> APIError {
        .invalidForm("The fields of the form are longer than \(limit) bytes altogether.")
    }

    static func missingField(_ name: String) -> APIError {
        .invalidRequest(
            "Missing required parameter: '\(name)'.",
            param: name,
            code: "missing_required_parameter"
        )
    }

    static func fileTooLarge(limit: Int, for purpose: FilePurpose?) -> APIError {
        var error = APIError.fileTooLarge(limit: limit)
        error.message =
            "The file is larger than the \(limit) bytes that "
            + (purpose.map { "DashScope takes for \($0.rawValue)." } ?? "are taken.")
        error.param = "file"
        return error
    }
}
