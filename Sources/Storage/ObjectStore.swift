package import NIOCore

/// Keeps responses and conversations for their owners.
///
/// Everything is asked for by id and owner: what belongs to another caller is not there. An answer comes on the loop that
/// asks; engines that wait for a disk do so elsewhere.
package protocol ObjectStore: Sendable {
    /// Keeps an object, instead of an earlier one with its id.
    func put(_ object: StoredObject, on loop: any EventLoop) -> EventLoopFuture<Void>
    func get(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredObject?>
    /// An object and all that it continues, the oldest first; nil where one of them is not there.
    func chain(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<[StoredObject]?>
    /// Changes an object in one step; nil where it is not there.
    func update(
        _ id: String,
        owner: UInt64,
        on loop: any EventLoop,
        _ change: @escaping @Sendable (inout StoredObject) -> Void
    ) -> EventLoopFuture<StoredObject?>
    /// Whether there was such an object.
    func remove(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<Bool>
}

/// Bounds of every engine.
package enum ObjectStoreLimits {
    /// Longer conversations are not continued: each turn costs a look-up.
    package static let longestChain = 4096
}
