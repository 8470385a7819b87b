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

    package init(
        operation: DashScopeOperation,
        upstreamModel: String,
        body: ByteBuffer,
        streamsUpstream: Bool = false,
        resolvesOSS: Bool = false
    ) {
        self.operation = operation
        self.upstreamModel = upstreamModel
        self.body = body
        self.streamsUpstream = streamsUpstream
        self.resolvesOSS = resolvesOSS
    }

    /// The bytes of its body and texts.
    package var bytes: Int { texts.reduce(body.readableBytes) { $0 + $1.readableBytes } }

    /// The path below the region's host.
    package var path: String { app.map { "/api/v1/apps/\($0)/completion" } ?? "\(operation.path)" }
}
