import APITranslation
import JSONBytes
import NIOCore
import Upstream

/// Request heads for upstream, of which only the caller's part is written for each call.
struct UpstreamHeads: Sendable {
    private let plain: [DashScopeOperation: ByteBuffer]
    private let streaming: [DashScopeOperation: ByteBuffer]

    init(upstream: UpstreamConfiguration, pathPrefix: String) {
        var plain: [DashScopeOperation: ByteBuffer] = [:]
        var streaming: [DashScopeOperation: ByteBuffer] = [:]
        for operation in DashScopeOperation.allCases {
            var head = ByteBuffer()
            head.append(text: "POST \(pathPrefix)\(operation.path) HTTP/1.1\r\nHost: \(upstream.hostHeader)\r\n")
            head.append(text: "User-Agent: dashscope-gateway/\(GatewayVersion.current)\r\n")
            head.append("Content-Type: application/json\r\nAccept-Encoding: identity\r\n")
            var stream = head
            head.append("Accept: application/json\r\n")
            stream.append("Accept: text/event-stream\r\nX-DashScope-SSE: enable\r\n")
            plain[operation] = head
            streaming[operation] = stream
        }
        self.plain = plain
        self.streaming = streaming
    }

    /// The lines that do not depend on the caller.
    func lines(for call: ChatCall) -> ByteBuffer {
        (call.streamsUpstream ? streaming : plain)[call.operation] ?? ByteBuffer()
    }

    /// Bodies up to this size are copied behind the head: one buffer is sent more cheaply than two.
    private static let joinedBodyLimit = 16 << 10

    /// The bytes of a call.
    func request(for call: ChatCall, caller: Caller) -> UpstreamRequest {
        let lines = lines(for: call)
        let joins = call.body.readableBytes <= Self.joinedBodyLimit
        var head = ByteBufferAllocator().buffer(
            capacity: lines.readableBytes + caller.key.utf8.count + 192 + (joins ? call.body.readableBytes : 0)
        )
        head.writeImmutableBuffer(lines)
        if call.resolvesOSS { head.append("X-DashScope-OssResourceResolve: enable\r\n") }
        for header in caller.upstreamHeaders {
            head.append(text: header.name)
            head.append(": ")
            head.append(text: header.value)
            head.append("\r\n")
        }
        head.append("Authorization: Bearer ")
        head.append(text: caller.key)
        head.append("\r\nContent-Length: ")
        head.append(number: call.body.readableBytes)
        head.append("\r\n\r\n")
        guard joins else { return UpstreamRequest(head: head, body: call.body) }
        head.writeImmutableBuffer(call.body)
        return UpstreamRequest(head: head, body: ByteBuffer())
    }
}
