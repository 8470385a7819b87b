import Configuration
import SystemPackage
import Upstream
import Yams

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a configuration is read from; kept, so that a reload reads the same places again.
package struct ConfigurationSources: Sendable {
    /// Dotted keys with their text.
    package var arguments: [String: String]
    package var environment: [String: String]
    /// A YAML file.
    package var file: String?
    /// Whether the emulator stands in for upstream.
    package var isDemo = false
    /// Whether keys that are no settings are left out instead of being problems.
    package var ignoresUnknown = false

    package init(arguments: [String: String] = [:], environment: [String: String] = [:], file: String? = nil) {
        self.arguments = arguments
        self.environment = environment
        self.file = file
    }
}

/// A configuration, and what its sources say beside it.
package struct LoadedConfiguration: Sendable {
    package var configuration: GatewayConfiguration
    /// By key, where each value that is no default came from.
    package var origins: [String: String] = [:]
    /// Keys that this version does not know and that the operator lets pass.
    package var ignored: [ConfigurationProblem] = []
}

/// Reads the configuration: arguments before environment, environment before file, file before defaults.
package enum ConfigurationLoader {
    /// Loads and checks the configuration.
    ///
    /// - Throws: ``ConfigurationProblems`` with every problem found.
    package static func load(_ sources: ConfigurationSources) async throws -> GatewayConfiguration {
        try await loadWithOrigins(sources).configuration
    }

    /// Loads and checks the configuration, and tells where it comes from.
    ///
    /// - Throws: ``ConfigurationProblems`` with every problem found.
    package static func loadWithOrigins(_ sources: ConfigurationSources) async throws -> LoadedConfiguration {
        var problems: [ConfigurationProblem] = []
        var origins: [String: String] = [:]
        var ignored: [ConfigurationProblem] = []
        func note(_ problem: ConfigurationProblem, mayPass: Bool) {
            if mayPass || sources.ignoresUnknown { ignored.append(problem) } else { problems.append(problem) }
        }
        let known = Set(SettingTable.all.map(\.key))
        for key in sources.arguments.keys.sorted() where !known.contains(key) {
            note(unknown(key, source: "argument --set"), mayPass: false)
        }
        var readers = [
            SourceReader(arguments: sources.arguments), SourceReader(environment: sources.environment),
        ]
        if let file = sources.file, !FileManager.default.isReadableFile(atPath: file) {
            problems.append(
                ConfigurationProblem(
                    key: "--config",
                    reason: FileManager.default.fileExists(atPath: file)
                        ? "\(file) cannot be read" : "there is no file \(file)"
                )
            )
        } else if let file = sources.file {
            do {
                // A file with nothing but comments is no settings.
                let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
                if let root = try Yams.compose(yaml: text), root.null == nil {
                    for (problem, isNewer) in unknownKeys(in: root, SinceNotes(text), of: file, known: known) {
                        note(problem, mayPass: isNewer)
                    }
                    readers.append(try await SourceReader(file: file))
                }
            } catch let error as YamlError {
                problems.append(ConfigurationProblem(key: "--config", reason: "\(file) is no YAML: \(error.reason)"))
            } catch {
                problems.append(ConfigurationProblem(key: "--config", reason: "\(file) cannot be read"))
            }
        }
        var configuration = GatewayConfiguration()
        configuration.upstream.isEmulated = sources.isDemo
        configuration.upstream.proxies = UpstreamProxySettings(environment: sources.environment)
        for setting in SettingTable.all {
            for reader in readers {
                do {
                    guard let value = try await reader.value(of: setting) else { continue }
                    origins[setting.key] = reader.name(of: setting)
                    if let reason = setting.apply(value, to: &configuration) {
                        problems.append(
                            ConfigurationProblem(key: setting.key, reason: reason, source: reader.name(of: setting))
                        )
                    }
                } catch {
                    // The library's own words may hold the value, which may be a secret.
                    problems.append(
                        ConfigurationProblem(
                            key: setting.key,
                            reason: setting.expectation,
                            source: reader.name(of: setting)
                        )
                    )
                }
                break
            }
        }
        problems += configuration.contradictions()
        guard problems.isEmpty else { throw ConfigurationProblems(problems: problems) }
        return LoadedConfiguration(configuration: configuration, origins: origins, ignored: ignored)
    }

    private static func unknown(_ key: String, source: String) -> ConfigurationProblem {
        let meant = NearestName.findKey(key, in: SettingTable.all.map(\.key)).map { "; did you mean \($0)?" } ?? ""
        return ConfigurationProblem(key: key, reason: "is no setting\(meant)", source: source)
    }

    /// Keys of a file that are no settings: a misspelt one would otherwise do nothing, in silence.
    ///
    /// Those under a note of a newer version than this one are told apart.
    private static func unknownKeys(
        in root: Node,
        _ notes: SinceNotes,
        of file: String,
        known: Set<String>
    ) -> [(ConfigurationProblem, isNewer: Bool)] {
        var problems: [(ConfigurationProblem, isNewer: Bool)] = []
        func visit(_ node: Node, _ prefix: String, isNewer: Bool) {
            guard case .mapping(let mapping) = node else { return }
            for (name, child) in mapping {
                let key = prefix + (name.string ?? "?")
                let isNewer = isNewer || notes.tellOfNewer(line: name.mark?.line)
                if case .mapping = child {
                    visit(child, key + ".", isNewer: isNewer)
                } else if !known.contains(key) {
                    problems.append((unknown(key, source: "file \(file)"), isNewer))
                }
            }
        }
        visit(root, "", isNewer: false)
        return problems
    }
}

/// One place settings come from.
private struct SourceReader {
    private enum Source {
        case arguments
        case environment(Set<String>)
        case file(String)
    }

    private let source: Source
    private let reader: ConfigReader

    init(arguments: [String: String]) {
        source = .arguments
        var variables: [String: String] = [:]
        for setting in SettingTable.all { variables[setting.variable] = arguments[setting.key] }
        reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
    }

    /// A setting's short name, where it has one, wins over the long one; an empty variable is an unset one, as compose
    /// files make them.
    init(environment: [String: String]) {
        var variables = environment.filter { !$0.value.isEmpty }
        for setting in SettingTable.all {
            if let alias = setting.alias, let value = variables[alias] { variables[setting.variable] = value }
        }
        source = .environment(Set(environment.filter { !$0.value.isEmpty }.keys))
        reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
    }

    init(file: String) async throws {
        source = .file(file)
        reader = ConfigReader(provider: try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)))
    }

    func name(of setting: Setting) -> String {
        switch source {
        case .arguments: "argument --set \(setting.key)"
        case .environment(let present):
            "environment \(setting.alias.flatMap { present.contains($0) ? $0 : nil } ?? setting.variable)"
        case .file(let path): "file \(path)"
        }
    }

    func value(of setting: Setting) async throws -> Setting.Value? {
        let key = ConfigKey(setting.key)
        switch setting.kind {
        case .text, .choice:
            return try await reader.fetchString(forKey: key, isSecret: setting.isSecret).map { .text($0) }
        case .integer:
            return try await reader.fetchInt(forKey: key).map { .integer($0) }
        case .seconds:
            return try await reader.fetchDouble(forKey: key).map { .seconds($0) }
        case .flag:
            return try await reader.fetchBool(forKey: key).map { .flag($0) }
        case .list:
            return try await reader.fetchStringArray(forKey: key).map { list in
                .list(list.map(trimmed).filter { !$0.isEmpty })
            }
        }
    }

    private func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
