import NIOCore
import NIOPosix

@testable import HTTPServing

/// A server with the test application on a free port.
struct ServerUnderTest {
    let server: HTTPServer
    let application: TestApplication
    let group: MultiThreadedEventLoopGroup

    var port: Int { server.port }

    /// Runs `body` with a server and stops both afterwards.
    static func run<Result>(
        _ configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        _ body: (ServerUnderTest) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let application = TestApplication()
        let usual = HTTPServerConfiguration()
        var configuration = configuration
        // On a busy machine a test may wait long between its connection and its request.
        if configuration.headerTimeout == usual.headerTimeout { configuration.headerTimeout = .minutes(15) }
        if configuration.handshakeTimeout == usual.handshakeTimeout { configuration.handshakeTimeout = .minutes(15) }
        if configuration.bodyIdleTimeout == usual.bodyIdleTimeout { configuration.bodyIdleTimeout = .minutes(15) }
        if configuration.bodyTimeout == usual.bodyTimeout { configuration.bodyTimeout = .minutes(15) }
        let server = try await HTTPServer.start(configuration, group: group, application: application)
        let result: Result
        do {
            result = try await body(ServerUnderTest(server: server, application: application, group: group))
        } catch {
            await server.shutdown(drain: .zero)
            try await group.shutdownGracefully()
            throw error
        }
        await server.shutdown(drain: .zero)
        try await group.shutdownGracefully()
        return result
    }

    /// Waits until the condition holds; the test's time limit bounds it.
    func wait(until condition: () async -> Bool) async throws {
        while await !condition() { try await group.next().scheduleTask(in: .milliseconds(2)) {}.futureResult.get() }
    }
}
