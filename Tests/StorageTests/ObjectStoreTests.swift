import NIOCore
import NIOEmbedded
import Storage
import Testing

/// What every engine must do.
struct ObjectStoreTests {
    private let loop = EmbeddedEventLoop()

    private static func object(_ id: String, owner: UInt64 = 1, previous: String? = nil, size: Int = 10) -> StoredObject
    {
        StoredObject(
            id: id,
            owner: owner,
            previous: previous,
            document: ByteBuffer(repeating: 0x20, count: size),
            input: .init(json: ByteBuffer(string: #"{"id":"in"}"#), count: 1)
        )
    }

    private func stores() -> [any ObjectStore] { [MemoryStore(maximumBytes: 1 << 20)] }

    @Test func anObjectIsThereForItsOwnerOnly() throws {
        for store in stores() {
            try store.put(Self.object("a"), on: loop).wait()
            #expect(try store.get("a", owner: 1, on: loop).wait() == Self.object("a"))
            #expect(try store.get("a", owner: 2, on: loop).wait() == nil)
            #expect(try store.chain("a", owner: 2, on: loop).wait() == nil)
            #expect(try store.remove("a", owner: 2, on: loop).wait() == false)
            try store.put(Self.object("a", owner: 2, size: 99), on: loop).wait()
            #expect(try store.get("a", owner: 1, on: loop).wait() == Self.object("a"))
            #expect(try store.get("b", owner: 1, on: loop).wait() == nil)
        }
    }

    @Test func anObjectCanBeReplacedAndRemoved() throws {
        for store in stores() {
            try store.put(Self.object("a"), on: loop).wait()
            try store.put(Self.object("a", size: 20), on: loop).wait()
            #expect(try store.get("a", owner: 1, on: loop).wait() == Self.object("a", size: 20))
            #expect(try store.remove("a", owner: 1, on: loop).wait())
            #expect(try store.remove("a", owner: 1, on: loop).wait() == false)
            #expect(try store.get("a", owner: 1, on: loop).wait() == nil)
        }
    }

    @Test func anObjectIsChangedInOneStep() throws {
        for store in stores() {
            try store.put(Self.object("a"), on: loop).wait()
            let more = StoredObject.Items(json: ByteBuffer(string: "{}"), count: 1)
            let changed = try store.update("a", owner: 1, on: loop) { $0.input.append(more) }.wait()
            #expect(changed?.input == .init(json: ByteBuffer(string: #"{"id":"in"},{}"#), count: 2))
            #expect(try store.get("a", owner: 1, on: loop).wait() == changed)
            #expect(try store.update("a", owner: 2, on: loop) { $0.input.append(more) }.wait() == nil)
        }
    }

    @Test func aChainIsWholeOrNotThere() throws {
        for store in stores() {
            try store.put(Self.object("a"), on: loop).wait()
            try store.put(Self.object("b", previous: "a"), on: loop).wait()
            try store.put(Self.object("c", previous: "b"), on: loop).wait()
            #expect(try store.chain("c", owner: 1, on: loop).wait()?.map(\.id) == ["a", "b", "c"])
            _ = try store.remove("a", owner: 1, on: loop).wait()
            #expect(try store.chain("c", owner: 1, on: loop).wait() == nil)
            // Objects that continue each other never end.
            try store.put(Self.object("a", previous: "c"), on: loop).wait()
            #expect(try store.chain("c", owner: 1, on: loop).wait() == nil)
        }
    }

    @Test func memoryIsBoundedAndForgetsWhatWasUsedLongestAgo() throws {
        let store = MemoryStore(maximumBytes: 3 * Self.object("a").size)
        for id in ["a", "b", "c"] { try store.put(Self.object(id), on: loop).wait() }
        #expect(try store.get("a", owner: 1, on: loop).wait() != nil)
        try store.put(Self.object("d"), on: loop).wait()
        #expect(try store.get("b", owner: 1, on: loop).wait() == nil)
        #expect(try store.get("a", owner: 1, on: loop).wait() != nil)
        #expect(store.bytes == 3 * Self.object("a").size)
        for _ in 0..<10_000 { _ = try store.get("a", owner: 1, on: loop).wait() }
        try store.put(Self.object("huge", size: 10_000), on: loop).wait()
        #expect(store.bytes == 0)
    }
}
