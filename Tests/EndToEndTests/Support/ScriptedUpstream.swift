import HTTPServing
import NIOCore
import Synchronization

/// An upstream that does what a test says.
final class ScriptedUpstream: HTTPResponding {
    typealias Script = @Sendable (HTTPRequest, ResponseWriter) async throws -> Void

    private let script: Script
    private let seen = Mutex<[HTTPRequest]>([])

    init(_ script: @escaping Script) {
        self.script = script
    }

    var requests: [HTTPRequest] { seen.withLock { $0 } }

    func respond(to request: HTTPRequest, writer: ResponseWriter) async throws {
        seen.withLock { $0.append(request) }
        try await script(request, writer)
    }
}

extension ResponseWriter {
    /// Sends nothing more; ends when the caller has left.
    ///
    /// - Throws: `CancellationError`.
    func waitForTheCaller() async throws {
        await Signal().wait()
        try Task.checkCancellation()
    }

    func startEvents(status: Int = 200) async throws {
        try await start(
            status: status,
            headers: [("Content-Type", "text/event-stream;charset=UTF-8"), ("x-request-id", "up-1")]
        )
    }

    /// One event of a text model's stream.
    func event(_ content: String, finish: String = "null", id: Int = 1) async throws {
        try await write(
            ByteBuffer(
                string: "id:\(id)\nevent:result\n:HTTP_STATUS/200\ndata:{\"output\":{\"choices\":[{\"message\":"
                    + "{\"content\":\"\(content)\",\"role\":\"assistant\"},\"finish_reason\":\"\(finish)\"}]},"
                    + "\"usage\":{\"total_tokens\":9,\"input_tokens\":4,\"output_tokens\":5},\"request_id\":\"up-1\"}\n\n"
            )
        )
    }

    func errorEvent(status: Int, code: String, message: String) async throws {
        try await write(
            ByteBuffer(
                string: "id:1\nevent:error\n:HTTP_STATUS/\(status)\n"
                    + "data:{\"code\":\"\(code)\",\"message\":\"\(message)\",\"request_id\":\"up-1\"}\n\n"
            )
        )
    }

    func json(_ status: Int = 200, _ text: String) async throws {
        try await send(
            status: status,
            headers: [("Content-Type", "application/json"), ("x-request-id", "up-1")],
            body: ByteBuffer(string: text)
        )
    }

    /// A whole answer of a text model.
    func answer(_ content: String) async throws {
        try await json(
            200,
            "{\"output\":{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":"
                + "\"\(content)\"}}]},\"usage\":{\"total_tokens\":9,\"input_tokens\":4,\"output_tokens\":5},"
                + "\"request_id\":\"up-1\"}"
        )
    }
}

/// Waits for what nobody announces; a test that is cancelled by its time limit ends here.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Something a test waits for, once.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func fire() {
        continuation.finish()
    }

    func wait() async {
        for await _ in stream {}
    }
}
