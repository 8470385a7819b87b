/// The repairs of one request: one entry for each kind, bounded however much of a request is repaired.
package struct AdjustmentList: Equatable, Sendable {
    /// The longest text of the whole list, as a header value and in the log.
    package static let longestText = 1024
    /// How many kinds are kept; more do not fit into the text.
    private static let mostKinds = 24

    /// One entry for each kind, in the order in which the kinds came up; indexes in their names are `[*]`.
    package private(set) var entries: [Adjustment] = []
    /// The first repair under its exact path, for strict mode.
    package private(set) var first: Adjustment?
    /// Repairs of further kinds, which are counted only.
    private var omitted = 0

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    /// Notes a repair of a field that a request has once.
    package mutating func add(_ name: String, from: String, to: String, reason: String) {
        add(name, at: name, from: from, to: to, reason: reason)
    }

    /// Notes a repair; `path` is the exact place, `name` the same with `[*]` for each index.
    package mutating func add(
        _ name: String,
        at path: @autoclosure () -> String,
        from: String,
        to: String,
        reason: String
    ) {
        if entries.isEmpty { first = Adjustment(path(), from: from, to: to, reason: reason) }
        for index in entries.indices
        where entries[index].reason == reason && entries[index].name == name && entries[index].from == from
            && entries[index].to == to
        {
            entries[index].count += 1
            return
        }
        guard entries.count < Self.mostKinds else {
            omitted += 1
            return
        }
        entries.append(Adjustment(name, from: from, to: to, reason: reason))
    }

    /// Puts the repairs of another list, none of which is here, behind those that are here.
    package mutating func add(_ other: AdjustmentList) {
        first = first ?? other.first
        entries += other.entries
        omitted += other.omitted
    }

    /// The entries as texts, as many as fit; a last one `more=N` where some are left out.
    package var texts: [String] {
        var texts: [String] = []
        var length = 0
        // The room for `, more=N`.
        let room = Self.longestText - 24
        for (index, entry) in entries.enumerated() {
            let text = entry.headerValue
            let left = entries.count - index + omitted
            guard length + text.utf8.count + 2 <= room else {
                texts.append("more=\(left)")
                return texts
            }
            length += text.utf8.count + 2
            texts.append(text)
        }
        if omitted > 0 { texts.append("more=\(omitted)") }
        return texts
    }

    /// The value of `x-gateway-adjustments`, at most ``longestText`` bytes.
    package var headerValue: String { texts.joined(separator: ", ") }

    /// The refusal of strict mode: the first repair with its exact path, then all kinds.
    package var refusal: APIError? {
        guard let first else { return nil }
        var list = first.headerValue
        if entries.count > 1 || entries.first?.count != 1 { list += " (of \(headerValue))" }
        return .invalidRequest(
            "The request would have to be changed for this model, and strict mode was asked for: \(list)",
            param: first.name,
            code: "unsupported_value"
        )
    }
}
