/// Arguments of a recursive schema, cut so that a piece begins like all before it.
///
/// Who takes a piece for a repetition of what is known loses it.
enum RecursiveArguments {
    private static let all = [["{\"a\":", "{\"a\":", "1}}"], ["{\"children\": [", "{\"children\": [", "]}]}"]]

    /// The pieces in which the call at a place is sent.
    static func pieces(at index: Int) -> [String] { all[index % all.count] }

    static func text(at index: Int) -> String { pieces(at: index).joined() }
}
