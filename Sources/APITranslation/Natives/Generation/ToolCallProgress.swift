import JSONBytes
import NIOCore

/// One tool call of a choice while its fragments arrive.
struct ToolCallProgress: Sendable {
    /// A longer text is no identifier.
    private static let maximumIDBytes = 1024

    /// Upstream's index; it names the call in later fragments.
    let nativeIndex: Int
    var id: [UInt8] = []
    var name: [UInt8] = []
    /// Arguments that wait until the call can be opened.
    var pending = ByteBuffer()
    var isOpen = false
    var hasArguments = false
    var isCustom = false
    /// All arguments so far, for models that repeat them; empty for others.
    var seen = ByteBuffer()

    init(nativeIndex: Int) { self.nativeIndex = nativeIndex }

    /// Whether a fragment with this identifier begins another call, although upstream gave it the same index.
    func isEnded(by id: UnsafeRawBufferPointer) -> Bool {
        !id.isEmpty && !self.id.isEmpty && (hasArguments || !name.isEmpty) && !self.id.elementsEqual(id)
    }

    /// Takes an identifier, whole, repeated or in pieces; one that the client has seen stays.
    mutating func take(id piece: UnsafeRawBufferPointer) {
        guard !piece.isEmpty, !isOpen, id.count + piece.count <= Self.maximumIDBytes else { return }
        Self.merge(piece, into: &id)
    }

    /// Takes a name, whole, repeated or in pieces.
    mutating func take(name piece: UnsafeRawBufferPointer) {
        guard !piece.isEmpty, !isOpen, name.isEmpty || !hasArguments else { return }
        Self.merge(piece, into: &name)
    }

    private static func merge(_ piece: UnsafeRawBufferPointer, into text: inout [UInt8]) {
        if piece.starts(with: text) { text.removeAll(keepingCapacity: true) }
        text.append(contentsOf: piece)
    }
}
