import WireFormats

/// The items of a request target's query, decoded; the first of two equal names counts.
struct QueryItems {
    let items: [(name: String, value: String)]

    init(_ uri: String) {
        let query = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first ?? ""
        items = query.split(separator: "&").prefix(64).compactMap { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0]) else { return nil }
            let value = parts.count > 1 ? PercentEncoding.decode(parts[1].replacing("+", with: " ")) : ""
            return value.map { (name, $0) }
        }
    }

    subscript(name: String) -> String? { items.first { $0.name == name }?.value }
}
