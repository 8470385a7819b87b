import APITranslation
import Logging
import NIOCore
import Storage
import Synchronization
import Telemetry

/// The store of the whole gateway: which engine it is, and who is told when it fails.
final class ResponseStore: Sendable {
    let objects: any ObjectStore
    private let location: StoreLocation
    private let logger: Logger
    private let failures = Atomic<Int>(0)
    /// When each operation's failure was told last.
    private let reports = Mutex<[String: NIODeadline]>([:])
    private let sweeper = Mutex<RepeatedTask?>(nil)

    /// Opens what `store.url` names; nil where the operator wants nothing kept.
    ///
    /// - Throws: ``ConfigurationProblems`` where the file cannot be used.
    static func open(_ configuration: GatewayConfiguration, stateDirectory: String?, logger: Logger) throws -> Self? {
        do throws(ConfigurationProblem) {
            return try Self(configuration, stateDirectory: stateDirectory, logger: logger)
        } catch {
            throw ConfigurationProblems(problems: [error])
        }
    }

    private init?(
        _ configuration: GatewayConfiguration,
        stateDirectory: String?,
        logger: Logger
    ) throws(ConfigurationProblem) {
        location = try StoreLocation(configuration.store.url, stateDirectory: stateDirectory)
        self.logger = logger
        let limits = StoreLimits(configuration.store, location)
        switch location {
        case .none: return nil
        case .memory: objects = MemoryStore(limits) { Timestamp.unixSeconds }
        case .file(let path):
            do throws(StoreError) {
                objects = try SQLiteStore(path: path, limits: limits) { Timestamp.unixSeconds }
            } catch {
                throw ConfigurationProblem(key: "store.url", reason: "\(path): \(error)")
            }
        }
    }

    /// The fault that would make ``open(_:stateDirectory:logger:)`` fail, as far as it shows without opening.
    static func problem(_ configuration: GatewayConfiguration, stateDirectory: String?) throws -> ConfigurationProblem?
    {
        guard case .file(let path) = try StoreLocation(configuration.store.url, stateDirectory: stateDirectory),
            let reason = StoreFile.problem(path)
        else { return nil }
        return ConfigurationProblem(key: "store.url", reason: "\(path): \(reason)")
    }

    /// The secret of callers' hashes, with which callers find objects stored before a restart; nil where nothing
    /// outlives the process.
    var callerSecret: [UInt8]? { (objects as? SQLiteStore)?.callerSecret }

    /// What `encrypted_content` is sealed with, for the same reason.
    var contentSecret: [UInt8]? { (objects as? SQLiteStore)?.contentSecret }

    /// Forgets now and then what is older than it may be.
    func start(on loop: any EventLoop) {
        let task = loop.scheduleRepeatedAsyncTask(initialDelay: .seconds(5), delay: .seconds(60)) { [weak self] _ in
            guard let self else { return loop.makeSucceededVoidFuture() }
            return objects.sweep(on: loop).recover { [weak self] in self?.report($0, doing: "sweep") }
        }
        sweeper.withLock { $0 = task }
    }

    func apply(_ settings: GatewayConfiguration.Store) { objects.apply(StoreLimits(settings, location)) }

    func close() async {
        sweeper.withLock { $0.take() }?.cancel()
        await objects.close()
    }

    // MARK: - Failures

    /// Requests that the store failed since the start.
    var failureCount: Int { failures.load(ordering: .relaxed) }

    /// Counts a failure and tells the operator, once a second at most for each kind of operation.
    func report(_ error: any Error, doing operation: StaticString, request: String? = nil) {
        let count = failures.add(1, ordering: .relaxed).newValue
        let now = NIODeadline.now()
        let isDue = reports.withLock { reports in
            guard now - reports["\(operation)", default: .distantPast] >= .seconds(1) else { return false }
            reports["\(operation)"] = now
            return true
        }
        guard isDue else { return }
        var metadata: Logger.Metadata = [
            "operation": "\(operation)", "reason": "\(error)", "failures": .stringConvertible(count),
        ]
        if let request { metadata["request_id"] = "\(request)" }
        logger.error("the store of responses failed", metadata: metadata)
    }

    /// Keeps a response that its client has; whether that succeeds is the operator's business.
    @discardableResult
    func keep(_ object: StoredObject, provesOwner: Bool, conversation: String?, on loop: any EventLoop)
        -> EventLoopFuture<Void>
    {
        let id = object.id
        let put = objects.put(object, provesOwner: provesOwner, on: loop)
        put.whenFailure { [self] in report($0, doing: "put", request: String(id.dropFirst("resp_".count))) }
        if let conversation { append(object, to: conversation, on: loop) }
        return put
    }

    /// Appends what a response read and wrote to its conversation.
    func append(_ object: StoredObject, to conversation: String, on loop: any EventLoop) {
        let request = String(object.id.dropFirst("resp_".count))
        objects.update(conversation, owner: object.owner, on: loop) { conversation in
            conversation.input.append(object.input)
            conversation.input.append(object.output)
        }.whenFailure { [self] in report($0, doing: "append", request: request) }
    }
}

extension StoreLimits {
    init(_ settings: GatewayConfiguration.Store, _ location: StoreLocation) {
        self.init(
            maximumBytes: settings.maximumBytes == 0 ? location.usualBytes : settings.maximumBytes,
            retention: Int(settings.retention.nanoseconds / 1_000_000_000),
            timeout: settings.timeout
        )
    }
}

extension APIError {
    /// The error for a caller when the store failed.
    init(store error: any Error) {
        switch error as? StoreError {
        case .tooLarge:
            self.init(
                status: 413,
                message: "It is larger than what the operator lets a caller keep (store.maximumBytes).",
                type: "invalid_request_error",
                code: "store_object_too_large",
                origin: .gateway
            )
        case .full:
            self.init(
                status: 503,
                message: "The store of responses is full.",
                type: "server_error",
                code: "store_full",
                origin: .gateway
            )
        case .timeout:
            self.init(
                status: 503,
                message: "The store of responses did not answer in time (store.timeout); try again.",
                type: "server_error",
                code: "store_unavailable",
                origin: .gateway,
                shouldRetry: true
            )
        case .failed, nil:
            // The reason is the operator's business, and stands in the log.
            self.init(
                status: 503,
                message: "The store of responses cannot be used.",
                type: "server_error",
                code: "store_unavailable",
                origin: .gateway,
                shouldRetry: true
            )
        }
    }
}
