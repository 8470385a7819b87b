import Foundation
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Storage

/// What only a store in a file does.
struct SQLiteStoreTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let limits = StoreLimits(maximumBytes: 1 << 20)

    private func open(_ path: String, _ limits: StoreLimits? = nil) throws -> SQLiteStore {
        try SQLiteStore(path: path, limits: limits ?? self.limits) { 1_700_000_000 }
    }

    @Test func whatIsKeptOutlivesTheProcess() async throws {
        try await TestFolder.with { folder in
            let first = try open(folder + "/store.db")
            try await first.put(ObjectStoreTests.object("a"), provesOwner: true, on: loop).get()
            await first.close()
            let second = try open(folder + "/store.db")
            #expect(try await second.get("a", owner: 1, on: loop).get() == ObjectStoreTests.object("a"))
            #expect(second.callerSecret == first.callerSecret && second.callerSecret.count == 16)
            await second.close()
            let other = try open(folder + "/other.db")
            #expect(other.callerSecret != first.callerSecret)
            await other.close()
        }
    }

    @Test func twoProcessesMayShareAFile() async throws {
        try await TestFolder.with { folder in
            let (one, other) = (try open(folder + "/store.db"), try open(folder + "/store.db"))
            let loop = loop
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<100 {
                    let store = index % 2 == 0 ? one : other
                    let object = ObjectStoreTests.object("a\(index)")
                    group.addTask { try await store.put(object, provesOwner: true, on: loop).get() }
                }
                try await group.waitForAll()
            }
            #expect(try await one.contents(on: loop).get().objects == 100)
            #expect(try await one.contents(on: loop).get() == (try await other.contents(on: loop).get()))
            await one.close()
            await other.close()
        }
    }

    @Test func onlyItsUserCanReadTheFile() async throws {
        try await TestFolder.with { folder in
            let store = try open(folder + "/store.db")
            try await store.put(ObjectStoreTests.object("a"), provesOwner: true, on: loop).get()
            for name in ["store.db", "store.db-wal", "store.db-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
            await store.close()
        }
    }

    @Test func whatIsForgottenIsNotInTheFile() async throws {
        try await TestFolder.with { folder in
            let store = try open(folder + "/store.db")
            var object = ObjectStoreTests.object("a")
            object.document = ByteBuffer(string: String(repeating: "a word that is nowhere else ", count: 1000))
            try await store.put(object, provesOwner: true, on: loop).get()
            #expect(try TestFolder.holds("a word that is nowhere else", in: folder))
            _ = try await store.remove("a", owner: 1, on: loop).get()
            try await store.sweep(on: loop).get()
            #expect(try !TestFolder.holds("a word that is nowhere else", in: folder))
            await store.close()
            #expect(try !TestFolder.holds("a word that is nowhere else", in: folder))
        }
    }

    // MARK: - Trouble

    /// Whatever shares a transaction: what fails fails alone, and all is done in the order in which it was asked for.
    @Test func whatWaitsTogetherIsKeptAsIfAlone() async throws {
        try await TestFolder.with { folder in
            let store = try open(folder + "/store.db")
            let loop = loop
            let large = ObjectStoreTests.object("large", size: 2 << 20)
            var puts = (0..<100).map { store.put(ObjectStoreTests.object("a\($0)"), provesOwner: true, on: loop) }
            let failed = store.put(large, provesOwner: true, on: loop)
            let removed = store.remove("a7", owner: 1, on: loop)
            puts += (100..<200).map { store.put(ObjectStoreTests.object("a\($0)"), provesOwner: true, on: loop) }
            let again = store.put(ObjectStoreTests.object("a8", size: 20), provesOwner: true, on: loop)
            for put in puts { try await put.get() }
            await #expect(throws: StoreError.tooLarge) { try await failed.get() }
            #expect(try await removed.get())
            try await again.get()
            #expect(try await store.contents(on: loop).get().objects == 199)
            #expect(try await store.get("a7", owner: 1, on: loop).get() == nil)
            #expect(try await store.get("a8", owner: 1, on: loop).get() == ObjectStoreTests.object("a8", size: 20))
            await store.close()
        }
    }

    /// Whatever shares a change, the tables are those of one change after the other: also the counts of owners, where ids
    /// come again or belong to others, and where something must be forgotten.
    @Test(arguments: [1 << 30, 20_000]) func aGroupIsCountedAsItsObjectsAre(maximumBytes: Int) async throws {
        try await TestFolder.with { folder in
            let databases = try ["single", "grouped"].map { name in
                let database = try SQLiteDatabase(path: "\(folder)/\(name).db")
                try SQLiteSchema.prepare(database)
                return database
            }
            var random = SeededGenerator(seed: 7)
            for _ in 0..<60 {
                let group = (0..<Int.random(in: 1...50, using: &random)).map { _ in
                    var object = ObjectStoreTests.object(
                        "id\(Int.random(in: 0..<300, using: &random))",
                        size: Int.random(in: 0..<300, using: &random)
                    )
                    object.owner = UInt64.random(in: 1...5, using: &random)
                    return (
                        object: object, provesOwner: object.owner != 5 && Int.random(in: 0..<4, using: &random) == 0
                    )
                }
                let share = maximumBytes / 4
                let single = SQLiteObjects(database: databases[0])
                for put in group {
                    try single.put(
                        put.object,
                        provesOwner: put.provesOwner,
                        now: 1,
                        maximumBytes: maximumBytes,
                        share: share
                    )
                }
                try SQLiteObjects(database: databases[1]).put(group, now: 1, maximumBytes: maximumBytes, share: share)
                let tables = try databases.map { database in
                    var rows: [String] = []
                    for sql in [
                        "SELECT id || ' ' || owner || ' ' || proven || ' ' || size FROM objects ORDER BY used",
                        """
                        SELECT id || ' ' || document || input || output || input_count || output_count
                        FROM objects JOIN contents USING (number) ORDER BY number
                        """,
                        "SELECT count(*) || ' ' || (SELECT count(*) FROM objects) FROM contents",
                        "SELECT owner || ' ' || proven || ' ' || bytes || ' ' || objects FROM owners ORDER BY owner",
                        "SELECT proven || ' ' || bytes || ' ' || objects FROM pools ORDER BY proven",
                    ] {
                        try database.run(sql) { row in
                            rows.append(row.text(0) ?? "")
                            return true
                        }
                    }
                    return rows
                }
                #expect(tables[0] == tables[1])
                for database in databases {
                    let bytes = try database.integer("SELECT ifnull(sum(size), 0) FROM objects")
                    #expect(try database.integer("SELECT sum(bytes) FROM pools") == bytes)
                    #expect(try database.integer("SELECT sum(bytes) FROM owners") == bytes)
                }
            }
        }
    }

    /// The work for one more object does not grow with those that its owner has.
    @Test func anObjectCostsTheSameHoweverManyThereAre() async throws {
        try await TestFolder.with { folder in
            let database = try SQLiteDatabase(path: "\(folder)/store.db")
            try SQLiteSchema.prepare(database)
            let objects = SQLiteObjects(database: database)
            func work(_ numbers: Range<Int>) throws -> Int {
                let before = database.steps
                for number in numbers {
                    try objects.put(
                        ObjectStoreTests.object("resp_\(number)"),
                        provesOwner: true,
                        now: 1,
                        maximumBytes: 1 << 30,
                        share: 1 << 28
                    )
                }
                return database.steps - before
            }
            let few = try work(0..<100)
            _ = try work(100..<2000)
            #expect(try work(2000..<2100) < few * 3 / 2)
        }
    }

    @Test func aLockedFileIsAnErrorInTime() async throws {
        try await TestFolder.with { folder in
            let limits = StoreLimits(maximumBytes: 1 << 20, timeout: .milliseconds(50))
            let store = try open(folder + "/store.db", limits)
            try await store.put(ObjectStoreTests.object("a"), provesOwner: true, on: loop).get()
            let other = try SQLiteDatabase(path: folder + "/store.db")
            try other.execute("BEGIN EXCLUSIVE")
            await #expect(throws: StoreError.timeout) {
                try await store.put(ObjectStoreTests.object("b"), provesOwner: true, on: loop).get()
            }
            // Who reads does not wait for who writes.
            #expect(try await store.get("a", owner: 1, on: loop).get() != nil)
            try other.execute("COMMIT")
            try await store.put(ObjectStoreTests.object("b"), provesOwner: true, on: loop).get()
            #expect(try await store.get("b", owner: 1, on: loop).get() != nil)
            await store.close()
        }
    }

    @Test func aFullDiskMakesRoomOrSaysSo() async throws {
        try await TestFolder.with { folder in
            let store = try open(folder + "/store.db")
            store.limitPages(to: 64)
            // Objects of three pages: what was used longest ago makes room.
            for index in 0..<60 {
                let object = ObjectStoreTests.object("a\(index)", size: 10_000)
                try await store.put(object, provesOwner: true, on: loop).get()
            }
            #expect(try await store.get("a0", owner: 1, on: loop).get() == nil)
            #expect(try await store.get("a59", owner: 1, on: loop).get() != nil)
            let large = ObjectStoreTests.object("large", size: 500_000)
            await #expect(throws: StoreError.full) {
                try await store.put(large, provesOwner: true, on: loop).get()
            }
            #expect(try await store.get("a59", owner: 1, on: loop).get() != nil)
            await store.close()
        }
    }

    @Test func otherFilesAreLeftAlone() async throws {
        try await TestFolder.with { folder in
            let other = try SQLiteDatabase(path: folder + "/other.db")
            try other.execute("CREATE TABLE theirs (a)")
            #expect(throws: StoreError.failed("the file is not a store of the gateway")) {
                _ = try open(folder + "/other.db")
            }
            #expect(StoreFile.problem(folder + "/other.db") == "the file is not a store of the gateway")
            try Data("no database at all, but long enough to be one".utf8)
                .write(to: URL(filePath: folder + "/text"))
            #expect(throws: StoreError.self) { _ = try open(folder + "/text") }
            #expect(StoreFile.problem(folder + "/text") != nil)
            #expect(throws: StoreError.self) { _ = try open(folder + "/nowhere/store.db") }
            #expect(StoreFile.problem(folder + "/nowhere/store.db")?.contains("nowhere") == true)
            #expect(StoreFile.problem(folder + "/new.db") == nil)
            await (try open(folder + "/new.db")).close()
            #expect(StoreFile.problem(folder + "/new.db") == nil)
        }
    }

    @Test func aFileOfTheFirstVersionIsBroughtUpToDate() async throws {
        try await TestFolder.with { folder in
            let old = try SQLiteDatabase(path: folder + "/store.db")
            try old.execute(
                "PRAGMA application_id = 1146308439; \(SQLiteSchema.migrations[0]); PRAGMA user_version = 1"
            )
            try old.execute(
                """
                INSERT INTO objects VALUES (7, 'a', 1, 1, NULL, 1700000000, 3, 277);
                INSERT INTO contents VALUES (7, X'20202020202020202020', CAST('{"id":"in"}' AS BLOB), 1, X'', 0);
                INSERT INTO secrets VALUES ('caller', X'000102030405060708090A0B0C0D0E0F')
                """
            )
            let store = try open(folder + "/store.db")
            #expect(try await store.get("a", owner: 1, on: loop).get() == ObjectStoreTests.object("a"))
            #expect(store.callerSecret == Array(0..<16))
            try await store.put(ObjectStoreTests.object("b"), provesOwner: true, on: loop).get()
            #expect(try await store.contents(on: loop).get().objects == 2)
            await store.close()
        }
    }

    @Test func aFileOfALaterVersionIsRefused() async throws {
        try await TestFolder.with { folder in
            await (try open(folder + "/store.db")).close()
            let database = try SQLiteDatabase(path: folder + "/store.db")
            try database.execute("PRAGMA user_version = 99")
            #expect(throws: StoreError.failed("the file was made by a later version of the gateway (schema 99)")) {
                _ = try open(folder + "/store.db")
            }
        }
    }
}
