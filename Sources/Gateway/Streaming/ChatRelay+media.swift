import APITranslation
import NIOCore

/// The media of a conversation that are stored before its call is sent.
struct ChatMedia {
    let uploads: MediaUploads
    /// The call that waits for them.
    var call: ChatCall?
}

// Media that DashScope does not take inline.
extension ChatRelay: MediaUploadsOwner {
    func upload(_ call: ChatCall) {
        if media == nil {
            let uploads = MediaUploads(for: call.upstreamModel, ticket: ticket, caller: caller, owner: self)
            media = ChatMedia(uploads: uploads, call: call)
            do {
                return try uploads.start([call.native], body: requestBody ?? ByteBuffer())
            } catch {
                return mediaFailed(error, detail: nil)
            }
        }
        // The same request for the other path.
        media?.call = call
        mediaStored()
    }

    func mediaStored() {
        guard machine.state != .finished, let media, let call = media.call else { return }
        self.media?.call = nil
        media.uploads.complete(&call.native)
        runner.start(call.native, isUrgent: call.streamsToClient, receiver: self)
    }

    func mediaFailed(_ error: APIError, detail: String?) {
        guard machine.state != .finished else { return }
        let filter = SecretFilter(caller, settings)
        giveUp(filter.clean(error), detail: detail.map { filter.clean($0) })
    }
}
