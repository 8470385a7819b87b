import APITranslation
import ByteWriting
import NIOCore
import Upstream
import WebSocketTransport
import WireFormats

/// Request heads for upstream, of which only the caller's part is written for each call.
struct UpstreamHeads: Sendable {
    /// By the operation's place in `allCases`; those of an app begin behind the request line.
    private let plain: [ByteBuffer]
    private let streaming: [ByteBuffer]
    /// What stands before the path of a request line, and the lines that calls about tasks have in common.
    private let prefix: String
    private let pathPrefix: String
    private let common: ByteBuffer
    /// Lines of the operator's that every call has.
    private let fixedLines: String

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
        self.pathPrefix = pathPrefix
        var headers = headers.map { (name: $0.name, line: "\($0.name): \($0.value)\r\n") }
        if let workspace, !workspace.isEmpty {
            headers.append((Caller.workspaceHeader, "\(Caller.workspaceHeader): \(workspace)\r\n"))
        }
        defaults = headers.filter { header in Caller.passedOn.contains { Self.isSame($0, header.name) } }
        let fixed = headers.filter { header in !Caller.passedOn.contains { Self.isSame($0, header.name) } }
        var plain: [ByteBuffer] = []
        var streaming: [ByteBuffer] = []
        prefix = "\(upstream.targetPrefix)\(pathPrefix)"
        common = Self.common(upstream)
        fixedLines = fixed.map(\.line).joined()
        for operation in DashScopeOperation.allCases {
            var head = ByteBuffer()
            if operation != .application { head.append(text: "POST \(prefix)\(operation.path) HTTP/1.1\r\n") }
            head.writeImmutableBuffer(common)
            head.append("Content-Type: application/json\r\n")
            head.append(text: fixedLines)
            if operation.isAsynchronous { head.append("X-DashScope-Async: enable\r\n") }
            var stream = head
            head.append("Accept: application/json\r\n")
            stream.append("Accept: text/event-stream\r\nX-DashScope-SSE: enable\r\n")
            plain.append(head)
            streaming.append(stream)
        }
        self.plain = plain
        self.streaming = streaming
    }

    /// The lines of any request to a host: its name, ours, and no compression.
    private static func common(_ upstream: UpstreamConfiguration) -> ByteBuffer {
        var lines = ByteBuffer()
        lines.append(text: "Host: \(upstream.hostHeader)\r\n")
        lines.append(text: "User-Agent: dashscope-gateway/\(GatewayVersion.current)\r\n")
        lines.append("Accept-Encoding: identity\r\n")
        if let authorization = upstream.proxyAuthorization {
            lines.append(text: "Proxy-Authorization: \(authorization)\r\n")
        }
        return lines
    }

    /// The lines a caller that sends no such header itself gets.
    var defaultLines: String { defaults.map(\.line).joined() }

    private func sets(_ name: String) -> Bool { defaults.contains { Self.isSame($0.name, name) } }

    static func isSame(_ left: String, _ right: String) -> Bool { left.lowercased() == right.lowercased() }

    /// The lines that do not depend on the caller.
    func lines(for call: NativeCall) -> ByteBuffer {
        let lines = (call.streamsUpstream ? streaming : plain)[call.operation.index]
        guard call.app != nil else { return lines }
        var head = ByteBuffer(string: "POST \(prefix)\(call.path) HTTP/1.1\r\n")
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
            write(caller, extra, into: &head)
            head.append("Content-Length: ")
            head.append(number: body.readableBytes)
            head.append("\r\n\r\n")
            if joins { head.append(body) }
        }
        return UpstreamRequest(head: head, body: joins ? ByteBuffer() : body)
    }

    /// The lines of a caller, its key among them.
    private func write(_ caller: Caller, _ extra: ByteBuffer?, into head: inout ByteWriter) {
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
        head.append("\r\n")
    }

    // MARK: - Sessions

    /// The handshake of a session over WebSocket; a tunnel leads through a proxy, which sees none of it.
    func session(for call: NativeCall, caller: Caller, lines extra: ByteBuffer?) -> WebSocketRequest {
        let lines = ByteBuffer(capacity: 512 + caller.key.utf8.count) { lines in
            lines.append(text: userAgent)
            lines.append(text: fixedLines)
            write(caller, extra, into: &lines)
        }
        let headers = String(buffer: lines).split(separator: "\r\n").compactMap { line in
            line.firstIndex(of: ":").map { colon in
                (
                    name: String(line[..<colon]),
                    value: String(line[line.index(after: colon)...].drop { $0 == " " })
                )
            }
        }
        return WebSocketRequest(target: target(of: call), headers: headers)
    }

    private var userAgent: String { "User-Agent: dashscope-gateway/\(GatewayVersion.current)\r\n" }

    /// The lines of a session's handshake that do not depend on the caller.
    var sessionLines: String { userAgent + fixedLines + defaultLines }

    /// Path and query of a session.
    func target(of call: NativeCall) -> String {
        let path = "\(pathPrefix)\(call.operation.path)"
        guard call.operation == .speechRealtime else { return path }
        return "\(path)?model=\(PercentEncoding.encode(call.upstreamModel))"
    }

    // MARK: - Tasks and files

    enum TaskAction {
        case query, cancel
    }

    /// The bytes of a call about a task that is there.
    func request(_ action: TaskAction, task id: String, caller: Caller, lines extra: ByteBuffer?) -> UpstreamRequest {
        let head = ByteBuffer(capacity: 512 + caller.key.utf8.count) { head in
            switch action {
            case .query: head.append(text: "GET \(prefix)/api/v1/tasks/\(id) HTTP/1.1\r\n")
            case .cancel: head.append(text: "POST \(prefix)/api/v1/tasks/\(id)/cancel HTTP/1.1\r\n")
            }
            head.append(common)
            head.append(text: fixedLines)
            head.append("Accept: application/json\r\n")
            write(caller, extra, into: &head)
            if action == .cancel { head.append("Content-Length: 0\r\n") }
            head.append("\r\n")
        }
        return UpstreamRequest(head: head, body: ByteBuffer())
    }

    /// The bytes of a call about files or batches.
    func request(for call: PlatformRequest, caller: Caller, lines extra: ByteBuffer?) -> UpstreamRequest {
        let head = ByteBuffer(capacity: 512 + caller.key.utf8.count + call.target.utf8.count) { head in
            head.append(text: "\(call.method.rawValue) \(prefix)\(call.target) HTTP/1.1\r\n")
            head.append(common)
            head.append(text: fixedLines)
            head.append(text: "Accept: \(call.answer == .content ? "*/*" : "application/json")\r\n")
            write(caller, extra, into: &head)
            if call.body.readableBytes > 0 { head.append("Content-Type: application/json\r\n") }
            if call.method == .POST {
                head.append("Content-Length: ")
                head.append(number: call.body.readableBytes)
                head.append("\r\n")
            }
            head.append("\r\n")
        }
        return UpstreamRequest(head: head, body: call.body)
    }

    /// The head of a call whose form follows in chunks.
    func form(for call: PlatformRequest, boundary: String, caller: Caller, lines extra: ByteBuffer?) -> UpstreamRequest
    {
        let head = ByteBuffer(capacity: 512 + caller.key.utf8.count) { head in
            head.append(text: "POST \(prefix)\(call.target) HTTP/1.1\r\n")
            head.append(common)
            head.append(text: fixedLines)
            head.append("Accept: application/json\r\n")
            write(caller, extra, into: &head)
            head.append(text: "Content-Type: multipart/form-data; boundary=\(boundary)\r\n")
            head.append("Transfer-Encoding: chunked\r\n\r\n")
        }
        var request = UpstreamRequest(head: head, body: ByteBuffer())
        request.bodyFraming = .chunks
        return request
    }

    /// The bytes of a request for a file: nobody's key goes with it; `range` is the caller's.
    static func fetch(_ target: String, from upstream: UpstreamConfiguration, range: String? = nil) -> UpstreamRequest {
        var head = ByteBuffer()
        head.append(text: "GET \(upstream.targetPrefix)\(target) HTTP/1.1\r\n")
        head.writeImmutableBuffer(common(upstream))
        if let range { head.append(text: "Range: \(range)\r\n") }
        head.append("Accept: */*\r\n\r\n")
        return UpstreamRequest(head: head, body: ByteBuffer())
    }

    /// The bytes of a request for the permission to upload a file for a model.
    func uploadPolicy(for model: String, caller: Caller, lines extra: ByteBuffer?) -> UpstreamRequest {
        let name = PercentEncoding.encode(model)
        let head = ByteBuffer(capacity: 512 + caller.key.utf8.count) { head in
            head.append(text: "GET \(prefix)/api/v1/uploads?action=getPolicy&model=\(name) HTTP/1.1\r\n")
            head.append(common)
            head.append(text: fixedLines)
            head.append("Content-Type: application/json\r\nAccept: application/json\r\n")
            write(caller, extra, into: &head)
            head.append("\r\n")
        }
        return UpstreamRequest(head: head, body: ByteBuffer())
    }

    /// The head of a form for a host that takes files, whose body follows: nobody's key goes with it.
    static func upload(_ target: String, to upstream: UpstreamConfiguration, boundary: String, length: Int?)
        -> UpstreamRequest
    {
        var head = ByteBuffer()
        head.append(text: "POST \(upstream.targetPrefix)\(target) HTTP/1.1\r\n")
        head.writeImmutableBuffer(common(upstream))
        head.append(text: "Content-Type: multipart/form-data; boundary=\(boundary)\r\n")
        head.append(text: length.map { "Content-Length: \($0)\r\n\r\n" } ?? "Transfer-Encoding: chunked\r\n\r\n")
        var request = UpstreamRequest(head: head, body: ByteBuffer())
        request.bodyFraming = length == nil ? .chunks : .length
        return request
    }
}
