import NIOCore
import Synchronization

/// The list of models as bytes, written on first use.
final class RenderedModelList: Sendable {
    private let bytes = Mutex<ByteBuffer?>(nil)

    /// The bytes, made by `write` if this is the first time.
    func bytes(_ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
        bytes.withLock { bytes in
            if let bytes { return bytes }
            var written = ByteBuffer()
            write(&written)
            bytes = written
            return written
        }
    }
}
