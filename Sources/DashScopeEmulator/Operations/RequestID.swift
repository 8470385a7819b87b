#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Names of requests.
enum RequestID {
    static func make() -> String { UUID().uuidString.lowercased() }
}
