import APITranslation
import AdmissionControl
import HTTPServing
import Logging
import NIOCore
import Synchronization

/// The uploads in parts that callers have begun: whose they are, what of them is on disk, and how much all may have.
///
/// For the process: a client's requests for one upload must reach the same one.
final class UploadSessions: Sendable {
    /// Where an upload stands.
    enum State {
        case pending, completing, completed, cancelled, expired
    }

    struct Part: Sendable {
        /// Its name in the folder.
        var file: String
        var bytes: Int
    }

    /// Whose disk space it is; nil for an address without a bound of its own.
    typealias Owner = (key: UInt64, address: ClientAddress?)

    /// What is to be put together.
    struct Completion: Sendable {
        var object: UploadObject
        var request: UploadRequest
        var files: [String]
    }

    /// Files that nobody needs, and the space that is free when they are gone.
    struct Leftover: Sendable {
        var files: [String] = []
        var bytes = 0
        var address: ClientAddress?
    }

    private struct Session {
        var object: UploadObject
        var request: UploadRequest
        var key: UInt64
        var address: ClientAddress?
        var state = State.pending
        var parts: [String: Part] = [:]
        /// Parts that are there or arriving, and their bytes.
        var count = 0
        var bytes = 0
    }

    /// What one address uses.
    private struct Use {
        var uploads = 0
        var bytes = 0
    }

    private struct Registry {
        var sessions: [String: Session] = [:]
        /// Those that have ended, the oldest first: they are told from those that never were.
        var ended: [String] = []
        var alive = 0
        var bytes = 0
        var addresses: [ClientAddress: Use] = [:]

        mutating func use(_ address: ClientAddress?, uploads: Int = 0, bytes: Int = 0) {
            alive += uploads
            self.bytes += bytes
            guard let address else { return }
            var use = addresses[address] ?? Use()
            use.uploads += uploads
            use.bytes += bytes
            addresses[address] = use.uploads > 0 || use.bytes > 0 ? use : nil
        }

        /// An upload that can be used.
        func pending(_ id: String, key: UInt64, at time: Int) throws(APIError) -> Session {
            guard let session = sessions[id], session.key == key else { throw .noUpload(id) }
            switch session.state {
            case .pending: break
            case .completing: throw .uploadHasEnded("is being completed")
            case .completed: throw .uploadHasEnded("is already completed")
            case .cancelled: throw .uploadHasEnded("has been cancelled")
            case .expired: throw .uploadHasEnded("has expired")
            }
            // The sweep removes what is there of it.
            guard session.object.expires > time else { throw .uploadHasEnded("has expired") }
            return session
        }

        /// Notes the end of an upload; gives what is on disk of it.
        mutating func end(_ session: inout Session, _ state: State) -> Leftover {
            session.state = state
            let parts = session.parts.values
            let leftover = Leftover(
                files: parts.map(\.file),
                bytes: parts.reduce(0) { $0 + $1.bytes },
                address: session.address
            )
            session.parts = [:]
            use(session.address, uploads: -1)
            ended.append(session.object.id)
            if ended.count > UploadSessions.mostEnded { sessions[ended.removeFirst()] = nil }
            return leftover
        }

        mutating func end(_ id: String, _ state: State) -> Leftover {
            guard var session = sessions[id] else { return Leftover() }
            let leftover = end(&session, state)
            sessions[id] = session
            return leftover
        }
    }

    /// So many that have ended are remembered.
    private static let mostEnded = 256
    /// What an upload may have on disk beyond the size of its file: as much again, up to two parts.
    private static let mostSurplus = 2 * UploadRequest.largestPart
    /// How long those that have ended are remembered, in seconds.
    private static let memory = 3600

    let spool: UploadSpool
    private let registry = Mutex(Registry())
    private let sweeper = Mutex<RepeatedTask?>(nil)
    private let reported = Mutex(NIODeadline.distantPast)
    private let logger: Logger
    private let now: @Sendable () -> Int

    /// `now` gives Unix seconds.
    init(spool: UploadSpool, logger: Logger, now: @escaping @Sendable () -> Int) {
        self.spool = spool
        self.logger = logger
        self.now = now
    }

    // MARK: - Uploads

    /// Begins an upload.
    ///
    /// - Throws: The error of the bound that is reached.
    func create(
        _ request: UploadRequest,
        _ owner: Owner,
        _ limits: GatewayConfiguration.Uploads
    ) throws(APIError) -> UploadObject {
        guard request.bytes <= limits.maximumBytes else {
            throw .uploadTooLarge(limit: limits.maximumBytes, "the gateway keeps of uploads (uploads.maximumBytes)")
        }
        let object = UploadObject(
            request,
            id: UploadObject.prefix + RandomID.make(),
            created: now(),
            lifetime: Int(limits.lifetime.nanoseconds / 1_000_000_000)
        )
        let refusal = registry.withLock { registry -> APIError? in
            if registry.alive >= limits.maximumPending {
                return .uploadsAreBusy("too many uploads in parts (uploads.maximumPending)")
            }
            if let address = owner.address,
                registry.addresses[address]?.uploads ?? 0 >= limits.pendingPerAddress
            {
                return .addressHasTooMuch(
                    "\(limits.pendingPerAddress) uploads in parts, a quarter of uploads.maximumPending"
                )
            }
            registry.use(owner.address, uploads: 1)
            registry.sessions[object.id] = Session(
                object: object,
                request: request,
                key: owner.key,
                address: owner.address
            )
            return nil
        }
        if let refusal { throw refusal }
        return object
    }

    /// Does something with an upload that is pending.
    ///
    /// - Throws: A 404 for one that is not there or another key's, a 400 for one that has ended.
    private func use<Value: Sendable>(
        _ id: String,
        key: UInt64,
        _ body: (inout Registry, inout Session) throws(APIError) -> Value
    ) throws(APIError) -> Value {
        let time = now()
        let result = registry.withLock { registry -> Result<Value, APIError> in
            do throws(APIError) {
                var session = try registry.pending(id, key: key, at: time)
                let value = try body(&registry, &session)
                registry.sessions[id] = session
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    // MARK: - Parts

    /// Lets a part arrive; ``add(_:to:key:)`` or ``giveUp(partOf:bytes:address:)`` follows.
    ///
    /// - Returns: The address whose bounds count: that from which the upload was begun.
    func beginPart(
        of id: String,
        key: UInt64,
        _ limits: GatewayConfiguration.Uploads
    ) throws(APIError) -> ClientAddress? {
        try use(id, key: key) { (_, session) throws(APIError) in
            guard session.count < limits.maximumParts else {
                throw .invalidRequest(
                    "An upload has at most \(limits.maximumParts) parts (uploads.maximumParts).",
                    param: "data",
                    code: "array_above_max_length"
                )
            }
            session.count += 1
            return session.address
        }
    }

    /// Takes room on the disk for bytes of a part that arrives.
    func take(_ bytes: Int, for id: String, key: UInt64, _ limits: GatewayConfiguration.Uploads) throws(APIError) {
        try use(id, key: key) { (registry, session) throws(APIError) in
            // A part whose answer was lost is sent again, so there may be more than was announced.
            let announced = session.object.bytes
            guard session.bytes + bytes <= announced + min(announced, Self.mostSurplus) else {
                throw .wrong("data", "the parts are larger than the upload's \(session.object.bytes) bytes.")
            }
            guard registry.bytes + bytes <= limits.maximumBytes else { throw .uploadsAreFull }
            if let address = session.address, let use = registry.addresses[address],
                use.bytes + bytes > limits.bytesPerAddress, use.bytes > session.bytes
            {
                throw .addressHasTooMuch("\(limits.bytesPerAddress) bytes, a quarter of uploads.maximumBytes")
            }
            session.bytes += bytes
            registry.use(session.address, bytes: bytes)
        }
    }

    /// Keeps a part that has arrived; gives its id and the time.
    func add(_ part: Part, to id: String, key: UInt64) throws(APIError) -> (id: String, created: Int) {
        let name = UploadObject.partPrefix + RandomID.make()
        try use(id, key: key) { (_, session) throws(APIError) in session.parts[name] = part }
        return (name, now())
    }

    /// A part that arrived is not kept; its file is gone.
    func giveUp(partOf id: String, bytes: Int, address: ClientAddress?) {
        registry.withLock { registry in
            registry.use(address, bytes: -bytes)
            registry.sessions[id]?.count -= 1
            registry.sessions[id]?.bytes -= bytes
        }
    }

    // MARK: - The end of an upload

    /// The parts that a caller wants put together; ``complete(_:)`` or ``reopen(_:)`` follows.
    func beginCompletion(
        of id: String,
        key: UInt64,
        _ wanted: UploadCompletionRequest
    ) throws(APIError) -> Completion {
        try use(id, key: key) { (_, session) throws(APIError) in
            var files: [String] = []
            var bytes = 0
            for (index, name) in wanted.partIDs.enumerated() {
                guard let part = session.parts[name] else {
                    throw .wrong("part_ids", "the upload has no such part as the one at index \(index).")
                }
                files.append(part.file)
                bytes += part.bytes
            }
            guard bytes == session.object.bytes else {
                throw .wrong(
                    "part_ids",
                    "the parts have \(bytes) bytes together, and the upload was announced with \(session.object.bytes)."
                )
            }
            session.state = .completing
            return Completion(object: session.object, request: session.request, files: files)
        }
    }

    /// The file is made: nothing of the upload is needed any more.
    func complete(_ id: String, on loop: any EventLoop) {
        let leftover = registry.withLock { $0.end(id, .completed) }
        remove(leftover, on: loop).whenComplete { _ in }
    }

    /// No file was made: the upload can be tried again.
    func reopen(_ id: String) {
        registry.withLock { registry in
            if registry.sessions[id]?.state == .completing { registry.sessions[id]?.state = .pending }
        }
    }

    /// Ends an upload; done when its files are gone.
    func cancel(_ id: String, key: UInt64, on loop: any EventLoop) throws(APIError) -> EventLoopFuture<UploadObject> {
        let (object, leftover) = try use(id, key: key) { (registry, session) throws(APIError) in
            (session.object, registry.end(&session, .cancelled))
        }
        return remove(leftover, on: loop).map { object }
    }

    private func remove(_ leftover: Leftover, on loop: any EventLoop) -> EventLoopFuture<Void> {
        guard !leftover.files.isEmpty else { return loop.makeSucceededVoidFuture() }
        return spool.remove(leftover.files, on: loop).always { [self] _ in
            registry.withLock { $0.use(leftover.address, bytes: -leftover.bytes) }
        }
    }

    // MARK: - Time

    /// Ends the uploads whose time is over, and forgets those that ended long ago.
    func sweep(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let time = now()
        let leftovers = registry.withLock { registry -> [Leftover] in
            let late = registry.sessions.values.filter { $0.state == .pending && $0.object.expires <= time }
            let leftovers = late.map { registry.end($0.object.id, .expired) }
            registry.ended.removeAll { id in
                guard let session = registry.sessions[id], session.object.expires + Self.memory <= time else {
                    return false
                }
                registry.sessions[id] = nil
                return true
            }
            return leftovers
        }
        return .andAllComplete(leftovers.map { remove($0, on: loop) }, on: loop)
    }

    /// Sweeps now and then.
    func start(on loop: any EventLoop) {
        let task = loop.scheduleRepeatedAsyncTask(initialDelay: .seconds(60), delay: .seconds(60)) { [weak self] _ in
            self?.sweep(on: loop) ?? loop.makeSucceededVoidFuture()
        }
        sweeper.withLock { $0 = task }
    }

    func close() async {
        sweeper.withLock { $0.take() }?.cancel()
        await spool.close()
    }

    // MARK: - Looking

    /// The uploads that can still be completed, and the bytes on disk.
    var contents: (uploads: Int, bytes: Int) { registry.withLock { ($0.alive, $0.bytes) } }

    /// The error for a caller when the disk failed; the operator is told, once a second at most.
    func refusal(_ error: any Error, request: String) -> APIError {
        let now = NIODeadline.now()
        let isDue = reported.withLock { reported in
            guard now - reported >= .seconds(1) else { return false }
            reported = now
            return true
        }
        if isDue {
            logger.error(
                "parts of uploads cannot be kept",
                metadata: ["reason": "\(error)", "request_id": "\(request)"]
            )
        }
        return error as? SpoolError == .full ? .uploadsAreFull : .uploadsAreBroken
    }
}

extension GatewayConfiguration.Uploads {
    /// What one address may have on disk, unless it is all of one upload.
    var bytesPerAddress: Int { maximumBytes / 4 }

    /// The uploads that one address may have begun.
    var pendingPerAddress: Int { max(1, maximumPending / 4) }
}

extension RequestTicket {
    /// The client's address for bounds of addresses, IPv6 by its first 64 bits; nil for this machine and trusted proxies.
    var boundAddress: ClientAddress? {
        guard let address, !address.isLoopback, !settings.proxies.trusts(address) else { return nil }
        return address.maskingIPv6(to: 64)
    }
}

extension ClientAddress {
    /// Whether it is 127.0.0.0/8 or ::1.
    fileprivate var isLoopback: Bool { bits == 1 || bits >> 24 == 0xFFFF_7F }
}
