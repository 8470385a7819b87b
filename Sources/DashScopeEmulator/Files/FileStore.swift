import NIOCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files of all callers, each seen by its owner only.
final class FileStore: Sendable {
    private struct State {
        var files: [String: StoredFile] = [:]
        /// Ids, the oldest first; those of deleted files stay, as pages go on behind them.
        var order: [String] = []
        var contentBytes = 0
    }

    private static let mostFiles = 10_000
    private static let mostContentBytes = 1 << 30

    private let state = Mutex(State())

    func reset() { state.withLock { $0 = State() } }

    /// Keeps a file; nil where there is no room for it.
    func add(_ content: ByteBuffer, name: String, purpose: StoredFile.Purpose, owner: String) -> StoredFile? {
        let file = StoredFile(
            id: purpose.prefix + RequestID.make().replacing("-", with: "").prefix(24),
            owner: owner,
            name: name,
            purpose: purpose,
            size: content.readableBytes,
            digest: Digest.hexadecimal(of: content),
            created: Int(Date().timeIntervalSince1970),
            content: purpose == .extraction ? nil : content
        )
        let bytes = file.content?.readableBytes ?? 0
        return state.withLock { state in
            guard state.order.count < Self.mostFiles, state.contentBytes + bytes <= Self.mostContentBytes else {
                return nil
            }
            state.files[file.id] = file
            state.order.append(file.id)
            state.contentBytes += bytes
            return file
        }
    }

    func file(_ id: String, owner: String) -> StoredFile? {
        state.withLock { $0.files[id].flatMap { $0.owner == owner ? $0 : nil } }
    }

    func delete(_ id: String, owner: String) -> Bool {
        state.withLock { state in
            guard let file = state.files[id], file.owner == owner else { return false }
            state.contentBytes -= file.content?.readableBytes ?? 0
            state.files[id] = nil
            return true
        }
    }

    /// The files of a caller behind another one, the newest first; nil where that other is not known.
    func files(of owner: String, after: String?) -> [StoredFile]? {
        state.withLock { state in
            var ids = state.order[...]
            if let after {
                guard let place = ids.lastIndex(of: after) else { return nil }
                ids = ids[..<place]
            }
            return ids.reversed().compactMap { state.files[$0] }.filter { $0.owner == owner }
        }
    }

    /// Every file with its size and digest, the oldest first.
    func document() -> JSON {
        let files = state.withLock { state in state.order.compactMap { state.files[$0] } }
        return .array(
            files.map { file in
                var document = file.document
                document["sha256"] = .string(file.digest)
                return document
            }
        )
    }

    // MARK: Documents of conversations

    /// The files that system messages name as `fileid://`, which a conversation cannot do without.
    func documents(of request: NativeRequest, owner: String) throws(Refusal) -> [StoredFile] {
        guard request.model.kind == .longContext else { return [] }
        var files: [StoredFile] = []
        for message in request.messages where message.role == "system" && message.text.hasPrefix("fileid://") {
            for name in message.text.split(separator: ",") {
                let id = name.trimmingPrefix("fileid://")
                guard let file = file(String(id), owner: owner), file.purpose == .extraction else {
                    throw .invalid("Invalid file [id:\(id)].")
                }
                switch file.status {
                case "processing": throw .invalid("File parsing in progress, please try again later.")
                case "error": throw .invalid("File [id:\(id)] format is not supported.")
                default: break
                }
                guard file.size > 0 else { throw .invalid("File [id:\(id)] content blank.") }
                files.append(file)
            }
        }
        guard files.count <= 100 else { throw .invalid("Too many files provided.") }
        return files
    }
}
