/// Why the server itself refuses a request.
package enum HTTPRejection: Sendable, Equatable {
    case malformed
    /// A method of no standard; the meaning of the request and the end of its body are unknown.
    case unknownMethod
    /// Two lines say who is calling.
    case repeatedAuthorization
    case headersTooLarge(limit: Int)
    case tooManyHeaders(limit: Int)
    case bodyTooLarge(limit: Int)
    case bodyTimeout
    /// More connections are open than the server may have; worth a retry.
    case tooManyConnections
    /// All clients together, or this one alone, hold as much memory as they may; worth a retry.
    case tooMuchMemory

    /// The status that fits.
    package var status: Int {
        switch self {
        case .malformed, .repeatedAuthorization: 400
        case .unknownMethod: 405
        case .headersTooLarge, .tooManyHeaders: 431
        case .bodyTooLarge: 413
        case .bodyTimeout: 408
        case .tooManyConnections, .tooMuchMemory: 503
        }
    }
}
