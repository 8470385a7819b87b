/// The languages of speech that DashScope knows, by code, and their names as OpenAI's answers have them.
enum LanguageNames {
    private static let names: [(code: String, name: String)] = [
        ("zh", "chinese"), ("yue", "cantonese"), ("en", "english"), ("ja", "japanese"), ("de", "german"),
        ("ko", "korean"), ("ru", "russian"), ("fr", "french"), ("pt", "portuguese"), ("ar", "arabic"),
        ("it", "italian"), ("es", "spanish"), ("hi", "hindi"), ("id", "indonesian"), ("th", "thai"), ("tr", "turkish"),
        ("uk", "ukrainian"), ("vi", "vietnamese"), ("cs", "czech"), ("da", "danish"), ("fil", "tagalog"),
        ("fi", "finnish"), ("is", "icelandic"), ("ms", "malay"), ("no", "norwegian"), ("pl", "polish"),
        ("sv", "swedish"),
    ]

    /// The name of a code; the code itself where it is not known.
    static func name(of code: String) -> String { names.first { $0.code == code }?.name ?? code }

    /// The code that DashScope takes: of a name, and without the region of `en-US`.
    static func code(of text: String) -> String {
        let lower = text.lowercased()
        if let known = names.first(where: { $0.name == lower }) { return known.code }
        let main = String(lower.prefix { $0 != "-" && $0 != "_" })
        return names.contains { $0.code == main } ? main : text
    }
}
