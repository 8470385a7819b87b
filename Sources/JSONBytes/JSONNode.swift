/// One value of a parsed text: where it stands, and where the next value of the same container begins.
///
/// 16 bytes; a tape of them replaces a model tree. Objects are followed by key, value, key, value, …
package struct JSONNode {
    package static let escaped: UInt8 = 1

    /// Offset of the first byte (of the opening quote, for strings).
    package var start: UInt32
    /// Offset behind the last byte.
    package var end: UInt32
    /// Tape index behind this value and all it contains.
    package var next: UInt32
    package var kind: JSONValue.Kind
    package var flags: UInt8
}
