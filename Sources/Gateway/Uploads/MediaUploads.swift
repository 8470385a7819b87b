import APITranslation
import NIOCore

/// Is told once how the uploads of a request went, unless they are cancelled.
protocol MediaUploadsOwner: AnyObject {
    /// All links are known.
    func mediaStored()
    func mediaFailed(_ error: APIError, detail: String?)
}

/// Stores what DashScope does not take inline of a request in JSON, before its calls are sent.
///
/// What stands in the request twice is stored once, and a call that is written again for the other generation path gets
/// the links that are there.
final class MediaUploads {
    private struct Item {
        var media: MediaUpload
        var text: ByteBuffer
        var link: String?
    }

    private let ticket: RequestTicket
    private let caller: Caller
    /// The model that reads the files: DashScope follows a link only for the one it was stored for.
    private let model: String
    private weak var owner: (any MediaUploadsOwner)?
    private var items: [Item] = []
    /// The item at a place of the body.
    private var places: [Int: Int] = [:]
    private var transfers: [(item: Int, transfer: MediaTransfer)] = []
    private var next = 0
    private let deadline: NIODeadline
    private var isOver = false

    init(for model: String, ticket: RequestTicket, caller: Caller, owner: any MediaUploadsOwner) {
        self.model = model
        self.ticket = ticket
        self.caller = caller
        self.owner = owner
        deadline = .now() + ticket.settings.callLimits.total
    }

    /// Begins with the uploads of these calls, as many at once as a request may make calls.
    ///
    /// - Throws: A 400 for too many, and for a body of which it is not certain where its media stand.
    func start(_ calls: [NativeCall], body: ByteBuffer) throws(APIError) {
        let limit = ticket.settings.configuration.upstream.maximumUploads
        for call in calls {
            for media in call.uploads where places[media.text.lowerBound] == nil {
                let text = try text(of: media, in: body)
                // Compared byte by byte only where the lengths are the same.
                let known = items.firstIndex { $0.media.mediaType == media.mediaType && $0.text == text }
                places[media.text.lowerBound] = known ?? items.count
                guard known == nil else { continue }
                guard items.count < limit else { throw .tooManyUploads(media.param, limit: limit) }
                items.append(Item(media: media, text: text))
            }
        }
        startNext()
    }

    private func text(of media: MediaUpload, in body: ByteBuffer) throws(APIError) -> ByteBuffer {
        // The translators' places are those of JSON, which has no mark in front.
        let mark = body.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let start = body.readerIndex + mark + media.text.lowerBound
        let quote = UInt8(ascii: "\"")
        // A body whose text was mended may be longer than what came.
        guard let text = body.getSlice(at: start, length: media.text.count),
            body.getInteger(at: start + media.text.count, as: UInt8.self) == quote,
            let before = body.getInteger(at: start - 1, as: UInt8.self), before == quote || before == UInt8(ascii: ",")
        else { throw .noBase64(media.param) }
        return text
    }

    private func startNext() {
        let limit = ticket.settings.configuration.upstream.parallelCalls
        while !isOver, transfers.count < limit, next < items.count {
            let (index, item) = (next, items[next])
            next += 1
            items[index].text = ByteBuffer()
            let transfer = MediaTransfer(
                item.media,
                text: item.text,
                model: model,
                ticket: ticket,
                caller: caller
            ) { [weak self] in self?.ended($0, $1, detail: $2) }
            transfers.append((index, transfer))
            transfer.start()
        }
    }

    private func ended(_ transfer: MediaTransfer, _ result: Result<String, APIError>, detail: String?) {
        guard !isOver, let place = transfers.firstIndex(where: { $0.transfer === transfer }) else { return }
        let item = transfers.remove(at: place).item
        switch result {
        case .failure(let error): fail(error, detail: detail)
        case .success(let link):
            items[item].link = link
            if next < items.count { return startNext() }
            guard transfers.isEmpty else { return }
            isOver = true
            owner?.mediaStored()
        }
    }

    /// Writes the links into a call, whichever time it was translated.
    func complete(_ call: inout NativeCall) {
        call.complete(
            with: call.uploads.map { media in places[media.text.lowerBound].flatMap { items[$0].link } ?? "" }
        )
    }

    private func fail(_ error: APIError, detail: String?) {
        guard !isOver else { return }
        cancel()
        owner?.mediaFailed(error, detail: detail)
    }

    func cancel() {
        isOver = true
        for (_, transfer) in transfers { transfer.cancel() }
        transfers = []
    }

    func tick(now: NIODeadline) {
        guard !isOver else { return }
        guard now < deadline else { return fail(.uploadTimeout, detail: "upload: timeout") }
        // A copy: one that fails ends the others.
        for (_, transfer) in transfers { transfer.tick(now: now) }
    }
}
