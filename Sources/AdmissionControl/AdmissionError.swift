/// Why the settings of admission control cannot be used.
package struct AdmissionError: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
