import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import HTTPServing

@Suite(.timeLimit(.minutes(15)))
struct ListenerTests {
    private static let request = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    private static func path() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString.prefix(8)).sock").path
    }

    @Test func oneServerListensInSeveralPlaces() async throws {
        let path = Self.path()
        let configuration = HTTPServerConfiguration(listeners: [
            HTTPListener(.tcp(host: "127.0.0.1", port: 0)),
            HTTPListener(.tcp(host: "localhost", port: 0), role: .admin),
            HTTPListener(.unix(path: path, mode: 0o600), role: .admin),
        ])
        try await ServerUnderTest.run(configuration) { test in
            let listeners = test.server.listeners
            #expect(listeners.map(\.role) == [.public, .admin, .admin])
            #expect(listeners[0].description == "http://127.0.0.1:\(listeners[0].port)")
            #expect(listeners[2].description == "unix:\(path)")
            let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(permissions?.uint16Value == 0o600)
            for target in [RawClient.Target.port(listeners[0].port), .unix(path)] {
                let answer = try await RawClient.call(target, group: test.group, [ByteBuffer(string: Self.request)])
                #expect(answer.contains("[GET /x ]"))
            }
            #expect(test.application.record.roles == [.public, .admin])
            #expect(test.application.record.addresses == ["127.0.0.1", ""])
            await test.server.stopListening()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func aStaleSocketFileIsReplacedAndALiveOneRefused() async throws {
        let path = Self.path()
        let configuration = HTTPServerConfiguration(listeners: [HTTPListener(.unix(path: path, mode: nil))])
        // A second name of the file stays when the socket is closed, as the only one does when a process is killed.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let dead = try await ServerBootstrap(group: group).bind(unixDomainSocketPath: path + "0").get()
        try FileManager.default.linkItem(atPath: path + "0", toPath: path)
        try await dead.close()
        #expect(FileManager.default.fileExists(atPath: path))
        try await ServerUnderTest.run(configuration) { test in
            let answer = try await RawClient.call(.unix(path), group: test.group, [ByteBuffer(string: Self.request)])
            #expect(answer.contains("[GET /x ]"))
            let error = await #expect(throws: ServerListenError.self) {
                try await HTTPServer.start(configuration, group: test.group, application: test.application)
            }
            #expect(error.map { "\($0)" } == "cannot listen on the socket \(path): another process listens on it")
            #expect(FileManager.default.fileExists(atPath: path))
        }
        try await group.shutdownGracefully()
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() async throws {
        let path = Self.path()
        try Data("keep".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        await #expect(throws: ServerListenError.self) {
            try await HTTPServer.start(
                HTTPServerConfiguration(listeners: [HTTPListener(.unix(path: path, mode: nil))]),
                group: group,
                application: TestApplication()
            )
        }
        #expect(FileManager.default.fileExists(atPath: path))
        try await group.shutdownGracefully()
    }

    @Test func aTakenPortIsNamedInTheError() async throws {
        try await ServerUnderTest.run { test in
            let configuration = HTTPServerConfiguration(host: "127.0.0.1", port: test.port)
            let error = await #expect(throws: ServerListenError.self) {
                try await HTTPServer.start(configuration, group: test.group, application: test.application)
            }
            #expect(error.map { "\($0)" } == "cannot listen on 127.0.0.1:\(test.port): the address is in use")
        }
    }

    @Test func severalServersShareAPort() async throws {
        var listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), reusesPort: true)
        try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
            listener.address = .tcp(host: "127.0.0.1", port: test.port)
            try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { second in
                #expect(second.port == test.port)
            }
        }
    }

    @Test func anInheritedSocketIsServedAndOutlivesTheServer() async throws {
        // The owner's descriptor stands for that of the service manager.
        let owner = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(owner) }
        let bound = try SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr { bind(owner, $0, socklen_t($1)) }
        try #require(bound == 0 && listen(owner, 16) == 0)
        for round in 1...2 {
            let configuration = HTTPServerConfiguration(listeners: [HTTPListener(.inherited(descriptor: dup(owner)))])
            try await ServerUnderTest.run(configuration) { test in
                let answer1 = try await RawClient.call(test.port, group: test.group, Self.request)
                #expect(answer1.contains("[GET /x ]"))
                #expect(test.application.record.requests.count == 1, "round \(round)")
            }
        }
    }

    @Test func acceptErrorsRestAndDoNotEndTheListener() async throws {
        let counters = ServerCounters(maximumMemory: 1)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let readsAfterTheError = try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(AcceptErrorHandler(counters: counters), position: .first)
            channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
            return try channel.syncOptions?.getOption(.autoRead)
        }.get()
        #expect(readsAfterTheError == false)
        while try await !channel.getOption(.autoRead).get() {
            try await group.next().scheduleTask(in: .milliseconds(2)) {}.futureResult.get()
        }
        #expect(channel.isActive)
        #expect(counters.acceptErrors.load(ordering: .relaxed) == 1)
        try await channel.close()
        try await group.shutdownGracefully()
    }
}
