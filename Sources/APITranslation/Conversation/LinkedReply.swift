package import NIOCore

/// A reply that names files, whose bytes belong into the answer itself.
package protocol LinkedReply: ReplyTranslating {
    /// The links to fetch before the answer is finished; empty where it is finished without, or failed.
    var links: [String] { get }

    /// Takes the file behind the link at this place.
    func take(_ file: ByteBuffer, ofLink place: Int)

    /// What each file must be; nil where the reply looks at them itself.
    var fileKind: FilePlacement.Kind? { get }

    /// What a caller is told to do where a file cannot be fetched; empty where there is nothing.
    var fetchAdvice: String { get }
}

extension LinkedReply {
    package var fileKind: FilePlacement.Kind? { nil }
    package var fetchAdvice: String { "" }
}
