#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How many files and sockets the process may have open.
struct OpenFileLimit {
    /// Listeners, logs, the loops' own descriptors, files that are read.
    private static let own = 64

    /// Descriptors there may be.
    var count: Int

    /// Raises the soft limit to the hard one, and returns the limit in force.
    static func raise() -> OpenFileLimit {
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return OpenFileLimit(count: .max) }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return OpenFileLimit(count: Int(clamping: limit.rlim_cur))
    }

    /// Client connections there is room for beside the connections to upstream, which keep up to half.
    ///
    /// An eighth above the number is accepted, to be told to come back.
    func clientConnections(wanted: Int, upstream: Int) -> Int {
        let reserve = min(upstream, count / 2) + Self.own
        return max(1, min(wanted, (count - reserve - 16) / 9 * 8))
    }
}
