// The words of the catalogue file and of the list of models for the values of traits.

extension ModelTraits.Thinking {
    /// The word for it; nil where nothing is known.
    var word: String? {
        switch self {
        case .never: "never"
        case .offByDefault: "off_by_default"
        case .onByDefault: "on_by_default"
        case .switchable: "switchable"
        case .always: "always"
        case .unknown: nil
        }
    }

    init?(word: String) {
        switch word {
        case "never": self = .never
        case "off_by_default": self = .offByDefault
        case "on_by_default": self = .onByDefault
        case "switchable": self = .switchable
        case "always": self = .always
        default: return nil
        }
    }
}

extension ModelTraits.StreamOnly {
    init?(word: String) {
        switch word {
        case "no": self = .no
        case "always": self = .always
        case "when_thinking": self = .whenThinking
        default: return nil
        }
    }
}

extension ModelTraits.TextParts {
    init?(word: String) {
        switch word {
        case "always": self = .always
        case "with_tools": self = .withTools
        case "never": self = .never
        default: return nil
        }
    }
}
