import APITranslation
import HTTPServing
import NIOCore

/// Stands for a call that has ended well until the files behind the links of its answer are there.
final class LinkCollection: PartCall {
    /// Files of one call that are fetched at the same time.
    private static let parallel = 4

    private let call: any PartCall
    private let reply: any LinkedReply
    private let ticket: RequestTicket
    private weak var owner: (any PartCallOwner)?
    private let links: [String]
    private var running: [Int: FileFetch] = [:]
    private var next = 0
    /// Bytes of base64 that are counted as held.
    private var held = 0
    private var isOver = false

    init(of call: any PartCall, reply: any LinkedReply, ticket: RequestTicket, owner: any PartCallOwner) {
        self.call = call
        self.reply = reply
        self.ticket = ticket
        self.owner = owner
        links = reply.links
    }

    var index: Int { call.index }
    var runner: CallRunner { call.runner }
    var facts: ReplyFacts { call.facts }
    var events: Int { call.events }

    /// The call itself has been made.
    func start(_ call: NativeCall, isUrgent: Bool) { start() }

    func start() {
        let fetch = ticket.settings.configuration.fetch
        let exchange = ticket.exchange
        while !isOver, running.count < Self.parallel, next < links.count {
            let place = next
            let file = FileFetch(
                limits: FileFetch.Limits(
                    rules: FetchRules(hosts: fetch.hosts, origin: ticket.core.baseURL),
                    maximumBytes: fetch.maximumBytes,
                    timeout: fetch.timeout,
                    kind: reply.fileKind,
                    advice: reply.fetchAdvice,
                    hold: { exchange.hold($0) }
                ),
                loop: ticket.loop
            ) { [weak self] in self?.ended(place, $0) }
            running[place] = file
            file.start(links[place])
            next += 1
        }
    }

    private func ended(_ place: Int, _ result: Result<ByteBuffer, FileFetch.Failure>) {
        guard !isOver else { return }
        running[place] = nil
        switch result {
        case .failure(let failure): fail(failure.error, detail: failure.detail)
        case .success(let file):
            ticket.step("file fetched", ["bytes": file.readableBytes])
            let encoded = (file.readableBytes + 2) / 3 * 4
            guard ticket.exchange.hold(encoded) else { return fail(APIError(.tooMuchMemory)) }
            reply.take(file, ofLink: place)
            // What is kept is its base64.
            ticket.exchange.release(file.readableBytes)
            held += encoded
            guard running.isEmpty, next == links.count else { return start() }
            var output = ByteBuffer()
            if let error = reply.finish(into: &output) { return fail(error) }
            isOver = true
            // The output is counted by its owner.
            ticket.exchange.release(held)
            owner?.callEnded(index, output: output)
        }
    }

    func fail(_ error: APIError, detail: String? = nil) {
        stop()
        owner?.callFailed(index, error: error, detail: detail)
    }

    private func stop() {
        isOver = true
        for fetch in running.values { fetch.cancel() }
        running = [:]
    }

    func cancel(_ reason: String) { stop() }

    func tick(now: NIODeadline) -> APIError? {
        for fetch in Array(running.values) { fetch.tick(now: now) }
        return nil
    }
}
