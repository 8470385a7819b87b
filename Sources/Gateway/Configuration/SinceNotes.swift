/// Comments of a YAML file that say with which version a setting came: `# since 1.2.0`, behind the key or on a line of its own
/// above it.
///
/// A file that was written for a newer version so serves an older one, too, after a step back.
struct SinceNotes {
    /// The lines, counted from one, whose key is for a version above the present one.
    private var newer: Set<Int> = []

    init(_ text: String, present: String = GatewayVersion.current) {
        let present = Self.numbers(present)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let mark = line.firstRange(of: "# since "),
                present.lexicographicallyPrecedes(Self.numbers(line[mark.upperBound...]))
            else { continue }
            let isAlone = line[..<mark.lowerBound].allSatisfy(\.isWhitespace)
            newer.insert(isAlone ? index + 2 : index + 1)
        }
    }

    /// Whether the key on that line is said to be of a newer version.
    func tellOfNewer(line: Int?) -> Bool { line.map(newer.contains) ?? false }

    /// The numbers of a version, without what follows them.
    private static func numbers(_ text: some StringProtocol) -> [Int] {
        text.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
    }
}
