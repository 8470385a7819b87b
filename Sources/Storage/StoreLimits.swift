package import NIOCore

/// The operator's limits of a store; a reload can change them.
package struct StoreLimits: Sendable, Equatable {
    /// The largest size; above it, the objects used longest ago are forgotten, see ``share``.
    package var maximumBytes: Int
    /// Seconds after its last change for which an object is kept; zero is no bound.
    package var retention: Int
    /// How long a request waits for the store.
    package var timeout: TimeAmount

    package init(maximumBytes: Int, retention: Int = 0, timeout: TimeAmount = .seconds(5)) {
        self.maximumBytes = maximumBytes
        self.retention = retention
        self.timeout = timeout
    }

    /// Where the store is full, an owner with more than this loses its own objects rather than those of others.
    ///
    /// The owners whose keys no answer has proved share one such part: keys can be invented.
    var share: Int { maximumBytes / 4 }

    /// Longer conversations are not continued: each turn costs a look-up.
    package static let longestChain = 4096
}

/// Why a store did not do what it was asked.
package enum StoreError: Error, Equatable, Sendable {
    /// It did not answer in time.
    case timeout
    /// The disk or the file is full.
    case full
    /// The object is larger than the store may be, or than the room that its owner can have.
    case tooLarge
    /// The database cannot be used; the reason is the engine's.
    case failed(String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timeout: "no answer within store.timeout"
        case .full: "the disk is full"
        case .tooLarge: "the object has no room in store.maximumBytes"
        case .failed(let reason): reason
        }
    }
}
