import APITranslation
import HTTPServing
import NIOCore
import WireFormats

/// Takes the request of an endpoint that is asked with a form or with JSON, and hands it to ``FanOut`` as JSON.
///
/// A form is read as it arrives. Small files go into the call, as data URLs; others pass through to DashScope's storage
/// without being kept. While the storage is busy, the client's body is not read.
final class FormRequest: RunningRequest {
    /// Files that are smaller wait until they are complete, because the storage rather takes a known length.
    private static let waitingLimit = 256 << 10

    private enum Part {
        case none
        /// Perhaps a file all the same, whose name was not sent.
        case text(MultipartPart, ByteBuffer)
        case file(FormFile)
        /// Its bytes go to the upload.
        case passing(FormFile)
    }

    private let ticket: RequestTicket
    private let caller: Caller
    private let translator: any FormTranslating
    /// Takes the request in the place of ``FanOut``.
    private let taker: ((ByteBuffer) -> Void)?
    private let exchange: HTTPExchange
    /// Nil for a request in JSON, whose body is collected.
    private var parser: MultipartParser?
    private var json = ByteBuffer()
    private var form = FormDocument()
    private var part = Part.none
    private var partCount = 0
    private var counts: [String: Int] = [:]
    /// In the order in which they came.
    private var files: [FormFile] = []
    /// Files whose place is not known before the model is.
    private var undecided: [FormFile] = []
    private var upload: StorageUpload?
    private var uploading: FormFile?
    /// The storage is busy, or not there yet.
    private var isBlocked = false
    private var isBodyComplete = false
    private var isFormComplete = false
    private var isOver = false
    /// Bytes of files and fields that are counted as held.
    private var held = 0
    var place: Int?

    private init(
        ticket: RequestTicket,
        caller: Caller,
        translator: any FormTranslating,
        boundary: String?,
        taker: ((ByteBuffer) -> Void)?
    ) {
        self.ticket = ticket
        self.caller = caller
        self.translator = translator
        self.taker = taker
        exchange = ticket.exchange
        parser = boundary.map { MultipartParser(boundary: $0) }
    }

    /// Takes over an admitted request, whose body comes in pieces; `taker` gets it as JSON where it is not to be sent at once.
    static func begin(
        _ ticket: RequestTicket,
        caller: Caller,
        translator: any FormTranslating,
        taker: ((ByteBuffer) -> Void)? = nil
    ) {
        let type = HeaderParameters(ticket.exchange.head.headers.first(name: "content-type") ?? "")
        var boundary: String?
        if type.value.hasPrefix("multipart/") {
            boundary = type["boundary"]
            guard let boundary, (1...200).contains(boundary.utf8.count) else { return ticket.refuse(.noBoundary) }
        }
        let request = FormRequest(
            ticket: ticket,
            caller: caller,
            translator: translator,
            boundary: boundary,
            taker: taker
        )
        ticket.exchange.delegate = request
        ticket.loop.add(request)
    }

    /// The name of the model as the client wrote it, once it is known.
    private var model: String? { form.texts["model"].flatMap { $0.isEmpty ? nil : $0 } }

    private var settings: GatewayConfiguration { ticket.settings.configuration }

    // MARK: - Reading the form

    private func read() {
        do throws(APIError) {
            while !isOver, !isBlocked, !isFormComplete, let event = try nextEvent() { try take(event) }
            guard !isOver, !isBlocked else { return }
            // The end of the body is told to whoever is the delegate then, and must not come to the next one.
            if isFormComplete, isBodyComplete { return try decideNext() }
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
        case .part(let head):
            partCount += 1
            guard partCount <= settings.server.maximumFormParts else {
                throw .tooManyParts(limit: settings.server.maximumFormParts, at: head.field)
            }
            part = head.isFile ? .file(addFile(head)) : .text(head, ByteBuffer())
        case .data(let bytes): try append(bytes)
        case .partEnd: try endPart()
        case .end: isFormComplete = true
        }
    }

    private func addFile(_ head: MultipartPart) -> FormFile {
        let file = FormFile(head)
        files.append(file)
        return file
    }

    private func append(_ bytes: ByteBuffer) throws(APIError) {
        switch part {
        case .none: return
        case .text(let head, var text):
            part = .none
            try hold(bytes.readableBytes)
            let isBegun = text.readableBytes < MediaSignature.length
            text.writeImmutableBuffer(bytes)
            guard isBegun, text.readableBytes >= MediaSignature.length, text.looksLikeFile else {
                part = .text(head, text)
                return
            }
            let file = addFile(head)
            file.bytes = text
            part = .file(file)
            try grow(file)
        case .file(let file):
            try hold(bytes.readableBytes)
            file.bytes.writeImmutableBuffer(bytes)
            try grow(file)
        case .passing: upload?.write(bytes)
        }
    }

    /// Passes a file on that is too large to wait for its end.
    private func grow(_ file: FormFile) throws(APIError) {
        guard file.bytes.readableBytes > Self.waitingLimit, model != nil else { return }
        let placement = try placement(of: file)
        guard let storage = try storage(for: file, placement) else { return }
        try count(file, placement)
        part = .passing(file)
        try start(file, placement, storage, length: nil)
    }

    private func endPart() throws(APIError) {
        defer { part = .none }
        switch part {
        case .none: return
        case .text(let head, let text):
            guard !text.looksLikeFile else {
                let file = addFile(head)
                file.bytes = text
                return undecided.append(file)
            }
            try form.add(head.name, text: text, isJSON: translator.mayBeJSON(head.field))
        case .file(let file):
            if file.bytes.readableBytes == 0 { throw .emptyFile(file.field) }
            undecided.append(file)
        case .passing:
            isBlocked = true
            upload?.finish()
        }
    }

    /// Takes room for what is kept; all of it together is no larger than a body of JSON may be.
    private func hold(_ count: Int) throws(APIError) {
        guard held + count <= settings.server.maximumBodyBytes else {
            guard model == nil, case .file = part else {
                throw APIError(.bodyTooLarge(limit: settings.server.maximumBodyBytes))
            }
            throw .modelBehindFile
        }
        guard exchange.hold(count) else { throw APIError(.tooMuchMemory) }
        held += count
    }

    // MARK: - Files

    private func placement(of file: FormFile) throws(APIError) -> FilePlacement {
        try translator.placement(of: file.field, texts: form.texts)
    }

    /// Where a file is stored that does not go into the call; nil for one that does.
    private func storage(for file: FormFile, _ placement: FilePlacement) throws(APIError) -> FilePlacement.Storage? {
        let size = file.bytes.readableBytes
        var storage: FilePlacement.Storage?
        switch placement.place {
        case .storage(let place): storage = place
        case .inline(let maximum, let otherwise):
            guard size > maximum else { return nil }
            guard let otherwise else { throw tooLarge(file, limit: maximum) }
            storage = otherwise
        }
        if let storage, size > storage.maximumBytes { throw tooLarge(file, limit: storage.maximumBytes) }
        return storage
    }

    /// What its first bytes say counts, too: clients that have bytes only send no name.
    private func mediaType(of file: FormFile, _ placement: FilePlacement) throws(APIError) -> String {
        try placement.mediaType(
            fileName: file.head.filename,
            contentType: file.head.contentType,
            signature: MediaSignature(file.bytes)
        )
    }

    private func count(_ file: FormFile, _ placement: FilePlacement) throws(APIError) {
        counts[file.field, default: 0] += 1
        guard counts[file.field, default: 0] <= placement.maximumFiles else {
            throw .tooManyFiles(file.field, limit: placement.maximumFiles)
        }
    }

    private func tooLarge(_ file: FormFile, limit: Int) -> APIError {
        var error = APIError.fileTooLarge(limit: limit)
        error.param = file.field
        return error
    }

    /// Places the files that are there, one after the other, then makes the calls.
    private func decideNext() throws(APIError) {
        while !undecided.isEmpty {
            let file = undecided.removeFirst()
            let placement = try placement(of: file)
            try count(file, placement)
            let length = file.bytes.readableBytes
            if let storage = try storage(for: file, placement) {
                return try start(file, placement, storage, length: length)
            }
            file.mediaType = try mediaType(of: file, placement)
        }
        try addFiles()
        finish()
    }

    /// Enters the files into the form, in their order: the first image is another than the second.
    private func addFiles() throws(APIError) {
        for file in files {
            if let link = file.link {
                try form.add(file.head.name, link: link, bytes: file.storedBytes)
                continue
            }
            let length = file.bytes.readableBytes
            try hold(length / 3 * 4)
            try form.add(file.head.name, file: file.bytes, contentType: file.mediaType)
            file.bytes = ByteBuffer()
            release(length)
        }
        files = []
    }

    private func start(
        _ file: FormFile,
        _ placement: FilePlacement,
        _ storage: FilePlacement.Storage,
        length: Int?
    ) throws(APIError) {
        var head = file.head
        let type = try mediaType(of: file, placement)
        head.contentType = type
        head.filename = FilePlacement.storedName(head.safeFilename, mediaType: type)
        file.kind = placement.kind
        isBlocked = true
        exchange.pauseBody(true)
        let upload = StorageUpload(
            head,
            for: storage.model,
            length: length,
            limit: storage.maximumBytes,
            ticket: ticket,
            caller: caller,
            owner: self
        )
        self.upload = upload
        uploading = file
        upload.start()
    }

    private func release(_ count: Int) {
        exchange.release(count)
        held -= count
    }

    // MARK: - Ending

    private func finish() {
        // What is behind the form belongs to the request, too.
        guard isBodyComplete else { return exchange.pauseBody(false) }
        let body = form.json
        guard leave() else { return }
        exchange.releaseAll()
        guard exchange.hold(body.readableBytes) else { return ticket.refuse(APIError(.tooMuchMemory)) }
        handOn(body)
    }

    private func handOn(_ body: ByteBuffer) {
        exchange.delegate = nil
        if let taker { return taker(body) }
        FanOut.begin(ticket, caller: caller, translator: translator)
        exchange.delegate?.bodyReceived(body, of: exchange)
    }

    /// Nothing more is done here; false where that was so before.
    private func leave() -> Bool {
        guard !isOver else { return false }
        isOver = true
        upload?.cancel()
        upload = nil
        parser = nil
        form = FormDocument()
        files = []
        undecided = []
        part = .none
        ticket.loop.remove(self)
        return true
    }

    private func refuse(_ error: APIError, detail: String? = nil) {
        guard leave() else { return }
        let filter = SecretFilter(caller, ticket.settings)
        var facts = RequestTicket.Facts()
        facts.model = model.map { SecretFilter.recordable($0, caller, ticket.settings) }
        facts.detail = detail.map { filter.clean($0) }
        ticket.refuse(filter.clean(error), facts: facts)
    }

    func tick(now: NIODeadline) { upload?.tick(now: now) }

    func endForShutdown() { refuse(.shuttingDown) }
}

// MARK: - Upload

extension FormRequest: StorageUploadOwner {
    func uploadTakesBytes(_ isWritable: Bool) {
        guard !isOver, let upload, let file = uploading else { return }
        if file.bytes.readableBytes > 0 {
            let bytes = file.bytes
            file.bytes = ByteBuffer()
            release(bytes.readableBytes)
            upload.write(bytes)
            guard !isOver else { return }
        }
        guard case .passing = part else { return isFormComplete ? upload.finish() : () }
        isBlocked = !isWritable
        exchange.pauseBody(!isWritable)
        if isWritable { read() }
    }

    func uploadEnded(_ upload: StorageUpload, link: String) {
        guard !isOver, let file = uploading else { return }
        self.upload = nil
        uploading = nil
        isBlocked = false
        file.link = link
        // The length of a sound decides which model may read it.
        file.storedBytes = file.kind == .audio ? upload.sentBytes : nil
        read()
    }

    func uploadFailed(_ upload: StorageUpload, error: APIError, detail: String?) {
        var error = error
        if error.code == "file_too_large" { error.param = uploading?.field }
        refuse(error, detail: detail)
    }
}

// MARK: - Client

extension FormRequest: HTTPExchangeDelegate {
    func bodyPiece(_ bytes: ByteBuffer, of exchange: HTTPExchange) {
        guard !isOver else { return }
        guard parser != nil else { return collect(bytes) }
        // What stands behind the form is no part of it.
        guard !isFormComplete else { return }
        parser?.append(bytes)
        if !isBlocked { read() }
    }

    private func collect(_ bytes: ByteBuffer) {
        do throws(APIError) {
            try hold(bytes.readableBytes)
            if json.readableBytes == 0 { json = bytes } else { json.writeImmutableBuffer(bytes) }
        } catch {
            refuse(error)
        }
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        isBodyComplete = true
        guard parser == nil else {
            if !isBlocked { read() }
            return
        }
        let body = json
        json = ByteBuffer()
        if leave() { handOn(body) }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) { refuse(APIError(reason)) }

    func clientLeft(_ exchange: HTTPExchange) {
        guard leave() else { return }
        var facts = RequestTicket.Facts()
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}
