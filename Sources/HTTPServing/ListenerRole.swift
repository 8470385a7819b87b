/// The purpose of a listener: the public interface or the operator's.
package struct ListenerRole: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The interface of the callers.
    package static let `public` = ListenerRole(rawValue: "public")
    /// The operator's interface: metrics, readiness.
    package static let admin = ListenerRole(rawValue: "admin")

    package var description: String { rawValue }
}
