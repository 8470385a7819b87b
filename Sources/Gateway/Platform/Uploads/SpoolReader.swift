import Crypto
import NIOCore
import Synchronization

/// Reads files of a folder one behind the other; every call may wait for the disk.
final class SpoolReader: Sendable {
    /// What is read at once.
    static let pieceBytes = 64 << 10
    /// Pieces between which others may have their turn.
    private static let digestPieces = 64

    private struct State {
        var index = 0
        var file: SpoolFile?
        var count = 0
        var md5 = Insecure.MD5()
    }

    private let folder: SpoolFolder
    private let names: [String]
    /// What the files have together: another size is a fault.
    private let bytes: Int
    private let state = Mutex(State())

    init(_ names: [String], bytes: Int, in folder: SpoolFolder) {
        self.names = names
        self.bytes = bytes
        self.folder = folder
    }

    /// The next piece; nil behind the last file.
    func next() throws(SpoolError) -> ByteBuffer? {
        let result = state.withLock { state -> Result<ByteBuffer?, SpoolError> in
            do throws(SpoolError) { return .success(try next(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func next(_ state: inout State) throws(SpoolError) -> ByteBuffer? {
        while true {
            if let file = state.file {
                let piece = try file.next(Self.pieceBytes)
                if piece.readableBytes > 0 {
                    state.count += piece.readableBytes
                    return piece
                }
                file.finish()
                state.file = nil
                state.index += 1
            }
            guard state.index < names.count else {
                guard state.count == bytes else { throw .failed("parts have changed on the disk") }
                return nil
            }
            state.file = try folder.openFile(names[state.index])
        }
    }

    /// Reads on for a while; the checksum of all files once the last has been read.
    func digest() throws(SpoolError) -> [UInt8]? {
        let result = state.withLock { state -> Result<[UInt8]?, SpoolError> in
            do throws(SpoolError) {
                for _ in 0..<Self.digestPieces {
                    guard let piece = try next(&state) else { return .success(Array(state.md5.finalize())) }
                    piece.withUnsafeReadableBytes { state.md5.update(bufferPointer: $0) }
                }
                return .success(nil)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Begins again with the first file.
    func rewind() { state.withLock { $0 = State() } }
}
