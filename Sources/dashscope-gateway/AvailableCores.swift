import CProcess
import NIOCore

/// The cores this process may use.
enum AvailableCores {
    /// The number of cores that the container's quota allows, at most those the process is bound to.
    static var count: Int {
        let bound = Int(bound_core_count())
        return bound > 0 ? min(bound, System.coreCount) : System.coreCount
    }
}
