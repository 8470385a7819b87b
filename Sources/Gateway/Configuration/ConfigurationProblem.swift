/// One thing wrong with the configuration.
package struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The dotted key, such as `server.port`.
    package var key: String
    package var reason: String
    /// Where the value came from, such as `environment PORT`; nil where that says nothing.
    package var source: String?

    package init(key: String, reason: String, source: String? = nil) {
        self.key = key
        self.reason = reason
        self.source = source
    }

    package var description: String { "\(key): \(reason)" + (source.map { " (\($0))" } ?? "") }
}

/// All that is wrong with the configuration, told at once.
package struct ConfigurationProblems: Error, Equatable, Sendable, CustomStringConvertible {
    package var problems: [ConfigurationProblem]

    package init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
