/// Where responses and conversations are kept, as `store.url` says.
enum StoreLocation: Equatable {
    case none
    case memory
    case file(String)

    /// Reads the setting; `stateDirectory` is what systemd names as the service's own, one or several with colons.
    ///
    /// - Throws: ``ConfigurationProblem`` for anything else.
    init(_ url: String, stateDirectory: String? = nil) throws(ConfigurationProblem) {
        if let reason = Self.problem(url) { throw ConfigurationProblem(key: "store.url", reason: reason) }
        switch url {
        case "none": self = .none
        case "memory:": self = .memory
        case "sqlite:":
            let folder = stateDirectory?.split(separator: ":").first.map { "\($0)/" } ?? ""
            self = .file(folder + "gateway.db")
        default:
            let path = url.dropFirst("sqlite:".count)
            self = .file(String(path.hasPrefix("//") ? path.dropFirst(2) : path))
        }
    }

    /// The fault in a value of the setting; nil where there is none.
    static func problem(_ url: String) -> String? {
        if url == "none" || url == "memory:" || url == "sqlite:" { return nil }
        guard url.hasPrefix("sqlite:") else { return "must be memory:, none, sqlite: or sqlite:PATH" }
        return url.hasSuffix("/") || url == "sqlite://" ? "names no file" : nil
    }

    /// The largest size of a store of this kind where the operator gives none.
    var usualBytes: Int {
        switch self {
        case .none, .memory: 64 << 20
        case .file: 1 << 30
        }
    }
}
