import NIOCore
import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ConfigurationLoaderTests {
    private func withFile<Result>(_ text: String, _ body: (String) async throws -> Result) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString).yaml")
        try Data(text.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(url.path)
    }

    @Test func defaultsStandWithoutAnything() async throws {
        let configuration = try await ConfigurationLoader.load(arguments: [:], environment: [:], file: nil)
        #expect(configuration.server.port == 8000)
        #expect(configuration.server.host == "0.0.0.0")
        #expect(configuration.server.maximumBodyBytes == 32 << 20)
        #expect(configuration.upstream.baseURL == "https://dashscope.aliyuncs.com")
    }

    @Test func argumentsBeatEnvironmentBeatsFile() async throws {
        let text = "server:\n  port: 1001\n  host: file.example\n  workers: 3\nupstream:\n  idleTimeout: 1.5\n"
        try await withFile(text) { path in
            let configuration = try await ConfigurationLoader.load(
                arguments: ["server.port": "1003"],
                environment: ["PORT": "1002", "HOST": "env.example"],
                file: path
            )
            #expect(configuration.server.port == 1003)
            #expect(configuration.server.host == "env.example")
            #expect(configuration.server.workers == 3)
            #expect(configuration.upstream.idleTimeout == .milliseconds(1500))
        }
    }

    @Test func theNamesOfTheEnvironmentAreRead() async throws {
        let configuration = try await ConfigurationLoader.load(
            arguments: [:],
            environment: [
                "DASHSCOPE_BASE_URL": "http://localhost:1", "LOG_LEVEL": "DEBUG", "STREAM_KEEP_ALIVE_INTERVAL": "2",
            ],
            file: nil
        )
        #expect(configuration.upstream.baseURL == "http://localhost:1")
        #expect(configuration.log.level == "debug")
        #expect(configuration.stream.keepAliveInterval == .seconds(2))
    }

    @Test func anEmptyVariableIsAnUnsetOne() async throws {
        let configuration = try await ConfigurationLoader.load(
            arguments: [:],
            environment: ["PORT": "", "DASHSCOPE_BASE_URL": ""],
            file: nil
        )
        #expect(configuration.server.port == 8000)
    }

    @Test func everyProblemIsToldAtOnce() async throws {
        do {
            _ = try await ConfigurationLoader.load(
                arguments: ["log.level": "loud"],
                environment: ["PORT": "x", "DASHSCOPE_BASE_URL": "nonsense"],
                file: nil
            )
            Issue.record("nothing was wrong")
        } catch let problems as ConfigurationProblems {
            #expect(Set(problems.problems.map(\.key)) == ["server.port", "upstream.baseURL", "log.level"])
        }
    }

    @Test func aMissingFileIsAProblem() async {
        await #expect(throws: ConfigurationProblems.self) {
            _ = try await ConfigurationLoader.load(arguments: [:], environment: [:], file: "/nonexistent/gateway.yaml")
        }
    }
}
