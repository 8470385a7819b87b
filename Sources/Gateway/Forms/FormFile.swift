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
    var field: String { head.name.hasSuffix("[]") ? String(head.name.dropLast(2)) : head.name }
}
