import Configuration
import NIOCore
import SystemPackage

/// Reads the configuration: arguments before environment, environment before file, file before defaults.
package struct ConfigurationLoader {
    /// Environment variables with names of their own; any other key is its path in upper case (`SERVER_WORKERS`).
    package static let environmentAliases = [
        "HOST": "SERVER_HOST", "PORT": "SERVER_PORT", "DASHSCOPE_BASE_URL": "UPSTREAM_BASE_URL",
    ]

    /// Loads and checks the configuration.
    ///
    /// `arguments` are dotted keys with their text, `file` is a YAML file or nil.
    ///
    /// - Throws: ``ConfigurationProblems`` with every problem found.
    package static func load(
        arguments: [String: String],
        environment: [String: String],
        file: String?
    ) async throws -> GatewayConfiguration {
        var variables = environment
        for (alias, name) in environmentAliases {
            // An empty variable is what a compose file makes of an unset one.
            if let value = environment[alias], !value.isEmpty { variables[name] = value }
        }
        var argumentVariables: [String: String] = [:]
        for (key, value) in arguments { argumentVariables[Self.variableName(key)] = value }
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: argumentVariables),
            EnvironmentVariablesProvider(environmentVariables: variables.filter { !$0.value.isEmpty }),
        ]
        if let file {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
            } catch {
                throw ConfigurationProblems(problems: [
                    ConfigurationProblem(key: "--config", reason: "cannot read \(file): \(error)")
                ])
            }
        }
        var reader = SettingReader(reader: ConfigReader(providers: providers))
        let configuration = await reader.configuration()
        guard reader.problems.isEmpty else { throw ConfigurationProblems(problems: reader.problems) }
        return configuration
    }

    /// `upstream.baseURL` → `UPSTREAM_BASE_URL`, as swift-configuration spells keys in the environment.
    private static func variableName(_ key: String) -> String {
        var name = ""
        var previousIsLower = false
        for character in key {
            if character == "." {
                name.append("_")
            } else {
                if character.isUppercase, previousIsLower { name.append("_") }
                name.append(contentsOf: character.uppercased())
            }
            previousIsLower = character.isLowercase
        }
        return name
    }
}

/// Reads one setting after the other and collects what is wrong.
private struct SettingReader {
    let reader: ConfigReader
    var problems: [ConfigurationProblem] = []

    init(reader: ConfigReader) {
        self.reader = reader
    }

    mutating func configuration() async -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        await text("server.host", &configuration.server.host)
        await number("server.port", &configuration.server.port, 0...65_535)
        await number("server.workers", &configuration.server.workers, 0...1024)
        await number("server.maximumBodyBytes", &configuration.server.maximumBodyBytes, 1024...(1 << 31))
        await number("server.maximumHeaderBytes", &configuration.server.maximumHeaderBytes, 1024...(1 << 20))
        await number("server.maximumOpenRequests", &configuration.server.maximumOpenRequests, 1...10_000_000)
        await seconds("server.headerTimeout", &configuration.server.headerTimeout)
        await seconds("server.bodyTimeout", &configuration.server.bodyTimeout)
        await seconds("server.keepAliveTimeout", &configuration.server.keepAliveTimeout)
        await seconds("server.drainTimeout", &configuration.server.drainTimeout)
        await text("upstream.baseURL", &configuration.upstream.baseURL)
        do { _ = try UpstreamBaseURL(configuration.upstream.baseURL) } catch { problems.append(error) }
        await text("upstream.certificateAuthority", &configuration.upstream.certificateAuthority)
        await number("upstream.maximumConnections", &configuration.upstream.maximumConnections, 1...1_000_000)
        await seconds("upstream.connectTimeout", &configuration.upstream.connectTimeout)
        await seconds("upstream.firstEventTimeout", &configuration.upstream.firstEventTimeout)
        await seconds("upstream.idleTimeout", &configuration.upstream.idleTimeout)
        await seconds("upstream.totalTimeout", &configuration.upstream.totalTimeout)
        await number("upstream.maximumReplyBytes", &configuration.upstream.maximumReplyBytes, 1024...(1 << 31))
        await seconds("stream.keepAliveInterval", &configuration.stream.keepAliveInterval)
        await flag("translation.strict", &configuration.translation.strict)
        await text("log.level", &configuration.log.level)
        configuration.log.level = configuration.log.level.lowercased()
        let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        if !levels.contains(configuration.log.level) {
            problems.append(
                ConfigurationProblem(key: "log.level", reason: "must be one of \(levels.joined(separator: ", "))")
            )
        }
        await text("log.file", &configuration.log.file)
        await flag("log.requests", &configuration.log.requests)
        await text("catalog.file", &configuration.catalogFile)
        return configuration
    }

    private mutating func fail(_ key: String, _ error: any Error) {
        problems.append(ConfigurationProblem(key: key, reason: "\(error)"))
    }

    private mutating func text(_ key: String, _ value: inout String) async {
        do { value = try await reader.fetchString(forKey: ConfigKey(key)) ?? value } catch { fail(key, error) }
    }

    private mutating func text(_ key: String, _ value: inout String?) async {
        do { value = try await reader.fetchString(forKey: ConfigKey(key)) ?? value } catch { fail(key, error) }
    }

    private mutating func flag(_ key: String, _ value: inout Bool) async {
        do { value = try await reader.fetchBool(forKey: ConfigKey(key)) ?? value } catch { fail(key, error) }
    }

    private mutating func number(_ key: String, _ value: inout Int, _ range: ClosedRange<Int>) async {
        do {
            guard let found = try await reader.fetchInt(forKey: ConfigKey(key)) else { return }
            guard range.contains(found) else {
                problems.append(
                    ConfigurationProblem(
                        key: key,
                        reason: "\(found) is not between \(range.lowerBound) and \(range.upperBound)"
                    )
                )
                return
            }
            value = found
        } catch { fail(key, error) }
    }

    private mutating func seconds(_ key: String, _ value: inout TimeAmount) async {
        do {
            guard let found = try await reader.fetchDouble(forKey: ConfigKey(key)) else { return }
            guard found > 0, found <= 86_400 else {
                problems.append(ConfigurationProblem(key: key, reason: "\(found) is not between 0 and 86400 seconds"))
                return
            }
            value = .nanoseconds(Int64(found * 1_000_000_000))
        } catch { fail(key, error) }
    }
}
