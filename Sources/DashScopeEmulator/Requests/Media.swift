/// A picture, sound or film in a message.
struct Media: Sendable, Equatable {
    enum Kind: String, Sendable { case image, audio, video }
    enum Source: Sendable, Equatable {
        case url(String)
        case inline(type: String, byteCount: Int)
        case frames(Int)
    }

    var kind: Kind
    var source: Source

    /// The text with which the answer names it.
    var description: String {
        switch source {
        case .url(let url): "\(kind.rawValue) at \(url)"
        case .inline(let type, let byteCount): "\(kind.rawValue) \(type) of \(byteCount) bytes"
        case .frames(let count): "\(kind.rawValue) of \(count) frames"
        }
    }

    static func read(_ part: JSON) -> [Media] {
        [Kind.image, .audio, .video].compactMap { kind in
            switch part[kind.rawValue] {
            case .string(let text): Media(kind: kind, source: source(of: text))
            case .array(let frames): Media(kind: kind, source: .frames(frames.count))
            default: nil
            }
        }
    }

    private static func source(of text: String) -> Source {
        guard let data = DataURL(text) else { return .url(text) }
        return .inline(type: data.type, byteCount: data.byteCount)
    }
}
