/// The forms of content a model takes or gives.
package struct ModelModalities: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let text = Self(rawValue: 1 << 0)
    package static let image = Self(rawValue: 1 << 1)
    package static let video = Self(rawValue: 1 << 2)
    package static let audio = Self(rawValue: 1 << 3)
    package static let document = Self(rawValue: 1 << 4)

    /// The modalities that only the multimodal path carries.
    package static let media: Self = [.image, .video, .audio]

    /// Every modality with the word that stands for it in the catalogue and in the list of models.
    static let words: [(modality: Self, word: String)] = [
        (.text, "text"), (.image, "image"), (.video, "video"), (.audio, "audio"), (.document, "document"),
    ]

    /// The modality of a word; nil for an unknown one.
    init?(word: String) {
        switch word {
        case "text": self = .text
        case "image": self = .image
        case "video": self = .video
        case "audio": self = .audio
        case "document": self = .document
        default: return nil
        }
    }
}
