/// One thing wrong with the configuration.
package struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The dotted key, such as `server.port`.
    package var key: String
    package var reason: String

    package init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }

    package var description: String { "\(key): \(reason)" }
}

/// All that is wrong with the configuration, told at once.
package struct ConfigurationProblems: Error, Equatable, Sendable, CustomStringConvertible {
    package var problems: [ConfigurationProblem]

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
