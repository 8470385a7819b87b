package import NIOCore

/// Answers requests in plain `async` code: the slow lane.
///
/// The task is cancelled when the client leaves. An answer that was not finished when `respond` returns or throws
/// closes the connection.
package protocol HTTPResponding: Sendable {
    func respond(to request: HTTPRequest, writer: ResponseWriter) async throws
}

/// Where a slow-lane answer goes.
///
/// Every write waits until the client can take more. Either one `send`, or `start`, any number of `write`s and `finish`.
package struct ResponseWriter: Sendable {
    package typealias Headers = [(name: String, value: String)]

    let connection: any ResponseConnection

    /// Sends a whole answer with `Content-Length`.
    package func send(status: Int, headers: Headers, body: ByteBuffer) async throws {
        try await connection.send(status: status, headers: headers, body: body)
    }

    /// Sends the head of a chunked answer.
    package func start(status: Int, headers: Headers) async throws {
        try await connection.start(status: status, headers: headers)
    }

    /// Sends some bytes of a chunked answer at once.
    package func write(_ bytes: ByteBuffer) async throws {
        try await connection.write(bytes)
    }

    /// Ends a chunked answer.
    package func finish() async throws {
        try await connection.finish()
    }

    /// Closes the connection without ending the answer, as a server that dies would.
    package func abort() async {
        await connection.abort()
    }

    /// Answers with 101 and gives the connection to another protocol, whose handlers `configure` adds on its loop.
    ///
    /// The connection belongs to those handlers then; the task of this answer is not cancelled when the client leaves.
    package func upgrade<Upgraded: Sendable>(
        headers: Headers,
        configure: @escaping @Sendable (any Channel) throws -> Upgraded
    ) async throws -> Upgraded {
        try await connection.upgrade(headers: headers, configure: configure)
    }
}

/// The transport behind a ``ResponseWriter``.
protocol ResponseConnection: Sendable {
    func send(status: Int, headers: ResponseWriter.Headers, body: ByteBuffer) async throws
    func start(status: Int, headers: ResponseWriter.Headers) async throws
    func write(_ bytes: ByteBuffer) async throws
    func finish() async throws
    func abort() async
    func upgrade<Upgraded: Sendable>(
        headers: ResponseWriter.Headers,
        configure: @escaping @Sendable (any Channel) throws -> Upgraded
    ) async throws -> Upgraded
}
