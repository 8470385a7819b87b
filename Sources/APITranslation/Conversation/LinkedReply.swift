package import NIOCore

/// A reply that names files, whose bytes belong into the answer itself.
package protocol LinkedReply: ReplyTranslating {
    /// The links to fetch before the answer is finished; empty where it is finished without, or failed.
    var links: [String] { get }

    /// Takes the file behind the link at this place.
    func take(_ file: ByteBuffer, ofLink place: Int)
}
