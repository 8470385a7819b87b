import NIOCore
import Upstream

/// One setting: its key, what it takes, where it lands and what an operator must know of it.
package struct Setting: Sendable {
    /// The kinds of values of settings.
    package enum Kind: Sendable, Equatable {
        case text
        case choice([String])
        case integer(ClosedRange<Int>)
        /// Seconds, with fractions; zero only where it is in the range.
        case seconds(ClosedRange<Double>)
        case flag
        case list
    }

    /// A value as one of the sources gave it.
    enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int)
        case seconds(Double)
        case flag(Bool)
        case list([String])
    }

    typealias Path<Value> = any (WritableKeyPath<GatewayConfiguration, Value> & Sendable)

    /// The dotted key, such as `server.port`.
    package let key: String
    package let kind: Kind
    /// One sentence or two.
    package let summary: String
    package let unit: String
    package let isSecret: Bool
    /// Whether a reload applies it; otherwise it needs a restart.
    package let reloads: Bool
    /// An environment variable besides the one made of the key.
    package let alias: String?
    /// The value in force, as it would be written.
    private let show: @Sendable (GatewayConfiguration) -> String
    private let check: (@Sendable (Value) -> String?)?
    private let store: @Sendable (Value, inout GatewayConfiguration) -> Void
    /// Takes the value of one configuration over into another.
    let copy: @Sendable (GatewayConfiguration, inout GatewayConfiguration) -> Void

    /// The value in force as text; a secret shows only whether it is set.
    package func text(in configuration: GatewayConfiguration) -> String {
        let text = show(configuration)
        return isSecret && !text.isEmpty ? "(set)" : text
    }

    /// A value as YAML writes it.
    func yaml(_ text: String) -> String {
        func quoted(_ text: some StringProtocol) -> String {
            "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
        }
        switch kind {
        case .text, .choice: return quoted(text)
        case .integer, .seconds, .flag: return text
        case .list: return "[" + text.split(separator: ",").map { quoted($0) }.joined(separator: ", ") + "]"
        }
    }

    /// Whether two configurations differ in this setting.
    func differs(_ one: GatewayConfiguration, _ other: GatewayConfiguration) -> Bool { show(one) != show(other) }

    /// The environment variable of the key: `upstream.baseURL` is `UPSTREAM_BASE_URL`.
    package var variable: String {
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

    /// Puts a value into its place, or says why it cannot stand there.
    func apply(_ value: Value, to configuration: inout GatewayConfiguration) -> String? {
        switch (kind, value) {
        case (.choice(let words), .text(let text)) where !words.contains(text.lowercased()):
            return "must be one of \(words.joined(separator: ", "))"
        case (.choice, .text(let text)):
            store(.text(text.lowercased()), &configuration)
            return nil
        case (.integer(let range), .integer(let number)) where !range.contains(number):
            return "\(number) is not between \(range.lowerBound) and \(range.upperBound)"
        case (.seconds(let range), .seconds(let number)) where !range.contains(number):
            return "\(Self.text(number)) is not between \(Self.text(range.lowerBound)) and "
                + "\(Self.text(range.upperBound)) seconds"
        default:
            if let reason = check?(value) { return reason }
            store(value, &configuration)
            return nil
        }
    }

    /// The expected form of a value, for the message about a source that gave another.
    var expectation: String {
        switch kind {
        case .text: "must be a text"
        case .choice(let words): "must be one of \(words.joined(separator: ", "))"
        case .integer(let range): "must be a whole number between \(range.lowerBound) and \(range.upperBound)"
        case .seconds: "must be a number of seconds"
        case .flag: "must be true or false"
        case .list: "must be a list, in the environment one text with commas"
        }
    }

    fileprivate static func text(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }
}

// MARK: - Making settings

extension Setting {
    static func text(
        _ key: String,
        _ path: Path<String>,
        _ summary: String,
        reloads: Bool = false,
        alias: String? = nil,
        check: (@Sendable (String) -> String?)? = nil
    ) -> Setting {
        Setting(
            key: key,
            kind: .text,
            summary: summary,
            unit: "",
            isSecret: false,
            reloads: reloads,
            alias: alias,
            show: { $0[keyPath: path] },
            check: { value in
                guard case .text(let text) = value else { return nil }
                return check?(text)
            },
            store: { if case .text(let text) = $0 { $1[keyPath: path] = text } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    static func text(
        _ key: String,
        _ path: Path<String?>,
        _ summary: String,
        reloads: Bool = false,
        isSecret: Bool = false,
        alias: String? = nil
    ) -> Setting {
        Setting(
            key: key,
            kind: .text,
            summary: summary,
            unit: "",
            isSecret: isSecret,
            reloads: reloads,
            alias: alias,
            show: { $0[keyPath: path] ?? "" },
            check: nil,
            store: { if case .text(let text) = $0 { $1[keyPath: path] = text.isEmpty ? nil : text } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    static func choice(
        _ key: String,
        _ path: Path<String>,
        _ words: [String],
        _ summary: String,
        reloads: Bool = false
    ) -> Setting {
        Setting(
            key: key,
            kind: .choice(words),
            summary: summary,
            unit: "",
            isSecret: false,
            reloads: reloads,
            alias: nil,
            show: { $0[keyPath: path] },
            check: nil,
            store: { if case .text(let text) = $0 { $1[keyPath: path] = text } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    static func integer(
        _ key: String,
        _ path: Path<Int>,
        _ range: ClosedRange<Int>,
        _ unit: String,
        _ summary: String,
        reloads: Bool = false,
        alias: String? = nil
    ) -> Setting {
        Setting(
            key: key,
            kind: .integer(range),
            summary: summary,
            unit: unit,
            isSecret: false,
            reloads: reloads,
            alias: alias,
            show: { String($0[keyPath: path]) },
            check: nil,
            store: { if case .integer(let number) = $0 { $1[keyPath: path] = number } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    /// A bound that is absent by default.
    static func bound(
        _ key: String,
        _ path: Path<Int?>,
        _ unit: String,
        _ summary: String
    ) -> Setting {
        Setting(
            key: key,
            kind: .integer(1...1_000_000_000),
            summary: summary,
            unit: unit,
            isSecret: false,
            reloads: true,
            alias: nil,
            show: { $0[keyPath: path].map { String($0) } ?? "" },
            check: nil,
            store: { if case .integer(let number) = $0 { $1[keyPath: path] = number } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    static func seconds(
        _ key: String,
        _ path: Path<TimeAmount>,
        _ summary: String,
        from minimum: Double = 0.001,
        to maximum: Double = 86_400,
        reloads: Bool = false
    ) -> Setting {
        Setting(
            key: key,
            kind: .seconds(minimum...maximum),
            summary: summary,
            unit: "seconds",
            isSecret: false,
            reloads: reloads,
            alias: nil,
            show: { text(Double($0[keyPath: path].nanoseconds) / 1_000_000_000) },
            check: nil,
            store: {
                if case .seconds(let number) = $0 {
                    $1[keyPath: path] = .nanoseconds(Int64(number * 1_000_000_000))
                }
            },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    static func flag(
        _ key: String,
        _ path: Path<Bool>,
        _ summary: String,
        reloads: Bool = false
    ) -> Setting {
        Setting(
            key: key,
            kind: .flag,
            summary: summary,
            unit: "",
            isSecret: false,
            reloads: reloads,
            alias: nil,
            show: { String($0[keyPath: path]) },
            check: nil,
            store: { if case .flag(let flag) = $0 { $1[keyPath: path] = flag } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    /// Header lines for upstream, each `Name: value`.
    static func headers(_ key: String, _ path: Path<[UpstreamHeader]>, _ summary: String) -> Setting {
        @Sendable func parse(_ line: String) throws(UpstreamHeader.Problem) -> UpstreamHeader {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = (parts.count == 2 ? parts[1] : "").drop { $0 == " " }
            return try UpstreamHeader(name: String(parts.first ?? ""), value: String(value))
        }
        return Setting(
            key: key,
            kind: .list,
            summary: summary,
            unit: "",
            isSecret: true,
            reloads: false,
            alias: nil,
            show: { $0[keyPath: path].map { "\($0.name): \($0.value)" }.joined(separator: ",") },
            check: { value in
                guard case .list(let lines) = value else { return nil }
                for line in lines { do { _ = try parse(line) } catch { return "\(error)" } }
                return nil
            },
            store: { if case .list(let lines) = $0 { $1[keyPath: path] = lines.compactMap { try? parse($0) } } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }

    static func list(
        _ key: String,
        _ path: Path<[String]>,
        _ summary: String,
        reloads: Bool = false
    ) -> Setting {
        Setting(
            key: key,
            kind: .list,
            summary: summary,
            unit: "",
            isSecret: false,
            reloads: reloads,
            alias: nil,
            show: { $0[keyPath: path].joined(separator: ",") },
            check: nil,
            store: { if case .list(let list) = $0 { $1[keyPath: path] = list } },
            copy: { $1[keyPath: path] = $0[keyPath: path] }
        )
    }
}
