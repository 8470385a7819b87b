import APITranslation
import HTTPServing
import NIOCore
import Upstream

/// Fetches the file behind one link that upstream gave, within bounds: host, address, size, time, redirects.
final class FileFetch: UpstreamResponseReceiver {
    struct Limits {
        var rules: FetchRules
        var maximumBytes: Int
        var timeout: TimeAmount
        /// What the file must be; nil for any.
        var kind: FilePlacement.Kind?
        /// What the caller is told to do where it fails.
        var advice = ""
        /// Takes room in memory for bytes that have arrived; false where there is none.
        var hold: (Int) -> Bool
    }

    private static let mostRedirects = 3

    private let limits: Limits
    private let loop: LoopContext
    private let deadline: NIODeadline
    private var address: FileAddress?
    private var call: UpstreamCall?
    private var head: UpstreamResponseHead?
    private var file = ByteBuffer()
    private var redirects = 0
    private var ended: ((Result<ByteBuffer, Failure>) -> Void)?

    /// What a client is told, and what the log says besides.
    struct Failure: Error {
        var error: APIError
        var detail: String
    }

    /// `ended` is told once, never before ``start(_:)`` has returned, unless the fetch is cancelled.
    init(limits: Limits, loop: LoopContext, ended: @escaping (Result<ByteBuffer, Failure>) -> Void) {
        self.limits = limits
        self.loop = loop
        self.ended = ended
        deadline = .now() + limits.timeout
    }

    func start(_ link: String) {
        loop.eventLoop.assumeIsolated().execute { [self] in follow(FileAddress(link)) }
    }

    func cancel() {
        ended = nil
        call?.cancel()
        call = nil
    }

    func tick(now: NIODeadline) {
        guard ended != nil, now >= deadline else { return }
        call?.cancel()
        let seconds = limits.timeout.nanoseconds / 1_000_000_000
        fail("It did not arrive within \(seconds) seconds.", status: 504, code: "timeout", detail: "time")
    }

    // MARK: - Asking

    private func follow(_ link: FileAddress?) {
        guard ended != nil else { return }
        let address: FileAddress
        do {
            address = try limits.rules.allowed(link)
        } catch {
            return fail(error.reason, detail: error.detail)
        }
        self.address = address
        head = nil
        file = ByteBuffer()
        do {
            guard let pool = try loop.pool(for: address, limits.rules) else {
                return fail("Too many hosts are called.", detail: "hosts")
            }
            call = pool.execute(UpstreamHeads.fetch(address.target, from: pool.configuration), receiver: self)
        } catch {
            fail("Its host cannot be called.", detail: "\(error)")
        }
    }

    // MARK: - The answer

    func upstreamHead(_ head: UpstreamResponseHead) { self.head = head }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard head?.status == 200 else { return }
        guard file.readableBytes + bytes.readableBytes <= limits.maximumBytes else {
            call?.cancel()
            return fail("It is larger than \(limits.maximumBytes) bytes.", detail: "size")
        }
        guard limits.hold(bytes.readableBytes) else {
            call?.cancel()
            return end(.failure(Failure(error: APIError(.tooMuchMemory), detail: "fetch: memory")))
        }
        file.writeImmutableBuffer(bytes)
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        call = nil
        guard let head else { return fail("Its host did not answer.", detail: "no head") }
        switch head.status {
        case 200 where file.readableBytes > 0:
            if let words = contradiction(head) { return fail("It is \(words).", detail: "kind") }
            end(.success(file))
        case 200: fail("It is empty.", detail: "empty")
        case 301, 302, 303, 307, 308:
            redirects += 1
            guard redirects <= Self.mostRedirects else {
                return fail("Its link leads from one address to the next.", detail: "redirects")
            }
            follow(head.first("location").flatMap { address?.redirected(to: $0) })
        default: fail("Its host answered with status \(head.status).", detail: "status \(head.status)")
        }
    }

    /// What the file is, where that is not what was promised: servers send pages with a good status, too.
    private func contradiction(_ head: UpstreamResponseHead) -> String? {
        guard let kind = limits.kind else { return nil }
        let signature = MediaSignature(file)
        if signature == .unknown, let type = head.first("content-type"), MediaSignature.isPage(type) {
            return "a page and no file"
        }
        return signature.contradiction(to: kind)
    }

    func upstreamFailed(_ error: UpstreamError) {
        call = nil
        fail("Its host could not be reached.", detail: error.description)
    }

    private func fail(_ reason: String, status: Int = 502, code: String = "file_not_fetched", detail: String) {
        let error = APIError(
            status: status,
            message:
                "The result could not be fetched from DashScope's storage. \(reason)"
                + (limits.advice.isEmpty ? "" : " \(limits.advice)"),
            type: status == 504 ? "timeout_error" : "api_error",
            code: code,
            origin: .upstream,
            // To make it again would be charged again.
            shouldRetry: false
        )
        end(.failure(Failure(error: error, detail: "fetch: \(detail)")))
    }

    private func end(_ result: Result<ByteBuffer, Failure>) {
        let ended = ended.take()
        ended?(result)
    }
}
