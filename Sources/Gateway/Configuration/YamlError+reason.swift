import Yams

extension YamlError {
    /// What is wrong and where, without the text of the file: a key may stand there.
    var reason: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        case .reader(let problem, _, _, _): problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            "line \(context.mark.line): \(duplicates.joined(separator: ", ")) stands there twice"
        default: "it cannot be understood"
        }
    }
}
