import APITranslation
import JSONBytes
import NIOCore
import Upstream
import WireFormats

/// Is told how an upload goes; exactly one of ``uploadEnded(_:link:)`` and ``uploadFailed(_:error:detail:)`` comes,
/// unless the upload is cancelled.
protocol StorageUploadOwner: AnyObject {
    /// The storage takes bytes, or is busy with those it has.
    func uploadTakesBytes(_ isWritable: Bool)
    /// The file is there; `link` is for the call.
    func uploadEnded(_ upload: StorageUpload, link: String)
    func uploadFailed(_ upload: StorageUpload, error: APIError, detail: String?)
}

/// Puts one file into DashScope's temporary storage as it arrives.
///
/// It asks for the permission with the caller's key, then posts a form, without that key, whose last field is the file.
final class StorageUpload {
    private enum State {
        case asking, connecting, sending, finishing, over
    }

    /// The largest refusal of the storage that is read.
    private static let refusalLimit = 16 << 10

    private let part: MultipartPart
    private let model: String
    private let ticket: RequestTicket
    private let caller: Caller
    /// The bytes of the file where they are known before the first; else it is sent in chunks.
    private let length: Int?
    private let limit: Int
    private weak var owner: (any StorageUploadOwner)?
    private var state = State.asking
    private var query: TaskQuery?
    private var call: UpstreamCall?
    private var policy: UploadPolicy?
    private var head: UpstreamResponseHead?
    private var refusal = ByteBuffer()
    private(set) var sentBytes = 0
    private let boundary: String
    /// When DashScope or its storage must have done the next step.
    private var deadline = NIODeadline.distantFuture
    private let patience: TimeAmount

    /// `limit` is the largest file that the model takes.
    init(
        _ part: MultipartPart,
        for model: String,
        length: Int?,
        limit: Int,
        ticket: RequestTicket,
        caller: Caller,
        owner: any StorageUploadOwner
    ) {
        self.part = part
        self.model = model
        self.length = length
        self.limit = limit
        self.ticket = ticket
        self.caller = caller
        self.owner = owner
        boundary = "gateway-\(ticket.requestID.dropFirst("req_".count))"
        patience = ticket.settings.configuration.upstream.idleTimeout
    }

    private var loop: LoopContext { ticket.loop }
    private var filename: String { part.safeFilename }

    func start() {
        deadline = .now() + patience
        ticket.step("upload asked for")
        query = TaskQuery(
            ticket.core.upstreamHeads.uploadPolicy(for: model, caller: caller, lines: ticket.upstreamLines),
            pool: loop.pool,
            maximumBytes: Self.refusalLimit
        ) { [weak self] in self?.answered($0) }
    }

    func cancel() {
        state = .over
        query?.cancel()
        call?.cancel()
        query = nil
        call = nil
    }

    func tick(now: NIODeadline) {
        guard state != .over, now >= deadline else { return }
        fail(.uploadTimeout, detail: "upload: timeout")
    }

    // MARK: - The permission

    private func answered(_ outcome: TaskQuery.Outcome) {
        query = nil
        switch outcome {
        case .failed(let failure): fail(APIError(failure), detail: failure.description)
        case .answer(let head, let body):
            loop.pool.hostAnswered()
            let policy =
                head.status == 200
                ? body.withUnsafeReadableBytes { bytes in (try? loop.tape.parse(bytes)).flatMap { UploadPolicy($0) } }
                : nil
            guard let policy else {
                let requestID = head.first("x-request-id").flatMap(UpstreamID.visible)
                guard head.status == 200 else {
                    return fail(
                        body.withUnsafeReadableBytes {
                            ErrorTable.map(status: head.status, body: $0, requestIDHeader: requestID, tape: loop.tape)
                        },
                        detail: "upload: policy"
                    )
                }
                return fail(ErrorTable.invalidResponse(requestID: requestID), detail: "upload: policy")
            }
            connect(policy)
        }
    }

    private func connect(_ policy: UploadPolicy) {
        let most = min(limit, policy.maximumBytes ?? limit)
        if let length, length > most { return fail(.fileTooLarge(limit: most), detail: nil) }
        let rules = FetchRules(hosts: ticket.settings.configuration.fetch.hosts, origin: ticket.core.baseURL)
        do {
            let address = try rules.allowed(FileAddress(policy.host))
            guard let pool = try loop.pool(for: address, rules) else {
                return fail(Self.refused("Too many hosts are called."), detail: "upload: hosts")
            }
            self.policy = policy
            ticket.step("upload permitted")
            state = .connecting
            deadline = .now() + patience
            let form = policy.formHead(filename: filename, contentType: part.contentType, boundary: boundary)
            let end = UploadPolicy.formEnd(boundary: boundary)
            call = pool.execute(
                UpstreamHeads.upload(
                    address.target,
                    to: pool.configuration,
                    boundary: boundary,
                    length: length.map { form.readableBytes + $0 + end.readableBytes }
                ),
                receiver: self
            )
        } catch let refusal as FetchRules.Refusal {
            fail(Self.refused(refusal.reason), detail: "upload: \(refusal.detail)")
        } catch {
            fail(Self.refused("Its host cannot be called."), detail: "upload: \(error)")
        }
    }

    // MARK: - The file

    /// Sends bytes of the file, once the owner was told that they are taken.
    func write(_ bytes: ByteBuffer) {
        guard state == .sending else { return }
        sentBytes += bytes.readableBytes
        let most = min(limit, policy?.maximumBytes ?? limit)
        guard sentBytes <= most else { return fail(.fileTooLarge(limit: most), detail: nil) }
        call?.write(bytes)
        call?.flush()
    }

    /// The file is complete.
    func finish() {
        guard state == .sending else { return }
        state = .finishing
        deadline = .now() + patience
        call?.write(UploadPolicy.formEnd(boundary: boundary))
        call?.finishBody()
    }

    // MARK: - Ending

    private static func refused(_ reason: String) -> APIError {
        APIError(
            status: 502,
            message: "The file could not be uploaded to DashScope's storage. \(reason)",
            type: "api_error",
            code: "upload_failed",
            origin: .upstream
        )
    }

    private func fail(_ error: APIError, detail: String?) {
        guard state != .over else { return }
        ticket.step("upload failed", error, caller, ["bytes": sentBytes])
        cancel()
        owner?.uploadFailed(self, error: error, detail: detail)
    }
}

extension StorageUpload: UpstreamResponseReceiver {
    func upstreamTakesBody(_ isWritable: Bool) {
        switch state {
        case .connecting:
            guard let policy else { return }
            state = .sending
            deadline = .distantFuture
            call?.write(policy.formHead(filename: filename, contentType: part.contentType, boundary: boundary))
            owner?.uploadTakesBytes(true)
        case .sending:
            // While it takes bytes, it is the client that is waited for, and the server watches that.
            deadline = isWritable ? .distantFuture : .now() + patience
            owner?.uploadTakesBytes(isWritable)
        case .asking, .finishing, .over: return
        }
    }

    func upstreamHead(_ head: UpstreamResponseHead) { self.head = head }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard refusal.readableBytes + bytes.readableBytes <= Self.refusalLimit else { return }
        refusal.writeImmutableBuffer(bytes)
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        guard state != .over, let policy else { return }
        call = nil
        guard let status = head?.status, (200...204).contains(status), state == .finishing else {
            return fail(Self.refused(reason), detail: "upload: status \(head?.status ?? 0)")
        }
        state = .over
        ticket.step("upload ended", ["bytes": sentBytes])
        owner?.uploadEnded(self, link: policy.link(to: filename))
    }

    /// The words of the storage, which answers in XML.
    private var reason: String {
        let text = String(buffer: refusal)
        let words = ["Code", "Message"].compactMap { name -> Substring? in
            guard let start = text.firstRange(of: "<\(name)>"), let end = text.firstRange(of: "</\(name)>"),
                start.upperBound <= end.lowerBound
            else { return nil }
            return text[start.upperBound..<end.lowerBound].prefix(200)
        }
        return words.isEmpty ? "It answered with status \(head?.status ?? 0)." : words.joined(separator: ": ")
    }

    func upstreamFailed(_ error: UpstreamError) {
        call = nil
        fail(APIError(error), detail: "upload: \(error.description)")
    }
}
