import NIOCore

/// The operations of a store on its database; each is one transaction.
struct SQLiteObjects {
    /// Objects that one transaction forgets at most, so that others get their turn.
    private static let sweepLength = 256

    let database: SQLiteDatabase

    // MARK: - Reading

    func find(_ id: String, owner: UInt64, after cutoff: Int) throws(StoreError) -> StoredObject? {
        var found: StoredObject?
        try database.run(
            """
            SELECT \(Self.columns) FROM objects JOIN contents USING (number)
            WHERE id = ?1 AND owner = ?2 AND changed > ?3
            """,
            .text(id),
            .owner(owner),
            .integer(cutoff)
        ) { row in
            found = Self.object(row, owner: owner)
            return false
        }
        return found
    }

    private static let columns =
        "id, previous, document, input, input_count, output, output_count, events, runs_until, listed, output_place"

    private static func object(_ row: SQLiteStatement, owner: UInt64) -> StoredObject {
        var (document, output) = (row.bytes(2), row.bytes(5))
        if !row.isNull(10) {
            let place = row.integer(10)
            var whole = ByteBuffer()
            whole.reserveCapacity(document.readableBytes + output.readableBytes)
            if var head = document.readSlice(length: place) { whole.writeBuffer(&head) }
            let length = whole.writeBuffer(&output)
            whole.writeBuffer(&document)
            output = whole.getSlice(at: place, length: length) ?? output
            document = whole
        }
        return StoredObject(
            id: row.text(0) ?? "",
            owner: owner,
            previous: row.text(1),
            document: document,
            input: .init(json: row.bytes(3), count: row.integer(4)),
            output: .init(json: output, count: row.integer(6)),
            events: row.isNull(7) ? nil : row.bytes(7),
            runsUntil: row.isNull(8) ? nil : row.integer(8),
            listed: row.isNull(9) ? nil : row.integer(9)
        )
    }

    func list(_ page: StoredPage, owner: UInt64, after cutoff: Int) throws(StoreError) -> StoredList? {
        // Behind every object, or before every one.
        var place = (created: page.isAscending ? Int.min : Int.max, id: "")
        if let after = page.after {
            guard let object = try find(after, owner: owner, after: cutoff), let created = object.listed else {
                return nil
            }
            place = (created, after)
        }
        var objects: [StoredObject] = []
        try database.run(
            """
            SELECT \(Self.columns) FROM objects JOIN contents USING (number)
            WHERE owner = ?1 AND listed IS NOT NULL AND changed > ?2 AND substr(id, 1, length(?3)) = ?3
                AND (listed, id) \(page.isAscending ? ">" : "<") (?4, ?5)
            ORDER BY listed \(page.isAscending ? "ASC, id ASC" : "DESC, id DESC") LIMIT ?6
            """,
            .owner(owner),
            .integer(cutoff),
            .text(page.prefix),
            .integer(place.created),
            .text(place.id),
            .integer(page.limit + 1)
        ) { row in
            objects.append(Self.object(row, owner: owner))
            return true
        }
        return StoredList(objects, of: page)
    }

    /// Notes that objects were used, where that is possible at once: it matters only for what is forgotten first.
    func touch(_ ids: [String]) {
        database.wait(milliseconds: 0)
        try? database.transaction { () throws(StoreError) in
            for id in ids { try database.run("UPDATE objects SET used = \(Self.nextUse) WHERE id = ?1", .text(id)) }
        }
    }

    static let nextUse =
        "(SELECT 1 + max(ifnull((SELECT max(used) FROM objects WHERE proven = 0), 0), "
        + "ifnull((SELECT max(used) FROM objects WHERE proven = 1), 0)))"

    func contents() throws(StoreError) -> StoreContents {
        var contents = StoreContents(objects: 0, bytes: 0)
        try database.run("SELECT sum(objects), sum(bytes) FROM pools") { row in
            contents = StoreContents(objects: row.integer(0), bytes: row.integer(1))
            return false
        }
        return contents
    }

    // MARK: - Changing

    /// Does several things as one change of the file; a change within a change is a part of it.
    func changing<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try database.transaction(body)
    }

    /// Keeps an object, and forgets others where that is needed.
    func put(_ object: StoredObject, provesOwner: Bool, now: Int, maximumBytes: Int, share: Int) throws(StoreError) {
        try changing { () throws(StoreError) in
            try add([(object, provesOwner)], now: now)
            guard try shrink(to: maximumBytes, share: share) else { return }
            // Nothing less needed was left to forget.
            guard try database.integer("SELECT 1 FROM objects WHERE id = ?1", .text(object.id)) != nil else {
                throw .tooLarge
            }
        }
    }

    /// Keeps objects as one change, with the result of one after the other.
    func put(_ puts: [PutGroup.Put], now: Int, maximumBytes: Int, share: Int)
        throws(StoreError)
    {
        try changing { () throws(StoreError) in
            let left = try maximumBytes - contents().bytes
            if puts.reduce(0, { $0 + $1.object.size }) <= left { return try add(puts, now: now) }
            // What is forgotten depends on the order.
            for put in puts {
                try self.put(
                    put.object,
                    provesOwner: put.provesOwner,
                    now: now,
                    maximumBytes: maximumBytes,
                    share: share
                )
            }
        }
    }

    func extend(_ id: String, owner: UInt64, until time: Int) throws(StoreError) {
        try database.run(
            "UPDATE objects SET runs_until = ?3 WHERE id = ?1 AND owner = ?2 AND runs_until IS NOT NULL",
            .text(id),
            .owner(owner),
            .integer(time)
        )
    }

    func remove(_ id: String, owner: UInt64, after cutoff: Int) throws(StoreError) -> Bool {
        try database.run(
            "DELETE FROM objects WHERE id = ?1 AND owner = ?2 AND changed > ?3",
            .text(id),
            .owner(owner),
            .integer(cutoff)
        )
        return database.changes > 0
    }

    // MARK: - Forgetting

    /// Forgets a part of what has not been changed since; false where nothing more is left.
    func sweep(until cutoff: Int) throws(StoreError) -> Bool {
        var last: Int?
        try database.run("SELECT number, changed FROM objects ORDER BY number LIMIT \(Self.sweepLength)") { row in
            guard row.integer(1) <= cutoff else { return false }
            last = row.integer(0)
            return true
        }
        guard let last else { return false }
        try database.run("DELETE FROM objects WHERE number <= ?1", .integer(last))
        return database.changes == Self.sweepLength
    }

    /// Gives pages that are not needed back to the file system.
    func giveBack() throws(StoreError) { try database.run("PRAGMA incremental_vacuum(2048)") }

    /// Forgets until the rest fits; false where it fits already.
    @discardableResult
    func shrink(to maximumBytes: Int, share: Int) throws(StoreError) -> Bool {
        var hasForgotten = false
        while try contents().bytes > maximumBytes {
            try forgetOne(share: share)
            hasForgotten = true
        }
        return hasForgotten
    }

    /// Forgets more than an object needs, because the disk is full.
    func makeRoom(for bytes: Int, share: Int) throws(StoreError) {
        try changing { () throws(StoreError) in
            let least = try contents().bytes - 2 * bytes
            guard least >= 0 else { throw .full }
            try shrink(to: least, share: share)
        }
    }

    /// Forgets what is needed least, as ``StoreLimits/share`` says.
    func forgetOne(share: Int) throws(StoreError) {
        if try database.integer("SELECT bytes FROM pools WHERE proven = 0") ?? 0 > share {
            return try database.run(
                "DELETE FROM objects WHERE number = (SELECT number FROM objects WHERE proven = 0 ORDER BY used LIMIT 1)"
            )
        }
        let large = try database.integer("SELECT owner FROM owners WHERE bytes > ?1 LIMIT 1", .integer(share))
        if let large {
            return try database.run(
                "DELETE FROM objects WHERE number = (SELECT number FROM objects WHERE owner = ?1 ORDER BY used LIMIT 1)",
                .integer(large)
            )
        }
        try database.run(
            """
            DELETE FROM objects WHERE number = (SELECT number FROM (
                SELECT * FROM (SELECT number, used FROM objects WHERE proven = 0 ORDER BY used LIMIT 1)
                UNION ALL SELECT * FROM (SELECT number, used FROM objects WHERE proven = 1 ORDER BY used LIMIT 1)
            ) ORDER BY used LIMIT 1)
            """
        )
    }

    /// Moves everything from the journal into the file.
    func checkpoint() { try? database.run("PRAGMA wal_checkpoint(TRUNCATE)") }

    // MARK: - Secrets

    /// The secret of this name; random bytes become it where there is none.
    func secret(_ name: String, length: Int) throws(StoreError) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let fresh = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try database.run(
            "INSERT OR IGNORE INTO secrets VALUES (?1, ?2)",
            .text(name),
            .bytes(ByteBuffer(bytes: fresh))
        )
        var value: [UInt8] = []
        try database.run("SELECT value FROM secrets WHERE name = ?1", .text(name)) { row in
            value = Array(row.bytes(0).readableBytesView)
            return false
        }
        return value
    }
}

extension SQLiteDatabase.Value {
    static func owner(_ owner: UInt64) -> Self { .integer(Int(Int64(bitPattern: owner))) }
}
