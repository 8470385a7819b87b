/// Why a certificate or key cannot be used.
package struct TLSCredentialsError: Error, CustomStringConvertible, Hashable {
    /// Path of the file at fault.
    package let file: String
    /// The fault, in words; never the content.
    package let reason: String

    package var description: String { "\(file): \(reason)" }
}
