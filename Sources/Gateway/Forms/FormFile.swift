import APITranslation
import NIOCore
import WireFormats

/// A file of a form, as much of it as is kept.
final class FormFile {
    let head: MultipartPart
    var bytes = ByteBuffer()
    /// What it is, for one that goes into the call.
    var mediaType = ""
    /// Where it lies, for one that was stored.
    var link: String?
    /// The size that is told beside the link.
    var storedBytes: Int?
    var kind = FilePlacement.Kind.audio

    init(_ head: MultipartPart) { self.head = head }

    /// The field without the brackets of a list.
    var field: String { head.field }
}

extension MultipartPart {
    /// The name without the brackets of a list.
    var field: String { name.hasSuffix("[]") ? String(name.dropLast(2)) : name }

    /// Whether the head says that the part is a file: by a name, or by the type of media.
    var isFile: Bool {
        filename != nil || ["image/", "audio/", "video/"].contains { contentType?.hasPrefix($0) == true }
    }
}

extension ByteBuffer {
    /// Whether these first bytes of a part without the name of a file are nevertheless those of media, and no text.
    var looksLikeFile: Bool {
        let first = readableBytesView.prefix(MediaSignature.length)
        let isText = (first.first ?? 0) < 0x80 && first.allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) }
        guard !isText else { return false }
        return switch MediaSignature(first) {
        case .media, .container: true
        case .other, .unknown: false
        }
    }
}
