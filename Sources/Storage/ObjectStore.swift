package import NIOCore

/// Keeps responses and conversations for their owners.
///
/// Everything is asked for by id and owner: what belongs to another caller is not there. An answer comes on the loop that
/// asks; engines that wait for a disk do so elsewhere, and what one caller asks of them happens in order.
/// Failures are ``StoreError``.
package protocol ObjectStore: Sendable {
    /// Keeps an object, instead of an earlier one with its id.
    ///
    /// `provesOwner` says that upstream has accepted the owner's key.
    func put(_ object: StoredObject, provesOwner: Bool, on loop: any EventLoop) -> EventLoopFuture<Void>
    func get(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredObject?>
    /// An object and all that it continues, the oldest first; nil where one of them is not there.
    func chain(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<[StoredObject]?>
    /// The objects of a page; nil where that begins behind an object that is not there.
    func list(_ page: StoredPage, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredList?>
    /// Changes an object in one step; nil where it is not there.
    func update(
        _ id: String,
        owner: UInt64,
        on loop: any EventLoop,
        _ change: @escaping @Sendable (inout StoredObject) -> Void
    ) -> EventLoopFuture<StoredObject?>
    /// Says that somebody goes on working on an object; see ``StoredObject/runsUntil``.
    func extend(_ id: String, owner: UInt64, until time: Int, on loop: any EventLoop) -> EventLoopFuture<Void>
    /// Whether there was such an object.
    func remove(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<Bool>
    /// Forgets what is older than it may be; called now and then.
    func sweep(on loop: any EventLoop) -> EventLoopFuture<Void>
    /// The present size.
    func contents(on loop: any EventLoop) -> EventLoopFuture<StoreContents>
    /// Puts other limits into force.
    func apply(_ limits: StoreLimits)
    /// Completes what it was asked for and ends.
    func close() async
}

/// How much a store keeps.
package struct StoreContents: Sendable, Equatable {
    package var objects: Int
    package var bytes: Int

    package init(objects: Int, bytes: Int) {
        self.objects = objects
        self.bytes = bytes
    }
}
