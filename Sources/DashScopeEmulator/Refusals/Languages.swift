/// Languages that the translation models know.
enum Languages {
    private static let names: Set<String> = [
        "english", "chinese", "traditional chinese", "russian", "japanese", "korean", "spanish", "french", "portuguese",
        "german", "italian", "thai", "vietnamese", "indonesian", "malay", "arabic", "hindi", "hebrew", "burmese",
        "tamil",
        "urdu", "bengali", "polish", "dutch", "romanian", "turkish", "khmer", "lao", "cantonese", "czech", "greek",
        "swedish", "hungarian", "danish", "finnish", "ukrainian", "bulgarian", "serbian", "telugu", "afrikaans",
        "armenian", "persian", "norwegian bokmål", "catalan", "slovak", "lithuanian", "croatian", "swahili", "tagalog",
        "en", "zh", "zh_tw", "ru", "ja", "ko", "es", "fr", "pt", "de", "it", "th", "vi", "id", "ms", "ar", "hi", "he",
        "tr", "pl", "nl",
    ]

    static func contains(_ name: String, orAuto: Bool) -> Bool {
        let name = name.lowercased()
        return names.contains(name) || (orAuto && name == "auto")
    }
}
