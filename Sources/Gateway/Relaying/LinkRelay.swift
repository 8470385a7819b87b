import APITranslation
import ByteWriting
import HTTPServing
import NIOCore
import Upstream

/// Passes the file behind a link that upstream gave on to the client as it arrives, without keeping it.
///
/// The client's `Range` goes along. While the client does not read, neither does the gateway. What the link may lead to
/// is decided by ``FetchRules``, as for files that are fetched into an answer.
final class LinkRelay: RunningRequest {
    /// What the owner of the link knows about it.
    struct File {
        var link: String
        var contentType: StaticString = "application/octet-stream"
        /// Whether it can be no page of words, as servers send them with a good status, too.
        var isMedia: Bool {
            ["video/", "audio/", "image/"].contains { "\(contentType)".hasPrefix($0) }
        }
        /// The name under which a browser saves it; letters, digits, `-`, `_` and `.` only.
        var filename: String?
        /// The answer where the storage no longer has the file (404, or 403 for a signature that is over).
        var gone: APIError
        /// The model in the record.
        var model: String?
    }

    private static let mostRedirects = 3
    /// Headers of the storage that belong to the file.
    private static let passed: [StaticString] = ["etag", "last-modified", "accept-ranges", "content-range"]

    private let ticket: RequestTicket
    private let file: File
    private let rules: FetchRules
    private let exchange: HTTPExchange
    private var address: FileAddress?
    private var call: UpstreamCall?
    private var redirects = 0
    private var status = 0
    private var head: UpstreamResponseHead?
    private var isPaused = false
    private var isOver = false
    /// Bytes that the head announced and that are still to come; nil where it announced none.
    private var remaining: Int?
    private var facts = RequestTicket.Facts()
    private var lastProgress = NIODeadline.now()
    var place: Int?

    private init(_ file: File, ticket: RequestTicket) {
        self.file = file
        self.ticket = ticket
        exchange = ticket.exchange
        rules = FetchRules(hosts: ticket.settings.configuration.fetch.hosts, origin: ticket.core.baseURL)
        facts.model = file.model
    }

    /// Answers the request with the file.
    static func begin(_ file: File, for ticket: RequestTicket) {
        let relay = LinkRelay(file, ticket: ticket)
        ticket.exchange.delegate = relay
        ticket.loop.add(relay)
        relay.follow(FileAddress(file.link))
    }

    // MARK: - Asking

    private func follow(_ link: FileAddress?) {
        do {
            let address = try rules.allowed(link)
            self.address = address
            head = nil
            guard let pool = try ticket.loop.pool(for: address, rules) else {
                return fail("Too many hosts are called.", detail: "hosts")
            }
            call = pool.execute(
                UpstreamHeads.fetch(address.target, from: pool.configuration, range: range),
                receiver: self
            )
        } catch let refusal as FetchRules.Refusal {
            fail(refusal.reason, detail: refusal.detail)
        } catch {
            fail("Its host cannot be called.", detail: "\(error)")
        }
    }

    /// The caller's range, where it is one of bytes; anything else means the whole file.
    private var range: String? {
        guard let range = exchange.head.headers.first(name: "range"), range.hasPrefix("bytes="),
            range.utf8.count <= 256, range.utf8.dropFirst(6).allSatisfy({ (0x20...0x39).contains($0) })
        else { return nil }
        return range
    }

    // MARK: - Answering

    private func startAnswer(_ head: UpstreamResponseHead) {
        status = head.status
        remaining = head.first("content-length").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        let lines = ticket.makeHeaders(contentType: file.contentType, requestID: nil) { lines in
            for name in Self.passed {
                guard let value = head.first(name), value.utf8.count <= 512 else { continue }
                lines.append(name)
                lines.writeHeaderValue(value)
            }
            if let filename = file.filename {
                lines.append("Content-Disposition: attachment; filename=\"")
                lines.append(text: filename)
                lines.append("\"\r\n")
            }
            lines.append("X-Content-Type-Options: nosniff\r\nCache-Control: private, no-store\r\n")
        }
        facts.firstByte = .now()
        exchange.startStream(status: status, headers: lines, length: remaining)
        // The head of a large file leaves before its first bytes.
        exchange.flush()
    }

    private func fail(_ reason: String, status: Int = 502, detail: String) {
        end(
            APIError(
                status: status,
                message: "The file could not be fetched from DashScope's storage. \(reason)",
                type: status == 504 ? "timeout_error" : "api_error",
                code: status == 504 ? "timeout" : "file_not_fetched",
                origin: .upstream
            ),
            detail: detail
        )
    }

    /// An error before the head is an answer; behind it the client must see that the file is cut.
    private func end(_ error: APIError, detail: String) {
        guard !isOver else { return }
        facts.detail = "relay: \(detail)"
        facts.error = error
        guard leave() else { return }
        if exchange.hasStarted {
            exchange.abort()
            ticket.complete(facts)
        } else {
            ticket.refuse(error, facts: facts)
        }
    }

    private func finish() {
        guard leave() else { return }
        exchange.finish()
        ticket.complete(facts)
    }

    private func leave() -> Bool {
        guard !isOver else { return false }
        isOver = true
        call?.cancel()
        call = nil
        ticket.loop.remove(self)
        return true
    }

    func tick(now: NIODeadline) {
        guard !isPaused, now - lastProgress >= ticket.settings.configuration.upstream.idleTimeout else { return }
        fail("It stopped arriving.", status: 504, detail: "timeout")
    }

    func endForShutdown() { end(.shuttingDown, detail: "shutdown") }
}

// MARK: - The storage

extension LinkRelay: UpstreamResponseReceiver {
    func upstreamHead(_ head: UpstreamResponseHead) {
        lastProgress = .now()
        self.head = head
        guard head.status == 200 || head.status == 206 else { return }
        if file.isMedia, let type = head.first("content-type"), MediaSignature.isPage(type) {
            return fail("Its host answered with a page and no file.", detail: "type")
        }
        startAnswer(head)
        if exchange.head.isHead { finish() }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard exchange.hasStarted, !isOver else { return }
        lastProgress = .now()
        if let left = remaining { remaining = left - bytes.readableBytes }
        exchange.write(bytes)
    }

    func upstreamReadComplete() {
        if exchange.hasStarted, !isOver { exchange.flush() }
    }

    func upstreamEnded() {
        guard !isOver else { return }
        call = nil
        guard let head else { return fail("Its host did not answer.", detail: "no head") }
        switch head.status {
        case 200, 206:
            guard remaining ?? 0 == 0 else { return fail("It was cut.", detail: "short") }
            finish()
        case 301, 302, 303, 307, 308:
            redirects += 1
            guard redirects <= Self.mostRedirects else {
                return fail("Its link leads from one address to the next.", detail: "redirects")
            }
            follow(head.first("location").flatMap { address?.redirected(to: $0) })
        case 403, 404, 410: end(file.gone, detail: "status \(head.status)")
        case 416:
            if let range = head.first("content-range"), range.hasPrefix("bytes */"), range.utf8.count > 8,
                range.dropFirst("bytes */".count).utf8.allSatisfy({ (0x30...0x39).contains($0) })
            {
                ticket.contentRange = range
            }
            end(
                APIError(
                    status: 416,
                    message: "The range of the request is not in the file.",
                    type: "invalid_request_error",
                    code: "invalid_range",
                    param: "range",
                    origin: .upstream
                ),
                detail: "status 416"
            )
        default: fail("Its host answered with status \(head.status).", detail: "status \(head.status)")
        }
    }

    func upstreamFailed(_ error: UpstreamError) {
        call = nil
        fail("Its host could not be reached.", detail: error.description)
    }
}

// MARK: - The client

extension LinkRelay: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {}

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) { end(APIError(reason), detail: "rejected") }

    func clientLeft(_ exchange: HTTPExchange) {
        guard leave() else { return }
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {
        isPaused = !isWritable
        if isWritable { lastProgress = .now() }
        call?.pauseReading(!isWritable)
    }
}
