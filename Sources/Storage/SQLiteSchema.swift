/// The tables of the store, and how files of earlier versions become files of this one.
enum SQLiteSchema {
    /// Stands in the file's head: it is a store of the gateway's.
    private static let applicationID = 0x4453_4757

    static let otherFile = "the file is not a store of the gateway"

    /// Whether the first hundred bytes of a file are those of a store.
    static func isOurs(head: [UInt8]) -> Bool {
        head.starts(with: "SQLite format 3".utf8) && head[68..<72].reduce(0) { $0 << 8 | Int($1) } == applicationID
    }

    /// One step for each version; `user_version` counts those that a file has had.
    static let migrations = [
        """
        CREATE TABLE objects (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            owner INTEGER NOT NULL,
            proven INTEGER NOT NULL,
            previous TEXT,
            changed INTEGER NOT NULL,
            used INTEGER NOT NULL,
            size INTEGER NOT NULL
        );
        CREATE INDEX objects_proven_used ON objects (proven, used);
        CREATE INDEX objects_owner_used ON objects (owner, used);
        CREATE INDEX objects_changed ON objects (changed);
        CREATE TABLE contents (
            number INTEGER PRIMARY KEY REFERENCES objects ON DELETE CASCADE,
            document BLOB NOT NULL,
            input BLOB NOT NULL,
            input_count INTEGER NOT NULL,
            output BLOB NOT NULL,
            output_count INTEGER NOT NULL
        );
        CREATE TABLE owners (
            owner INTEGER PRIMARY KEY,
            proven INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            objects INTEGER NOT NULL
        );
        CREATE INDEX owners_bytes ON owners (bytes);
        CREATE TABLE pools (proven INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, objects INTEGER NOT NULL);
        INSERT INTO pools VALUES (0, 0, 0), (1, 0, 0);
        CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
        CREATE TRIGGER object_added AFTER INSERT ON objects BEGIN
            INSERT INTO owners VALUES (new.owner, new.proven, new.size, 1)
                ON CONFLICT (owner) DO UPDATE SET bytes = bytes + new.size, objects = objects + 1;
            UPDATE pools SET bytes = bytes + new.size, objects = objects + 1 WHERE proven = new.proven;
        END;
        CREATE TRIGGER object_removed AFTER DELETE ON objects BEGIN
            UPDATE owners SET bytes = bytes - old.size, objects = objects - 1 WHERE owner = old.owner;
            DELETE FROM owners WHERE owner = old.owner AND objects = 0;
            UPDATE pools SET bytes = bytes - old.size, objects = objects - 1 WHERE proven = old.proven;
        END;
        CREATE TRIGGER object_changed AFTER UPDATE OF size, proven ON objects BEGIN
            UPDATE owners SET bytes = bytes - old.size + new.size, proven = new.proven WHERE owner = new.owner;
            UPDATE pools SET bytes = bytes - old.size, objects = objects - 1 WHERE proven = old.proven;
            UPDATE pools SET bytes = bytes + new.size, objects = objects + 1 WHERE proven = new.proven;
        END;
        """,
        // Responses that run in the background, and the events of those that are streamed.
        """
        ALTER TABLE objects ADD COLUMN runs_until INTEGER;
        ALTER TABLE contents ADD COLUMN events BLOB;
        """,
        // Objects that stand in lists.
        """
        ALTER TABLE objects ADD COLUMN listed INTEGER;
        CREATE INDEX objects_listed ON objects (owner, listed, id) WHERE listed IS NOT NULL;
        """,
        // Objects that come together are counted together, by what inserts them: with a trigger for each, SQLite keeps a
        // journal of each insertion. `output_place` says where the output was taken out of the document. What was changed
        // last has the largest number, so that needs no index.
        """
        DROP TRIGGER object_added;
        DROP INDEX objects_changed;
        ALTER TABLE objects ADD COLUMN output_place INTEGER;
        """,
        // With a foreign key, each insertion of contents looks for its object. Contents are removed by what removes objects.
        """
        DROP TRIGGER object_removed;
        CREATE TRIGGER object_removed AFTER DELETE ON objects BEGIN
            DELETE FROM contents WHERE number = old.number;
            UPDATE owners SET bytes = bytes - old.size, objects = objects - 1 WHERE owner = old.owner;
            DELETE FROM owners WHERE owner = old.owner AND objects = 0;
            UPDATE pools SET bytes = bytes - old.size, objects = objects - 1 WHERE proven = old.proven;
        END;
        """,
    ]

    /// Makes the tables, or brings those of an earlier version to this one.
    ///
    /// - Throws: ``StoreError`` for a file of something else, or of a later version.
    static func prepare(_ database: SQLiteDatabase) throws(StoreError) {
        let tables = try database.integer("SELECT count(*) FROM sqlite_master") ?? 0
        if tables == 0 {
            // All must come before the first table. The file gives back what is deleted; most objects fit into a page, and
            // larger pages are fewer writes.
            try database.execute(
                "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = \(applicationID)"
            )
        } else if try database.integer("PRAGMA application_id") != applicationID {
            throw .failed(otherFile)
        }
        try database.execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF;
            PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 33554432
            """
        )
        try database.transaction { () throws(StoreError) in
            // Another process may have been quicker.
            let version = try database.integer("PRAGMA user_version") ?? 0
            guard version <= migrations.count else {
                throw .failed("the file was made by a later version of the gateway (schema \(version))")
            }
            for migration in migrations[version...] { try database.execute(migration) }
            if version < migrations.count { try database.execute("PRAGMA user_version = \(migrations.count)") }
        }
    }
}
