/// Names and labels as both text formats want them.
enum LabelText {
    /// `name="value",…`, sorted by name; names made valid, values escaped, the first of two equal names kept.
    static func render(_ labels: [(String, String)]) -> String {
        var pairs: [(name: String, value: String)] = []
        for (name, value) in labels {
            var name = validName(name, allowsColon: false)
            // Histograms have a label of that name, and names with two underscores are Prometheus's own.
            if name == "le" || name.hasPrefix("__") { name = "label_" + name }
            if !pairs.contains(where: { $0.name == name }) { pairs.append((name, value)) }
        }
        pairs.sort { $0.name < $1.name }
        return pairs.map { "\($0.name)=\"\(escape($0.value))\"" }.joined(separator: ",")
    }

    /// Escapes the value of a label, or a help text of OpenMetrics.
    static func escape(_ text: String, quotes: Bool = true) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A name with every byte that is not allowed replaced by `_`.
    static func validName(_ name: String, allowsColon: Bool = true) -> String {
        var valid = ""
        for scalar in name.unicodeScalars {
            let isDigit = ("0"..."9").contains(scalar)
            let isAllowed =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
                || (allowsColon && scalar == ":") || isDigit
            if isDigit, valid.isEmpty { valid += "_" }
            valid.unicodeScalars.append(isAllowed ? scalar : "_")
        }
        return valid.isEmpty ? "_" : valid
    }
}
