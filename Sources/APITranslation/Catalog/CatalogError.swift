/// Everything that is wrong with a catalogue file, found in one reading.
package struct CatalogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One fault and where it stands.
    package struct Problem: Equatable, Sendable, CustomStringConvertible {
        /// Such as `models[2] (qwen-plus).context_length` or `aliases.gpt-4o`; empty for the text as a whole.
        package var place: String
        package var message: String

        package var description: String {
            place.isEmpty ? message : "\(place): \(message)"
        }
    }

    package var problems: [Problem]

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
