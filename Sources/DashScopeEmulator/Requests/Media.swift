#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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

    /// What the answer says of it.
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

/// A `data:` URL with base64 content that could be decoded.
struct DataURL {
    var type: String
    var byteCount: Int

    init?(_ text: String) {
        guard text.hasPrefix("data:"), let comma = text.firstIndex(of: ",") else { return nil }
        let head = text[..<comma].dropFirst(5)
        guard head.hasSuffix(";base64"), let data = Data(base64Encoded: String(text[text.index(after: comma)...]))
        else {
            return nil
        }
        type = String(head.dropLast(7))
        byteCount = data.count
    }
}
