import NIOCore
import NIOPosix
import Storage
import Testing

/// What every engine must do.
struct ObjectStoreTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    static func object(_ id: String, owner: UInt64 = 1, previous: String? = nil, size: Int = 10) -> StoredObject {
        StoredObject(
            id: id,
            owner: owner,
            previous: previous,
            document: ByteBuffer(repeating: 0x20, count: size),
            input: .init(json: ByteBuffer(string: #"{"id":"in"}"#), count: 1)
        )
    }

    /// The size of an object whose id has one letter.
    private static let size = object("a").size

    private func with(
        _ engine: TestEngine,
        maximumBytes: Int = 1 << 20,
        retention: Int = 0,
        _ body: (any ObjectStore, TestClock) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let limits = StoreLimits(maximumBytes: maximumBytes, retention: retention)
        try await engine.with(limits, clock) { store in try await body(store, clock) }
    }

    private func put(_ object: StoredObject, proven: Bool = true, in store: any ObjectStore) async throws {
        try await store.put(object, provesOwner: proven, on: loop).get()
    }

    /// Which of these are there; asks in an order, and so uses them in it.
    private func present(_ ids: [String], owner: UInt64 = 1, in store: any ObjectStore) async throws -> [String] {
        var found: [String] = []
        for id in ids where try await store.get(id, owner: owner, on: loop).get() != nil { found.append(id) }
        return found
    }

    @Test(arguments: TestEngine.allCases) func anObjectIsThereForItsOwnerOnly(_ engine: TestEngine) async throws {
        try await with(engine) { store, _ in
            try await put(Self.object("a"), in: store)
            #expect(try await store.get("a", owner: 1, on: loop).get() == Self.object("a"))
            #expect(try await store.get("a", owner: 2, on: loop).get() == nil)
            #expect(try await store.chain("a", owner: 2, on: loop).get() == nil)
            #expect(try await store.remove("a", owner: 2, on: loop).get() == false)
            try await put(Self.object("a", owner: 2, size: 99), in: store)
            #expect(try await store.get("a", owner: 1, on: loop).get() == Self.object("a"))
            #expect(try await store.get("b", owner: 1, on: loop).get() == nil)
        }
    }

    @Test(arguments: TestEngine.allCases) func ownersMayBeAnyNumber(_ engine: TestEngine) async throws {
        try await with(engine) { store, _ in
            for owner in [0, 1, .max, UInt64(Int64.max) + 1] {
                try await put(Self.object("a\(owner)", owner: owner), in: store)
                #expect(try await store.get("a\(owner)", owner: owner, on: loop).get()?.owner == owner)
            }
        }
    }

    @Test(arguments: TestEngine.allCases) func anObjectCanBeReplacedAndRemoved(_ engine: TestEngine) async throws {
        try await with(engine) { store, _ in
            try await put(Self.object("a"), in: store)
            try await put(Self.object("a", size: 20), in: store)
            #expect(try await store.get("a", owner: 1, on: loop).get() == Self.object("a", size: 20))
            #expect(
                try await store.contents(on: loop).get()
                    == StoreContents(objects: 1, bytes: Self.object("a", size: 20).size)
            )
            #expect(try await store.remove("a", owner: 1, on: loop).get())
            #expect(try await store.remove("a", owner: 1, on: loop).get() == false)
            #expect(try await store.get("a", owner: 1, on: loop).get() == nil)
            #expect(try await store.contents(on: loop).get() == StoreContents(objects: 0, bytes: 0))
        }
    }

    /// Items that are a part of the document come back as they were, and are counted once.
    @Test(arguments: TestEngine.allCases) func anOutputThatStandsInTheDocumentIsKeptOnce(_ engine: TestEngine)
        async throws
    {
        try await with(engine) { store, _ in
            var object = Self.object("a")
            object.document = ByteBuffer(string: #"{"output":[{"id":"out"},{"id":"out2"}],"store":true}"#)
            for (place, length) in [(11, 26), (0, 3), (40, 12), (0, 52)] {
                object.output = .init(json: object.document.getSlice(at: place, length: length)!, count: 2)
                try await put(object, in: store)
                let found = try #require(try await store.get("a", owner: 1, on: loop).get())
                #expect(found == object)
                #expect(try await store.contents(on: loop).get().bytes == object.size)
                #expect(object.size == 52 + 11 + 1 + 256)
                // And when what was read is written again.
                let changed = try await store.update("a", owner: 1, on: loop) { $0.previous = "b" }.get()
                #expect(changed?.document == object.document)
                #expect(try await store.get("a", owner: 1, on: loop).get()?.output == object.output)
                #expect(try await store.contents(on: loop).get().bytes == object.size)
            }
            object.output = .init(json: ByteBuffer(string: #"{"id":"out"}"#), count: 1)
            #expect(object.size == 52 + 11 + 12 + 1 + 256)
            try await put(object, in: store)
            #expect(try await store.get("a", owner: 1, on: loop).get() == object)
        }
    }

    @Test(arguments: TestEngine.allCases) func anObjectIsChangedInOneStep(_ engine: TestEngine) async throws {
        try await with(engine) { store, _ in
            try await put(Self.object("a"), in: store)
            let more = StoredObject.Items(json: ByteBuffer(string: "{}"), count: 1)
            let changed = try await store.update("a", owner: 1, on: loop) { $0.input.append(more) }.get()
            #expect(changed?.input == .init(json: ByteBuffer(string: #"{"id":"in"},{}"#), count: 2))
            #expect(try await store.get("a", owner: 1, on: loop).get() == changed)
            #expect(try await store.update("a", owner: 2, on: loop) { $0.input.append(more) }.get() == nil)
            let loop = loop
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        _ = try await store.update("a", owner: 1, on: loop) { $0.input.append(more) }.get()
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.get("a", owner: 1, on: loop).get()?.input.count == 52)
        }
    }

    @Test(arguments: TestEngine.allCases) func aChainIsWholeOrNotThere(_ engine: TestEngine) async throws {
        try await with(engine) { store, _ in
            try await put(Self.object("a"), in: store)
            try await put(Self.object("b", previous: "a"), in: store)
            try await put(Self.object("c", previous: "b"), in: store)
            #expect(try await store.chain("c", owner: 1, on: loop).get()?.map(\.id) == ["a", "b", "c"])
            _ = try await store.remove("a", owner: 1, on: loop).get()
            #expect(try await store.chain("c", owner: 1, on: loop).get() == nil)
            // Objects that continue each other never end.
            try await put(Self.object("a", previous: "c"), in: store)
            #expect(try await store.chain("c", owner: 1, on: loop).get() == nil)
        }
    }

    @Test(arguments: TestEngine.allCases) func workOnAnObjectIsNoted(_ engine: TestEngine) async throws {
        try await with(engine) { store, _ in
            var object = Self.object("a")
            object.runsUntil = 100
            object.events = ByteBuffer(string: "events")
            try await put(object, in: store)
            #expect(try await store.get("a", owner: 1, on: loop).get() == object)
            #expect(try await store.contents(on: loop).get().bytes == object.size)
            try await store.extend("a", owner: 2, until: 300, on: loop).get()
            #expect(try await store.get("a", owner: 1, on: loop).get()?.runsUntil == 100)
            try await store.extend("a", owner: 1, until: 200, on: loop).get()
            #expect(try await store.get("a", owner: 1, on: loop).get()?.runsUntil == 200)
            // What is complete stays so, however late the news of the work.
            object.runsUntil = nil
            try await put(object, in: store)
            try await store.extend("a", owner: 1, until: 400, on: loop).get()
            #expect(try await store.get("a", owner: 1, on: loop).get() == object)
        }
    }

    // MARK: - Forgetting

    @Test(arguments: TestEngine.allCases) func whatWasUsedLongestAgoIsForgotten(_ engine: TestEngine) async throws {
        try await with(engine, maximumBytes: 3 * Self.size) { store, _ in
            for id in ["a", "b", "c"] { try await put(Self.object(id), in: store) }
            #expect(try await present(["a"], in: store) == ["a"])
            try await put(Self.object("d"), in: store)
            #expect(try await present(["a", "b", "c", "d"], in: store) == ["a", "c", "d"])
            #expect(try await store.contents(on: loop).get() == StoreContents(objects: 3, bytes: 3 * Self.size))
            for _ in 0..<1_000 { _ = try await present(["c"], in: store) }
            try await put(Self.object("e"), in: store)
            try await put(Self.object("f"), in: store)
            #expect(try await present(["a", "c", "d", "e", "f"], in: store) == ["c", "e", "f"])
        }
    }

    @Test(arguments: TestEngine.allCases) func whatIsTooLargePushesNothingOut(_ engine: TestEngine) async throws {
        try await with(engine, maximumBytes: 3 * Self.size) { store, _ in
            try await put(Self.object("a"), in: store)
            await #expect(throws: StoreError.tooLarge) {
                try await put(Self.object("huge", size: 10_000), in: store)
            }
            #expect(try await present(["a", "huge"], in: store) == ["a"])
        }
    }

    @Test(arguments: TestEngine.allCases) func othersKeepTheirsWhenOneOwnerFillsTheStore(_ engine: TestEngine)
        async throws
    {
        try await with(engine, maximumBytes: 8 * Self.size) { store, _ in
            try await put(Self.object("a", owner: 1), in: store)
            try await put(Self.object("b", owner: 1), in: store)
            // Alone or not, the room that nobody needs may be used.
            let many = ["c", "d", "e", "f", "g", "h", "i", "j", "k"]
            for id in many { try await put(Self.object(id, owner: 2), in: store) }
            #expect(try await present(["a", "b"], owner: 1, in: store) == ["a", "b"])
            #expect(try await present(many, owner: 2, in: store) == ["f", "g", "h", "i", "j", "k"])
            // A third gets its share from the one that has more than its own.
            try await put(Self.object("l", owner: 3), in: store)
            try await put(Self.object("m", owner: 3), in: store)
            #expect(try await present(["a", "b"], owner: 1, in: store) == ["a", "b"])
            #expect(try await present(["l", "m"], owner: 3, in: store) == ["l", "m"])
            #expect(try await present(many, owner: 2, in: store) == ["h", "i", "j", "k"])
        }
    }

    @Test(arguments: TestEngine.allCases) func inventedOwnersPushOutEachOtherOnly(_ engine: TestEngine) async throws {
        try await with(engine, maximumBytes: 8 * Self.size) { store, _ in
            for (index, id) in ["a", "b", "c", "d", "e", "f"].enumerated() {
                try await put(Self.object(id, owner: UInt64(index)), in: store)
            }
            let invented = ["k", "l", "m", "n", "o", "p"]
            for (index, id) in invented.enumerated() {
                try await put(Self.object(id, owner: UInt64(100 + index)), proven: false, in: store)
            }
            for (index, id) in ["a", "b", "c", "d", "e", "f"].enumerated() {
                #expect(try await present([id], owner: UInt64(index), in: store) == [id])
            }
            var left: [String] = []
            for (index, id) in invented.enumerated() {
                left += try await present([id], owner: UInt64(100 + index), in: store)
            }
            #expect(left == ["o", "p"])
            // An answer proves the key: what its owner has is not of the invented any more.
            try await put(Self.object("q", owner: 105), in: store)
            try await put(Self.object("r", owner: 200), proven: false, in: store)
            #expect(try await present(["p", "q"], owner: 105, in: store) == ["p", "q"])
        }
    }

    @Test(arguments: TestEngine.allCases) func whatIsOldIsForgotten(_ engine: TestEngine) async throws {
        try await with(engine, retention: 100) { store, clock in
            try await put(Self.object("a"), in: store)
            try await put(Self.object("b"), in: store)
            clock.advance(by: 60)
            #expect(try await present(["a", "b"], in: store) == ["a", "b"])
            _ = try await store.update("b", owner: 1, on: loop) { $0.input.count += 1 }.get()
            clock.advance(by: 40)
            // Reading has not made it younger.
            #expect(try await present(["a", "b"], in: store) == ["b"])
            #expect(try await store.update("a", owner: 1, on: loop) { _ in }.get() == nil)
            #expect(try await store.remove("a", owner: 1, on: loop).get() == false)
            clock.advance(by: 60)
            for index in 0..<600 { try await put(Self.object("x\(index)"), in: store) }
            clock.advance(by: 99)
            try await store.sweep(on: loop).get()
            #expect(try await store.contents(on: loop).get().objects == 600)
            clock.advance(by: 1)
            try await store.sweep(on: loop).get()
            #expect(try await store.contents(on: loop).get() == StoreContents(objects: 0, bytes: 0))
        }
    }

    @Test(arguments: TestEngine.allCases) func limitsCanBeChanged(_ engine: TestEngine) async throws {
        try await with(engine) { store, clock in
            for id in ["a", "b", "c"] { try await put(Self.object(id), in: store) }
            store.apply(StoreLimits(maximumBytes: 2 * Self.size))
            #expect(try await store.contents(on: loop).get().objects == 2)
            clock.advance(by: 50)
            #expect(try await present(["b", "c"], in: store) == ["b", "c"])
            store.apply(StoreLimits(maximumBytes: 2 * Self.size, retention: 50))
            #expect(try await present(["b", "c"], in: store).isEmpty)
        }
    }

    // MARK: - Lists

    private func list(_ page: StoredPage, owner: UInt64 = 1, in store: any ObjectStore) async throws -> [String]? {
        try await store.list(page, owner: owner, on: loop).get()?.objects.map(\.id)
    }

    private static func listed(_ id: String, at time: Int, owner: UInt64 = 1) -> StoredObject {
        var object = object(id, owner: owner)
        object.listed = time
        return object
    }

    @Test(arguments: TestEngine.allCases) func aListShowsWhatItsOwnerHas(_ engine: TestEngine) async throws {
        try await with(engine) { store, _ in
            for object in [
                Self.listed("v_c", at: 3), Self.listed("v_a", at: 1), Self.listed("v_d", at: 3),
                Self.listed("v_b", at: 2),
                Self.listed("other", at: 2), Self.listed("v_e", at: 2, owner: 2), Self.object("v_f"),
            ] { try await put(object, in: store) }
            var page = StoredPage(prefix: "v_", limit: 10)
            #expect(try await list(page, in: store) == ["v_d", "v_c", "v_b", "v_a"])
            page.isAscending = true
            #expect(try await list(page, in: store) == ["v_a", "v_b", "v_c", "v_d"])
            page.after = "v_b"
            page.limit = 1
            #expect(try await list(page, in: store) == ["v_c"])
            page.isAscending = false
            let found = try await store.list(page, owner: 1, on: loop).get()
            #expect(found?.objects == [Self.listed("v_a", at: 1)])
            #expect(found?.hasMore == false)
            page.after = "v_d"
            #expect(try await store.list(page, owner: 1, on: loop).get()?.hasMore == true)
            for missing in ["v_e", "v_f", "nobody"] {
                page.after = missing
                #expect(try await list(page, in: store) == nil, "\(missing)")
            }
            page.after = nil
            #expect(try await list(page, owner: 3, in: store) == [])
        }
    }

    @Test(arguments: TestEngine.allCases) func aChangedObjectKeepsItsPlace(_ engine: TestEngine) async throws {
        try await with(engine, retention: 100) { store, clock in
            for (time, id) in ["v_a", "v_b", "v_c"].enumerated() { try await put(Self.listed(id, at: time), in: store) }
            let page = StoredPage(prefix: "v_", limit: 10)
            _ = try await store.update("v_a", owner: 1, on: loop) { $0.document = ByteBuffer(string: "{}") }.get()
            #expect(try await list(page, in: store) == ["v_c", "v_b", "v_a"])
            _ = try await store.remove("v_b", owner: 1, on: loop).get()
            _ = try await store.update("v_c", owner: 1, on: loop) { $0.listed = nil }.get()
            #expect(try await list(page, in: store) == ["v_a"])
            clock.advance(by: 101)
            #expect(try await list(page, in: store) == [])
        }
    }
}
