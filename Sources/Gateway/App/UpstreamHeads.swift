import APITranslation
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
            head.writeString("POST \(pathPrefix)\(operation.path) HTTP/1.1\r\nHost: \(upstream.hostHeader)\r\n")
            head.writeString("User-Agent: dashscope-gateway/\(GatewayVersion.current)\r\n")
            head.writeStaticString("Content-Type: application/json\r\nAccept-Encoding: identity\r\n")
            var stream = head
            head.writeStaticString("Accept: application/json\r\n")
            stream.writeStaticString("Accept: text/event-stream\r\nX-DashScope-SSE: enable\r\n")
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

    /// The complete head of a call.
    func head(for call: ChatCall, caller: Caller) -> ByteBuffer {
        let lines = lines(for: call)
        var head = ByteBufferAllocator().buffer(capacity: lines.readableBytes + caller.key.utf8.count + 192)
        head.writeImmutableBuffer(lines)
        if call.resolvesOSS { head.writeStaticString("X-DashScope-OssResourceResolve: enable\r\n") }
        for header in caller.upstreamHeaders {
            head.writeString(header.name)
            head.writeStaticString(": ")
            head.writeString(header.value)
            head.writeStaticString("\r\n")
        }
        head.writeStaticString("Authorization: Bearer ")
        head.writeString(caller.key)
        head.writeStaticString("\r\nContent-Length: ")
        head.writeString(String(call.body.readableBytes))
        head.writeStaticString("\r\n\r\n")
        return head
    }
}
