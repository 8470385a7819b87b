/// There are no certificates to trust upstream by.
package struct UpstreamTLSError: Error, Sendable, CustomStringConvertible {
    /// The operator's file; nil for the system's.
    let authority: String?

    package var description: String {
        if let authority { return "\(authority) cannot be read, or holds no certificate in PEM" }
        return "this system has no trusted certificates; install its package ca-certificates, or name a file"
    }
}
