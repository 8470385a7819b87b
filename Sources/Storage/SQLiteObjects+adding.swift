import NIOCore

/// How objects are added. Most of what a statement costs does not depend on how many rows it inserts, so a group of objects
/// goes in by statements of several rows.
extension SQLiteObjects {
    /// Rows of a statement for several objects.
    private static let rows = 16

    private static let addObject = insertion(objectColumns, columns: 11, rows: 1)
    private static let addObjects = insertion(objectColumns, columns: 11, rows: rows)
    private static let addContent = insertion(contentColumns, columns: 7, rows: 1)
    private static let addContents = insertion(contentColumns, columns: 7, rows: rows)

    private static let objectColumns =
        "objects (number, id, owner, proven, previous, changed, used, size, runs_until, listed, output_place)"
    private static let contentColumns =
        "contents (number, document, input, input_count, output, output_count, events)"

    /// With `IGNORE` SQLite keeps no journal of a statement with several rows; who runs it counts what was inserted.
    private static func insertion(_ table: String, columns: Int, rows: Int) -> String {
        let row = "(" + Array(repeating: "?", count: columns).joined(separator: ", ") + ")"
        return "INSERT OR IGNORE INTO \(table) VALUES " + Array(repeating: row, count: rows).joined(separator: ", ")
    }

    /// An object, and where it stands among those that are added.
    private typealias Placed = (offset: Int, element: StoredObject)

    /// Objects that are being added: the number and the use of the first, and what is not counted yet.
    private struct Addition {
        let number: Int
        let use: Int
        let now: Int
        var owners: [UInt64: OwnerAddition] = [:]
    }

    /// What objects that are not counted yet add to the counts of an owner.
    private struct OwnerAddition {
        var isProven: Bool
        var bytes = 0
        var objects = 0
    }

    func add(_ puts: [PutGroup.Put], now: Int) throws(StoreError) {
        var addition = Addition(
            number: try database.integer("SELECT 1 + ifnull(max(number), 0) FROM objects") ?? 1,
            use: try database.integer("SELECT \(Self.nextUse)") ?? 1,
            now: now
        )
        for (object, provesOwner) in puts {
            let wasProven =
                if let known = addition.owners[object.owner] { known.isProven } else {
                    try database.integer("SELECT proven FROM owners WHERE owner = ?1", .owner(object.owner)) == 1
                }
            // Looks at every object of the owner, so once for each owner only.
            if provesOwner, !wasProven {
                try database.run("UPDATE objects SET proven = 1 WHERE owner = ?1 AND proven = 0", .owner(object.owner))
            }
            addition.owners[object.owner] = OwnerAddition(isProven: wasProven || provesOwner)
        }
        var rest = Array(puts.map(\.object).enumerated())[...]
        while !rest.isEmpty {
            let objects = rest.prefix(rest.count < Self.rows ? 1 : Self.rows)
            rest.removeFirst(objects.count)
            for object in try insert(objects, &addition) {
                // What is removed must have been counted.
                try count(&addition)
                if try removeFormer(of: object.element) { _ = try insert([object], &addition) }
            }
        }
        try count(&addition)
    }

    /// Inserts one object, or as many as a statement has rows; gives back those whose ids are there already.
    private func insert(_ objects: ArraySlice<Placed>, _ addition: inout Addition) throws(StoreError) -> [Placed] {
        var values: [SQLiteDatabase.Value] = []
        values.reserveCapacity(11 * objects.count)
        for (offset, object) in objects {
            values.append(.integer(addition.number + offset))
            values.append(.text(object.id))
            values.append(.owner(object.owner))
            values.append(.integer(addition.owners[object.owner]?.isProven == true ? 1 : 0))
            values.append(object.previous.map { .text($0) } ?? .null)
            values.append(.integer(addition.now))
            values.append(.integer(addition.use + offset))
            values.append(.integer(object.size))
            values.append(object.runsUntil.map { .integer($0) } ?? .null)
            values.append(object.listed.map { .integer($0) } ?? .null)
            values.append(object.outputPlace.map { .integer($0) } ?? .null)
        }
        try database.run(objects.count == 1 ? Self.addObject : Self.addObjects, values)
        if database.changes == objects.count {
            try addContents(of: objects, &addition)
            return []
        }
        var inserted = Set<Int>()
        try database.run("SELECT number FROM objects WHERE number >= ?1", .integer(addition.number)) { row in
            inserted.insert(row.integer(0))
            return true
        }
        var left: [Placed] = []
        for object in objects {
            if inserted.contains(addition.number + object.offset) {
                try addContents(of: [object], &addition)
            } else {
                left.append(object)
            }
        }
        return left
    }

    private func addContents(of objects: ArraySlice<Placed>, _ addition: inout Addition) throws(StoreError) {
        var values: [SQLiteDatabase.Value] = []
        values.reserveCapacity(7 * objects.count)
        for (offset, object) in objects {
            values.append(.integer(addition.number + offset))
            values.append(.bytes(Self.documentWithoutOutput(object)))
            values.append(.bytes(object.input.json))
            values.append(.integer(object.input.count))
            values.append(.bytes(object.output.json))
            values.append(.integer(object.output.count))
            values.append(object.events.map { .bytes($0) } ?? .null)
            addition.owners[object.owner]?.bytes += object.size
            addition.owners[object.owner]?.objects += 1
        }
        try database.run(objects.count == 1 ? Self.addContent : Self.addContents, values)
        guard database.changes == objects.count else { throw .failed("contents of other objects are in the way") }
    }

    private static func documentWithoutOutput(_ object: StoredObject) -> ByteBuffer {
        guard let place = object.outputPlace else { return object.document }
        var document = object.document
        var rest = ByteBuffer()
        rest.reserveCapacity(document.readableBytes - object.output.json.readableBytes)
        if var head = document.readSlice(length: place) { rest.writeBuffer(&head) }
        document.moveReaderIndex(forwardBy: object.output.json.readableBytes)
        rest.writeBuffer(&document)
        return rest
    }

    /// Removes the object in whose place another comes; false where it belongs to somebody else: an id is no proof of
    /// ownership.
    private func removeFormer(of object: StoredObject) throws(StoreError) -> Bool {
        try database.run(
            "DELETE FROM objects WHERE id = ?1 AND owner = ?2",
            .text(object.id),
            .owner(object.owner)
        )
        return database.changes > 0
    }

    /// Adds what has been inserted to the counts; for what is removed and changed, triggers do that.
    private func count(_ addition: inout Addition) throws(StoreError) {
        for (owner, added) in addition.owners where added.objects > 0 {
            try database.run(
                """
                INSERT INTO owners VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (owner) DO UPDATE SET bytes = bytes + ?3, objects = objects + ?4
                """,
                .owner(owner),
                .integer(added.isProven ? 1 : 0),
                .integer(added.bytes),
                .integer(added.objects)
            )
            try database.run(
                "UPDATE pools SET bytes = bytes + ?2, objects = objects + ?3 WHERE proven = ?1",
                .integer(added.isProven ? 1 : 0),
                .integer(added.bytes),
                .integer(added.objects)
            )
            addition.owners[owner] = OwnerAddition(isProven: added.isProven)
        }
    }
}
