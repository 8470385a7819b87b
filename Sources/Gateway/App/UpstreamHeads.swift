import APITranslation
import ByteWriting
import NIOCore
import Upstream

/// Request heads for upstream, of which only the caller's part is written for each call.
struct UpstreamHeads: Sendable {
    /// What stands in front of the path of a call.
    private let target: String
    /// By the operation's place in `allCases`; those of an app begin behind the request line.
    private let plain: [ByteBuffer]
    private let streaming: [ByteBuffer]

    /// Lines the operator sets for callers that do not send such a header themselves.
    private let defaults: [(name: String, line: String)]
    /// Whether a caller's own word replaces the operator's.
    private let callersDecide: Bool

    /// Prepares the heads; `headers` are the operator's, `workspace` is for callers that name none.
    init(
        upstream: UpstreamConfiguration,
        pathPrefix: String,
        headers: [UpstreamHeader] = [],
        workspace: String? = nil,
        callersDecide: Bool = true
    ) {
        self.callersDecide = callersDecide
        target = upstream.targetPrefix + pathPrefix
        var headers = headers.map { (name: $0.name, line: "\($0.name): \($0.value)\r\n") }
        if let workspace, !workspace.isEmpty {
            headers.append((Caller.workspaceHeader, "\(Caller.workspaceHeader): \(workspace)\r\n"))
        }
        defaults = headers.filter { header in Caller.passedOn.contains { Self.isSame($0, header.name) } }
        let fixed = headers.filter { header in !Caller.passedOn.contains { Self.isSame($0, header.name) } }
        var plain: [ByteBuffer] = []
        var streaming: [ByteBuffer] = []
        for operation in DashScopeOperation.allCases {
            var head = ByteBuffer()
            if operation != .application { head.append(text: "POST \(target)\(operation.path) HTTP/1.1\r\n") }
            head.append(text: "Host: \(upstream.hostHeader)\r\n")
            head.append(text: "User-Agent: dashscope-gateway/\(GatewayVersion.current)\r\n")
            head.append("Content-Type: application/json\r\nAccept-Encoding: identity\r\n")
            if let authorization = upstream.proxyAuthorization {
                head.append(text: "Proxy-Authorization: \(authorization)\r\n")
            }
            for header in fixed { head.append(text: header.line) }
            var stream = head
            head.append("Accept: application/json\r\n")
            stream.append("Accept: text/event-stream\r\nX-DashScope-SSE: enable\r\n")
            plain.append(head)
            streaming.append(stream)
        }
        self.plain = plain
        self.streaming = streaming
    }

    /// The lines a caller that sends no such header itself gets.
    var defaultLines: String { defaults.map(\.line).joined() }

    private func sets(_ name: String) -> Bool { defaults.contains { Self.isSame($0.name, name) } }

    static func isSame(_ left: String, _ right: String) -> Bool { left.lowercased() == right.lowercased() }

    /// The lines that do not depend on the caller.
    func lines(for call: NativeCall) -> ByteBuffer {
        let lines = (call.streamsUpstream ? streaming : plain)[call.operation.index]
        guard call.app != nil else { return lines }
        var head = ByteBuffer(string: "POST \(target)\(call.path) HTTP/1.1\r\n")
        head.writeImmutableBuffer(lines)
        return head
    }

    /// Bodies up to this size are copied behind the head: one buffer is sent more cheaply than two.
    private static let joinedBodyLimit = 16 << 10

    /// The bytes of a call; `extra` are header lines of this request, each with its line break.
    func request(for call: NativeCall, caller: Caller, lines extra: ByteBuffer? = nil) -> UpstreamRequest {
        let lines = lines(for: call)
        let (body, resolvesOSS) = (call.body, call.resolvesOSS)
        let joins = body.readableBytes <= Self.joinedBodyLimit
        let capacity =
            lines.readableBytes + caller.key.utf8.count + 192 + (extra?.readableBytes ?? 0)
            + (joins ? body.readableBytes : 0)
        let head = ByteBuffer(capacity: capacity) { head in
            head.append(lines)
            if resolvesOSS { head.append("X-DashScope-OssResourceResolve: enable\r\n") }
            for header in caller.upstreamHeaders where callersDecide || !sets(header.name) {
                head.append(text: header.name)
                head.append(": ")
                head.append(text: header.value)
                head.append("\r\n")
            }
            for header in defaults where !callersDecide || !caller.sets(header.name) {
                head.append(text: header.line)
            }
            if let extra { head.append(extra) }
            head.append("Authorization: Bearer ")
            head.append(text: caller.key)
            head.append("\r\nContent-Length: ")
            head.append(number: body.readableBytes)
            head.append("\r\n\r\n")
            if joins { head.append(body) }
        }
        return UpstreamRequest(head: head, body: joins ? ByteBuffer() : body)
    }
}
