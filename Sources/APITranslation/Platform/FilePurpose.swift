/// What DashScope keeps a file for.
package enum FilePurpose: String, Sendable {
    /// A document that a model reads.
    case extraction = "file-extract"
    /// The requests of a batch.
    case batch

    /// OpenAI's word for documents where the caller's is not known.
    static let usualWord = "user_data"

    private static let megabyte = 1 << 20
    private static let pictures: Set<String> = ["bmp", "png", "jpg", "jpeg", "gif"]

    /// The largest file of any purpose.
    package static let largestFile = 500 * megabyte

    /// Reads a caller's word.
    ///
    /// - Throws: A 400 that says what works instead.
    package init(_ word: String) throws(APIError) {
        switch word {
        case "assistants", "user_data", "file-extract": self = .extraction
        case "batch": self = .batch
        case "vision":
            throw Self.unknown(word, "Send images inline or as a URL in the messages; they need no upload.")
        case "fine-tune":
            throw Self.unknown(word, "Tune models in the console of DashScope.")
        default: throw Self.unknown(word, nil)
        }
    }

    private static func unknown(_ word: String, _ instead: String?) -> APIError {
        .invalidRequest(
            "Invalid value for 'purpose': '\(word.prefix(32))' is not available. Use assistants, user_data or file-extract "
                + "for documents, batch for the requests of a batch." + (instead.map { " \($0)" } ?? ""),
            param: "purpose",
            code: "invalid_value"
        )
    }

    /// The largest file of this purpose; pictures are documents with a bound of their own.
    package func maximumBytes(filename: String) -> Int {
        guard self == .extraction else { return Self.largestFile }
        let suffix = filename.lastIndex(of: ".").map { filename[filename.index(after: $0)...].lowercased() } ?? ""
        return (Self.pictures.contains(suffix) ? 20 : 150) * Self.megabyte
    }

    /// The words of DashScope's for the purposes that a list asks for, separated by commas.
    ///
    /// - Throws: A 400 where no file of DashScope's can have such a purpose.
    static func filter(_ words: String) throws(APIError) -> String {
        var names: [String] = []
        for word in words.split(separator: ",", omittingEmptySubsequences: false) {
            names.append(word == "batch_output" ? "batch_output" : try FilePurpose(String(word)).rawValue)
        }
        return names.joined(separator: ",")
    }
}
