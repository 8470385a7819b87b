import JSONBytes
package import NIOCore

/// One call of one of DashScope's native APIs.
package struct NativeCall: Sendable {
    package var operation: DashScopeOperation
    /// The model name sent upstream.
    package var upstreamModel: String
    /// The id of the app, where one is called.
    package var app: String?
    /// The native JSON body.
    package var body: ByteBuffer
    /// Whether to call upstream with `X-DashScope-SSE: enable`.
    package var streamsUpstream: Bool
    /// For a session over WebSocket, whose ``body`` is what it is opened with: the texts that follow, as JSON.
    package var texts: [ByteBuffer] = []
    /// Whether the body holds `oss://` links (`X-DashScope-OssResourceResolve: enable`).
    package var resolvesOSS: Bool
    /// Media whose links the body lacks, in the order of their places.
    package var uploads: [MediaUpload]

    package init(
        operation: DashScopeOperation,
        upstreamModel: String,
        body: ByteBuffer,
        streamsUpstream: Bool = false,
        resolvesOSS: Bool = false,
        uploads: [MediaUpload] = []
    ) {
        self.operation = operation
        self.upstreamModel = upstreamModel
        self.body = body
        self.streamsUpstream = streamsUpstream
        self.resolvesOSS = resolvesOSS
        self.uploads = uploads
    }

    /// Writes the links of what was stored, in the order of `uploads`, into their places.
    package mutating func complete(with links: [String]) {
        guard !uploads.isEmpty else { return }
        var whole = ByteBuffer()
        whole.reserveCapacity(body.readableBytes + links.reduce(0) { $0 + $1.utf8.count + 8 })
        for (upload, link) in zip(uploads, links) {
            let done = body.readerIndex
            if let before = body.readSlice(length: upload.place - done) { whole.writeImmutableBuffer(before) }
            whole.writeJSON(link)
        }
        whole.writeImmutableBuffer(body)
        body = whole
        uploads = []
    }

    /// The bytes of its body and texts.
    package var bytes: Int { texts.reduce(body.readableBytes) { $0 + $1.readableBytes } }

    /// The path below the region's host.
    package var path: String { app.map { "/api/v1/apps/\($0)/completion" } ?? "\(operation.path)" }
}
