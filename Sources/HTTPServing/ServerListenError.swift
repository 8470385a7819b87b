/// Why a server cannot listen.
package struct ServerListenError: Error, CustomStringConvertible {
    /// The address as it was asked for.
    package let address: HTTPListener.Address
    /// The system's error, in words.
    package let reason: String

    package var description: String {
        switch address {
        case .tcp(let host, let port): "cannot listen on \(host):\(port): \(reason)"
        case .unix(let path, _): "cannot listen on the socket \(path): \(reason)"
        case .inherited(let descriptor): "cannot listen on the inherited descriptor \(descriptor): \(reason)"
        }
    }
}
