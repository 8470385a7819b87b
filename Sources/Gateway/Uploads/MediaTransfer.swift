import APITranslation
import NIOCore
import WireFormats

/// Puts one file that stands as base64 in the body of a request into DashScope's storage.
///
/// The text is decoded while it leaves, so that the file is never held beside it.
final class MediaTransfer: StorageUploadOwner {
    /// What is decoded in one turn of the loop, in bytes of text.
    private static let pieceLength = 128 << 10

    let media: MediaUpload
    /// The part of the text that has not left.
    private var text: ByteBuffer
    private let ticket: RequestTicket
    private var upload: StorageUpload?
    private var decoder = MediaDecoder()
    private var isWritable = false
    private var isScheduled = false
    /// The bytes of the file, where the text tells.
    private let length: Int?
    private let ended: (MediaTransfer, Result<String, APIError>, String?) -> Void

    /// `ended` is told the link or what went wrong, unless the transfer is cancelled.
    init(
        _ media: MediaUpload,
        text: ByteBuffer,
        model: String,
        ticket: RequestTicket,
        caller: Caller,
        ended: @escaping (MediaTransfer, Result<String, APIError>, String?) -> Void
    ) {
        self.media = media
        self.text = text
        self.ticket = ticket
        self.ended = ended
        length = media.hasEscapes ? nil : Self.byteCount(of: text)
        upload = StorageUpload(
            MultipartPart(name: "file", filename: media.filename, contentType: media.mediaType),
            for: model,
            length: length,
            limit: media.maximumBytes,
            ticket: ticket,
            caller: caller,
            owner: self
        )
    }

    func start() { upload?.start() }

    /// The bytes that a text becomes in which nothing has to be skipped.
    private static func byteCount(of text: ByteBuffer) -> Int {
        var letters = text.readableBytes
        while letters > 0, text.readableBytes - letters < 2,
            text.getInteger(at: text.readerIndex + letters - 1, as: UInt8.self) == UInt8(ascii: "=")
        {
            letters -= 1
        }
        return letters / 4 * 3 + letters % 4 * 3 / 4
    }

    func cancel() {
        upload?.cancel()
        upload = nil
        text = ByteBuffer()
    }

    func tick(now: NIODeadline) { upload?.tick(now: now) }

    // MARK: - Bytes

    func uploadTakesBytes(_ isWritable: Bool) {
        self.isWritable = isWritable
        schedule()
    }

    /// The next piece leaves in a turn of its own: others have a claim to the loop, too.
    private func schedule() {
        guard isWritable, !isScheduled, upload != nil else { return }
        isScheduled = true
        ticket.loop.eventLoop.assumeIsolated().execute { [self] in
            isScheduled = false
            writePiece()
        }
    }

    private func writePiece() {
        guard isWritable, let upload else { return }
        guard let piece = text.readSlice(length: min(Self.pieceLength, text.readableBytes)) else { return }
        var bytes = ByteBuffer()
        guard piece.withUnsafeReadableBytes({ decoder.decode($0, into: &bytes) }) else { return refuse() }
        if bytes.readableBytes > 0 { upload.write(bytes) }
        // It may have been too much.
        guard self.upload != nil else { return }
        guard text.readableBytes == 0 else { return schedule() }
        guard decoder.isComplete(), upload.sentBytes > 0, length.map({ $0 == upload.sentBytes }) ?? true else {
            return refuse()
        }
        upload.finish()
    }

    private func refuse() { end(.failure(.noBase64(media.param))) }

    // MARK: - Ending

    private func end(_ result: Result<String, APIError>, detail: String? = nil) {
        guard upload != nil else { return }
        cancel()
        ended(self, result, detail)
    }

    func uploadEnded(_ upload: StorageUpload, link: String) { end(.success(link)) }

    func uploadFailed(_ upload: StorageUpload, error: APIError, detail: String?) {
        var error = error
        if error.code == "file_too_large" { error.param = media.param }
        end(.failure(error), detail: detail)
    }
}
