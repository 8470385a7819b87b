import NIOCore
import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A file with the given text for the time of `body`.
func withTemporaryFile<Result>(_ text: String, _ body: (String) async throws -> Result) async throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url.path)
}

struct ConfigurationLoaderTests {
    private func problems(
        arguments: [String: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) async throws -> [String] {
        do {
            _ = try await ConfigurationLoader.load(
                ConfigurationSources(arguments: arguments, environment: environment, file: file)
            )
            return []
        } catch let problems as ConfigurationProblems {
            return problems.problems.map(\.description)
        }
    }

    @Test func defaultsStandWithoutAnything() async throws {
        let configuration = try await ConfigurationLoader.load(ConfigurationSources())
        #expect(configuration == GatewayConfiguration())
        #expect(configuration.server.port == 8000)
        #expect(configuration.server.host == "0.0.0.0")
        #expect(configuration.upstream.baseURL == "https://dashscope.aliyuncs.com")
    }

    @Test func argumentsBeatEnvironmentBeatsFile() async throws {
        let text = """
            server:
              port: 1001
              host: file.example
              workers: 3
              trustedProxies: [10.0.0.0/8, "fd00::/8"]
            upstream:
              idleTimeout: 1.5
            limits:
              caller:
                requestsPerMinute: 60
            """
        try await withTemporaryFile(text) { path in
            let configuration = try await ConfigurationLoader.load(
                ConfigurationSources(
                    arguments: ["server.port": "1003"],
                    environment: [
                        "PORT": "1002", "HOST": "env.example", "CORS_ORIGINS": "https://a.example, https://b.example",
                    ],
                    file: path
                )
            )
            #expect(configuration.server.port == 1003)
            #expect(configuration.server.host == "env.example")
            #expect(configuration.server.workers == 3)
            #expect(configuration.server.trustedProxies == ["10.0.0.0/8", "fd00::/8"])
            #expect(configuration.upstream.idleTimeout == .milliseconds(1500))
            #expect(configuration.limits.caller.requestsPerMinute == 60)
            #expect(configuration.limits.address.requestsPerMinute == nil)
            #expect(configuration.cors.origins == ["https://a.example", "https://b.example"])
        }
    }

    @Test func theNamesOfTheEnvironmentAreRead() async throws {
        let configuration = try await ConfigurationLoader.load(
            ConfigurationSources(environment: [
                "DASHSCOPE_BASE_URL": "http://localhost:1", "LOG_LEVEL": "DEBUG", "STREAM_KEEP_ALIVE_INTERVAL": "2",
                "DRAIN_TIMEOUT": "7",
            ])
        )
        #expect(configuration.upstream.baseURL == "http://localhost:1")
        #expect(configuration.log.level == "debug")
        #expect(configuration.stream.keepAliveInterval == .seconds(2))
        #expect(configuration.drain.timeout == .seconds(7))
    }

    @Test func anEmptyVariableIsAnUnsetOne() async throws {
        let configuration = try await ConfigurationLoader.load(
            ConfigurationSources(environment: ["PORT": "", "DASHSCOPE_BASE_URL": "", "LIMITS_CALLER_BURST": ""])
        )
        #expect(configuration == GatewayConfiguration())
    }

    @Test func everyProblemIsToldAtOnceWithItsKeyAndSource() async throws {
        try await withTemporaryFile("server:\n  prot: 1\n  workers: many\n") { path in
            let found = try await problems(
                arguments: ["log.level": "loud", "log.levle": "info"],
                environment: [
                    "PORT": "x", "DASHSCOPE_BASE_URL": "nonsense", "ACCESS_ALLOW": "10.0.0.0/40", "TLS_KEY": "/k",
                ],
                file: path
            )
            #expect(found.contains("log.levle: is no setting; did you mean log.level? (argument --set)"))
            #expect(
                found.contains {
                    $0.hasPrefix("log.level: must be one of") && $0.hasSuffix("(argument --set log.level)")
                }
            )
            #expect(found.contains("server.port: must be a whole number between 0 and 65535 (environment PORT)"))
            #expect(found.contains("server.prot: is no setting; did you mean server.port? (file \(path))"))
            #expect(found.contains { $0.hasPrefix("server.workers: must be a whole number") && $0.contains(path) })
            #expect(found.contains { $0.hasPrefix("upstream.baseURL:") })
            #expect(found.contains { $0.hasPrefix("access.allow:") && $0.contains("10.0.0.0/40") })
            #expect(found.contains { $0.hasPrefix("tls.certificate:") })
            #expect(found.count == 8)
        }
    }

    @Test(arguments: [
        ("upstream:\n  key: [sk-secret\n", "line 3, column 1: did not find expected ',' or ']'"),
        ("upstream:\n\tkey: sk-secret\n", "line 2, column 1: found character that cannot start any token"),
        ("server:\n  port: 1\n  port: 2\n", "line 2: port stands there twice"),
    ])
    func aBrokenFileIsToldByItsLineWithoutItsText(text: String, reason: String) async throws {
        try await withTemporaryFile(text) { path in
            let found = try await problems(file: path)
            #expect(found == ["--config: \(path) is no YAML: \(reason)"])
        }
    }

    @Test(arguments: ["", "# nothing but a comment\n", "---\n", "\n\n"])
    func anEmptyFileIsNoSettings(text: String) async throws {
        try await withTemporaryFile(text) { path in
            let found = try await problems(file: path)
            #expect(found.isEmpty)
        }
    }

    @Test(arguments: [
        ("server.prot", "server.port"), ("Server.Port", "server.port"), ("upstream.baseUrl", "upstream.baseURL"),
        ("limits.caller.requestPerMinute", "limits.caller.requestsPerMinute"), ("log.levle", "log.level"),
        ("server.certificate", "tls.certificate"),
    ])
    func aKeyThatIsNearlyRightNamesTheRightOne(written: String, meant: String) async throws {
        let found = try await problems(arguments: [written: "1"])
        #expect(found == ["\(written): is no setting; did you mean \(meant)? (argument --set)"])
    }

    @Test(arguments: ["nonsense", "requestsPerMinute", "x"]) func aKeyThatIsNothingLikeOneNamesNone(written: String)
        async throws
    {
        let found = try await problems(arguments: [written: "1"])
        #expect(found == ["\(written): is no setting (argument --set)"])
    }

    @Test func variablesThatLookLikeSettingsAreNamedWithoutTheirValues() {
        let warnings = UnknownVariables.warnings(in: [
            "LIMITS_CALLER_REQUEST_PER_MINUTE": "60", "DASHSCOPE_API_KEY": "sk-a", "DASHSCOPE_APIKEY": "sk-b",
            "UPSTREAM_SERVICE_HOST": "10.0.0.1", "UPSTREAM_PORT_80_TCP": "tcp://10.0.0.1:80", "PATH": "/bin",
            "SERVER_PORT": "1", "HOST": "a", "HOSTNAME": "b",
        ])
        #expect(
            warnings == [
                "environment DASHSCOPE_APIKEY: is no setting of the gateway; did you mean DASHSCOPE_API_KEY?",
                "environment LIMITS_CALLER_REQUEST_PER_MINUTE: is no setting of the gateway; did you mean "
                    + "LIMITS_CALLER_REQUESTS_PER_MINUTE?",
            ]
        )
    }

    @Test func whatIsSavedAsYAMLReadsAsTheSame() async throws {
        let sources = ConfigurationSources(
            arguments: [
                "server.port": "9001", "cors.origins": "https://a.example,https://b.example",
                "upstream.idleTimeout": "1.5", "translation.strict": "true", "log.level": "debug",
                "limits.caller.burst": "7", "limits.caller.requestsPerMinute": "70", "tls.http2": "false",
                "server.trustedProxies": "10.0.0.0/8", "upstream.workspace": "a \"quoted\" \\ word",
            ]
        )
        let loaded = try await ConfigurationLoader.loadWithOrigins(sources)
        let (configuration, origins) = (loaded.configuration, loaded.origins)
        #expect(origins["server.port"] == "argument --set server.port")
        #expect(origins["server.host"] == nil)
        for onlyChanged in [true, false] {
            try await withTemporaryFile(configuration.yaml(onlyChanged: onlyChanged)) { path in
                let read = try await ConfigurationLoader.load(ConfigurationSources(file: path))
                #expect(read == configuration)
            }
        }
        #expect(configuration.yaml(onlyChanged: true).contains("server:\n  port: 9001\n"))
        #expect(GatewayConfiguration().yaml(onlyChanged: true) == "# Everything is as by default.\n")
        #expect(configuration.changedSettings.first { $0.key == "server.port" }?.usual == "8000")
        var secret = configuration
        secret.upstream.key = "sk-marked-secret"
        #expect(!secret.yaml(onlyChanged: true).contains("marked"))
        #expect(secret.yaml(onlyChanged: true).contains("DASHSCOPE_API_KEY"))
    }

    @Test func aFileThatCannotBeReadIsAProblem() async throws {
        let missing = try await problems(file: "/nonexistent/gateway.yaml")
        #expect(missing.count == 1)
        #expect(missing.first?.contains("/nonexistent/gateway.yaml") == true)
        try await withTemporaryFile("server: [unclosed") { path in
            let unclosed = try await problems(file: path)
            #expect(!unclosed.isEmpty)
        }
    }

    @Test func aSecretIsNeverShown() async throws {
        let secret = "sk-marked-secret-value-0001"
        let configuration = try await ConfigurationLoader.load(
            ConfigurationSources(environment: [
                "DASHSCOPE_API_KEY": secret, "CALLERS_HASH_KEY": "marked-secret-value-0002",
            ])
        )
        #expect(configuration.upstream.key == secret)
        let shown = configuration.effectiveSettings.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
        #expect(shown.contains("upstream.key: (set)"))
        #expect(!shown.contains("marked-secret"))
        let found = try await problems(environment: [
            "DASHSCOPE_API_KEY": "sk-marked secret", "CALLERS_HASH_KEY": "marked",
        ])
        #expect(found.count == 2)
        #expect(!found.joined().contains("marked"))
    }

    @Test func aReloadTakesOnlyWhatNeedsNoRestart() {
        let running = GatewayConfiguration()
        var read = running
        read.server.port = 9000
        read.server.trustedProxies = ["10.0.0.0/8"]
        read.limits.caller.requestsPerMinute = 5
        read.log.level = "debug"
        #expect(read.settingsThatNeedARestart(comparedTo: running) == ["server.port"])
        let merged = read.keepingWhatNeedsARestart(from: running)
        #expect(merged.server.port == 8000)
        #expect(merged.server.trustedProxies == ["10.0.0.0/8"])
        #expect(merged.limits.caller.requestsPerMinute == 5)
        #expect(merged.log.level == "debug")
    }

    @Test func everySettingHasItsOwnPlace() async throws {
        // A value of each setting's own reaches that setting and no other.
        for setting in SettingTable.all {
            let text =
                switch setting.kind {
                case .text: ["upstream.baseURL": "http://x", "store.url": "sqlite:x"][setting.key] ?? "marked"
                case .choice(let words): words.last { $0 != setting.text(in: GatewayConfiguration()) } ?? ""
                case .integer(let range): String(min(range.upperBound, range.lowerBound + 3))
                case .seconds: "3.25"
                case .flag: setting.text(in: GatewayConfiguration()) == "true" ? "false" : "true"
                case .list: "marked"
                }
            let value: Setting.Value =
                switch setting.kind {
                case .text, .choice: .text(text)
                case .integer: .integer(Int(text) ?? 0)
                case .seconds: .seconds(3.25)
                case .flag: .flag(text == "true")
                case .list: .list([text])
                }
            var configuration = GatewayConfiguration()
            #expect(setting.apply(value, to: &configuration) == nil)
            for other in SettingTable.all {
                #expect(
                    other.differs(configuration, GatewayConfiguration()) == (other.key == setting.key),
                    "\(setting.key)"
                )
            }
        }
        #expect(Set(SettingTable.all.map(\.variable)).count == SettingTable.all.count)
    }

    @Test func thePageOfTheConfigurationIsTheCodes() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/configuration.md")
        #expect(try String(contentsOf: file, encoding: .utf8) == ConfigurationDocument.render())
    }

    /// A file for a newer version serves this one after a step back.
    @Test func unknownKeysPassUnderANoteOfANewerVersion() async throws {
        let text = """
            server:
              port: 1001 # since 9.0.0
              smell: rose # since 99.1
            # since 99.0.0
            soul:
              weight: 21
              parts: [a, b]
            log:
              # since 0.0.1
              levle: info
              color: red
            """
        try await withTemporaryFile(text) { path in
            let found = try await problems(file: path)
            #expect(
                found == [
                    "log.levle: is no setting; did you mean log.level? (file \(path))",
                    "log.color: is no setting (file \(path))",
                ]
            )
            var sources = ConfigurationSources(arguments: ["log.tone": "x"], file: path)
            sources.ignoresUnknown = true
            let loaded = try await ConfigurationLoader.loadWithOrigins(sources)
            #expect(loaded.configuration.server.port == 1001)
            #expect(
                loaded.ignored.map(\.key)
                    == ["log.tone", "server.smell", "soul.weight", "soul.parts", "log.levle", "log.color"]
            )
        }
    }

    @Test func theKeyFileHasTheNameThatContainersKnow() async throws {
        let configuration = try await ConfigurationLoader.load(
            ConfigurationSources(environment: ["DASHSCOPE_API_KEY_FILE": "/run/secrets/key"])
        )
        #expect(configuration.upstream.keyFile == "/run/secrets/key")
    }
}
