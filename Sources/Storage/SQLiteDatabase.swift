import CSQLite
import NIOCore

/// One connection to a SQLite file, used by one thread at a time.
///
/// Statements are prepared once. Values are bound, never written into a statement's text.
final class SQLiteDatabase {
    enum Value {
        case null
        case integer(Int)
        case text(String)
        case bytes(ByteBuffer)
    }

    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]
    /// Asked when a change has waited for its lock: whether anybody still wants it.
    var isWanted: () -> Bool = { true }

    /// Opens a file, or makes it.
    init(path: String) throws(StoreError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw .failed(reason)
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// How long a statement waits for a lock of another connection.
    func wait(milliseconds: Int) { sqlite3_busy_timeout(handle, Int32(clamping: milliseconds)) }

    /// The number of rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Instructions that SQLite has run for all statements so far: its measure of work.
    var steps: Int { statements.values.reduce(0) { $0 + $1.steps } }

    /// Runs statements without values and without rows of interest.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    func run(_ sql: String, _ values: Value..., row: (SQLiteStatement) -> Bool = { _ in true }) throws(StoreError) {
        try run(sql, values, row: row)
    }

    /// Runs one statement; `row` reads each of its rows and says whether it wants another.
    func run(_ sql: String, _ values: [Value], row: (SQLiteStatement) -> Bool = { _ in true }) throws(StoreError) {
        let statement: SQLiteStatement
        if let known = statements[sql] {
            statement = known
        } else {
            var prepared: OpaquePointer?
            let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
            guard code == SQLITE_OK, let prepared else { throw error(code) }
            statement = SQLiteStatement(prepared)
            statements[sql] = statement
        }
        // SQLite reads the bytes of a buffer where they are.
        defer { withExtendedLifetime(values) { statement.reset() } }
        for (index, value) in values.enumerated() {
            let code = statement.bind(value, at: index + 1)
            guard code == SQLITE_OK else { throw error(code) }
        }
        while true {
            let code = statement.step()
            guard code == SQLITE_ROW else {
                guard code == SQLITE_DONE else { throw error(code) }
                return
            }
            guard row(statement) else { return }
        }
    }

    /// The first column of the first row, nil where there is no row.
    func integer(_ sql: String, _ value: Value? = nil) throws(StoreError) -> Int? {
        var found: Int?
        func read(_ row: SQLiteStatement) -> Bool {
            found = row.integer(0)
            return false
        }
        if let value { try run(sql, value, row: read) } else { try run(sql, row: read) }
        return found
    }

    /// Runs a change as a whole or not at all; one within another is a part of it.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
        // The lock is taken at the beginning: one that is asked for in the middle of reading cannot be waited for.
        try run("BEGIN IMMEDIATE")
        do throws(StoreError) {
            guard isWanted() else { throw .timeout }
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // Some failures have ended it already.
            if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    private func error(_ code: Int32) -> StoreError {
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .timeout
        case SQLITE_FULL: .full
        case SQLITE_TOOBIG: .tooLarge
        default: .failed(String(cString: sqlite3_errmsg(handle)))
        }
    }
}

/// A prepared statement and, while it runs, its present row.
final class SQLiteStatement {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { sqlite3_finalize(handle) }

    /// The bytes of a buffer are not copied: the value must live until the statement is reset.
    fileprivate func bind(_ value: SQLiteDatabase.Value, at index: Int) -> Int32 {
        // SQLite copies what it is given here.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let index = Int32(index)
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, Int64(number))
        case .text(let text): return sqlite3_bind_text(handle, index, text, -1, copies)
        case .bytes(let bytes):
            guard bytes.readableBytes > 0 else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return bytes.withUnsafeReadableBytes {
                sqlite3_bind_blob64(handle, index, $0.baseAddress, sqlite3_uint64($0.count), nil)
            }
        }
    }

    fileprivate func step() -> Int32 { sqlite3_step(handle) }

    fileprivate var steps: Int { Int(sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_VM_STEP, 0)) }

    fileprivate func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

    func text(_ column: Int32) -> String? {
        sqlite3_column_text(handle, column).map { String(cString: $0) }
    }

    func bytes(_ column: Int32) -> ByteBuffer {
        guard let start = sqlite3_column_blob(handle, column) else { return ByteBuffer() }
        return ByteBuffer(bytes: UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
