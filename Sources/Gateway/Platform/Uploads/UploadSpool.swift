import Logging
import NIOCore
import NIOPosix
import Synchronization

extension GatewayConfiguration.Uploads {
    /// Why the folder of the setting cannot be used.
    var problem: ConfigurationProblem? {
        guard maximumBytes > 0, let directory, let reason = SpoolFolder.problem(directory) else { return nil }
        return ConfigurationProblem(key: "uploads.directory", reason: "\(directory): \(reason)")
    }
}

/// Keeps the parts of uploads on disk, by threads of its own, so that no event loop waits for a disk.
///
/// Folder and threads are made for the first upload.
final class UploadSpool: Sendable {
    private struct State {
        var folder: SpoolFolder?
        var hasThreads = false
        var isClosed = false
    }

    /// Where the folder is made: in the first of these that can be written to.
    private let bases: [String]
    private let logger: Logger
    private let pool = NIOThreadPool(numberOfThreads: 4)
    private let state = Mutex(State())

    /// Removes what an earlier process may have left in `bases`.
    init(bases: [String], logger: Logger) {
        self.bases = bases
        self.logger = logger
        for base in bases { SpoolFolder.removeAbandoned(in: base) }
    }

    /// Where parts may be kept: in the folder of the setting, else in the service's own, else with temporary files.
    static func bases(_ directory: String?, environment: [String: String]) -> [String] {
        if let directory { return [directory] }
        let state = environment["STATE_DIRECTORY"]?.split(separator: ":").first.map(String.init)
        return [state, environment["TMPDIR"] ?? "/tmp"].compactMap { $0 }
    }

    private func folder() throws(SpoolError) -> SpoolFolder {
        let result = state.withLock { state -> Result<SpoolFolder, SpoolError> in
            if let folder = state.folder { return .success(folder) }
            guard !state.isClosed else { return .failure(Self.closed) }
            do throws(SpoolError) {
                let folder = try makeFolder()
                state.folder = folder
                logger.info("parts of uploads are kept on disk", metadata: ["folder": "\(folder.path)"])
                return .success(folder)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static let closed = SpoolError.failed("the gateway is shutting down")

    private func makeFolder() throws(SpoolError) -> SpoolFolder {
        var first: SpoolError?
        for base in bases {
            do throws(SpoolError) { return try SpoolFolder(in: base) } catch { first = first ?? error }
        }
        throw first ?? .failed("no folder")
    }

    private func run<Value: Sendable>(
        on loop: any EventLoop,
        _ body: @escaping @Sendable (SpoolFolder) throws(SpoolError) -> Value
    ) -> EventLoopFuture<Value> {
        let isOpen = state.withLock { state in
            if !state.isClosed, !state.hasThreads {
                pool.start()
                state.hasThreads = true
            }
            return !state.isClosed
        }
        guard isOpen else { return loop.makeFailedFuture(Self.closed) }
        return pool.runIfActive(eventLoop: loop) { [self] in try body(try folder()) }
    }

    // MARK: - Files

    func makeFile(on loop: any EventLoop) -> EventLoopFuture<SpoolFile> {
        run(on: loop) { folder throws(SpoolError) in try folder.makeFile() }
    }

    func append(_ bytes: ByteBuffer, to file: SpoolFile, on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { _ throws(SpoolError) in try file.append(bytes) }
    }

    func finish(_ file: SpoolFile, on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { _ in file.finish() }
    }

    /// A reader of files that have `bytes` together.
    func reader(of names: [String], bytes: Int, on loop: any EventLoop) -> EventLoopFuture<SpoolReader> {
        run(on: loop) { folder in SpoolReader(names, bytes: bytes, in: folder) }
    }

    func next(_ reader: SpoolReader, on loop: any EventLoop) -> EventLoopFuture<ByteBuffer?> {
        run(on: loop) { _ throws(SpoolError) in try reader.next() }
    }

    func digest(_ reader: SpoolReader, on loop: any EventLoop) -> EventLoopFuture<[UInt8]?> {
        run(on: loop) { _ throws(SpoolError) in try reader.digest() }
    }

    /// Removes files; those that are open are closed.
    func remove(_ names: [String], closing file: SpoolFile? = nil, on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { folder in
            file?.finish()
            for name in names { folder.remove(name) }
        }
    }

    // MARK: - The end

    /// Removes the folder.
    func close() async {
        let (folder, hasThreads) = state.withLock { state in
            defer { state = State(isClosed: true) }
            return (state.folder, state.hasThreads)
        }
        // What runs ends first, and nothing begins any more.
        if hasThreads { try? await pool.shutdownGracefully() }
        folder?.removeAll()
    }
}
