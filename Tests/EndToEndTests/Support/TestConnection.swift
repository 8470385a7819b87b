import NIOCore
import NIOPosix
import Upstream

/// A client's TCP connection that sends what a test says, byte for byte.
final class TestConnection {
    struct Response: Equatable {
        var status: Int
        var head: UpstreamResponseHead
        var body = ""

        func header(_ name: StaticString) -> String? { head.first(name) }
    }

    struct Ended: Error {}

    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var parser = HTTPResponseParser()

    private init(
        channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Opens a connection for the time of `body`.
    static func open<Result>(
        port: Int,
        receiveBuffer: Int? = nil,
        _ body: (TestConnection) async throws -> Result
    ) async throws -> Result {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
        }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(
                        backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2),
                        isOutboundHalfClosureEnabled: true
                    )
                )
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(TestConnection(channel: channel, inbound: inbound, outbound: outbound))
        }
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await outbound.write(bytes)
    }

    /// A POST of a JSON text to the Messages endpoint, as Anthropic's clients send it.
    func sendMessages(_ json: String, to path: String = "/v1/messages?beta=true") async throws {
        try await send(
            "POST \(path) HTTP/1.1\r\nHost: test\r\nx-api-key: sk-test\r\nanthropic-version: 2023-06-01\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)"
        )
    }

    /// A POST of a JSON text to an endpoint, as OpenAI's clients send it.
    func sendJSON(_ json: String, to path: String, key: String = "sk-test") async throws {
        try await send(
            "POST \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(key)\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)"
        )
    }

    /// A request without a body.
    func ask(_ method: String, _ path: String, key: String = "sk-test") async throws {
        let length = method == "POST" ? "Content-Length: 0\r\n" : ""
        try await send(
            "\(method) \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(key)\r\n\(length)\r\n"
        )
    }

    /// A POST of a JSON text to the chat endpoint.
    func sendChat(_ json: String, headers: String = "") async throws {
        try await send(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n\(headers)"
                + "Content-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)"
        )
    }

    private func nextEvent() async throws -> HTTPResponseParser.Event? {
        while true {
            if let event = try parser.next() { return event }
            guard let bytes = try await inbound.next(isolation: #isolation) else { return try parser.finish() }
            parser.append(bytes)
        }
    }

    /// The head of the next response.
    func head() async throws -> UpstreamResponseHead {
        parser.reset()
        guard case .head(let head) = try await nextEvent() else { throw Ended() }
        return head
    }

    /// The next piece of the body, or nil at its end.
    func piece() async throws -> String? {
        guard case .body(let bytes) = try await nextEvent() else { return nil }
        return String(buffer: bytes)
    }

    /// The rest of a body that is no text.
    func bytes() async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        while case .body(let piece) = try await nextEvent() { bytes.writeImmutableBuffer(piece) }
        return bytes
    }

    /// Body pieces until `text` has been seen; returns all of them.
    func read(until text: String) async throws -> String {
        var seen = ""
        while !seen.contains(text) {
            guard let piece = try await piece() else { throw Ended() }
            seen += piece
        }
        return seen
    }

    func response() async throws -> Response {
        let head = try await head()
        var response = Response(status: head.status, head: head)
        while let piece = try await piece() { response.body += piece }
        return response
    }

    /// Whether the gateway has closed the connection.
    func isAtEnd() async throws -> Bool {
        try await inbound.next(isolation: #isolation) == nil
    }
}
