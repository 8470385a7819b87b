import Foundation
import NIOCore
import Testing

@testable import Telemetry

struct LogWriterTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test func aReopenedLogGoesOnInANewFile() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "log").path
        let writer = try LogWriter(path: path)
        writer.write("one\n")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        writer.write("two\n")
        try await writer.reopen()
        writer.write("three\n")
        #expect(writer.flush())
        #expect(try text("log.1") == "one\ntwo\n")
        #expect(try text("log") == "three\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect((mode ?? 0o777) & 0o137 == 0)
    }

    @Test func aLogThatCannotBeReopenedGoesOnInTheOldFile() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let inner = folder.appending(path: "logs")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        let writer = try LogWriter(path: inner.appending(path: "log").path)
        try FileManager.default.moveItem(at: inner, to: folder.appending(path: "moved"))
        let error = await #expect(throws: LogFileError.self) { try await writer.reopen() }
        #expect(error?.description.contains("No such file or directory") == true)
        writer.write("kept\n")
        #expect(writer.flush())
        #expect(try text("moved/log") == "kept\n")
    }

    @Test func aFIFOThatNobodyReadsIsAnErrorAtOnce() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "fifo").path
        #expect(mkfifo(path, 0o600) == 0)
        let error = #expect(throws: LogFileError.self) { _ = try LogWriter(path: path) }
        #expect(error?.description == "cannot open log file \(path): no file, and nobody reads it")
    }

    @Test func linesThatAFullDiskRefusedAreWrittenWhenThereIsRoom() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "log").path
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
        let writer = try LogWriter(path: path)
        writer.write("one\n")
        #expect(!writer.flush())
        #expect(writer.failure == "No space left on device")
        writer.write("two\n")
        try FileManager.default.removeItem(atPath: path)
        try await writer.reopen()
        #expect(writer.flush())
        #expect(writer.failure == nil)
        #expect(writer.droppedCount == 0)
        #expect(try text("log") == "one\ntwo\n")
    }

    @Test(arguments: [LogFormat.json, .text])
    func whatDoesNotFitIsCountedAndToldOf(format: LogFormat) throws {
        let pipe = try FullPipe()
        let line = "a line of 24 characters\n"
        let writer = LogWriter(descriptor: pipe.writeEnd, limit: 100, format: format)
        for _ in 0..<6 { writer.write(line) }
        #expect(!writer.flush())
        #expect(writer.droppedCount == 2)
        #expect(!pipe.readAll().contains("line"))
        #expect(writer.flush())
        let lines = pipe.readAll().split(separator: "\n")
        #expect(lines.prefix(4).allSatisfy { $0 + "\n" == line })
        #expect(lines.count == 5)
        #expect(lines.last?.contains("2 lines were dropped") == true)
        #expect(lines.last?.hasPrefix(format == .json ? "{" : "2") == true)
        writer.write(line)
        #expect(writer.flush())
        #expect(pipe.readAll() == line)
    }

    @Test func aHalfWrittenLineIsWrittenAgainInWholeInANewFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = try FullPipe()
        _ = pipe.readAll()
        var output = LogOutput(descriptor: pipe.writeEnd, isOwned: false)
        let all = (0..<20_000).map { "line \($0)\n" }.joined()
        var lines = Array(all.utf8)
        output.take(&lines)
        #expect(output.write() == EAGAIN)
        let path = folder.appending(path: "log").path
        output.replace(with: open(path, O_WRONLY | O_CREAT, 0o600))
        #expect(output.write() == nil)
        #expect(output.unwrittenCount == 0)
        let (old, new) = (pipe.readAll(), try text("log"))
        let whole = old.lastIndex(of: "\n").map { String(old[...$0]) } ?? ""
        #expect(whole + new == all)
        #expect(!new.isEmpty && !old.isEmpty)
    }
}

/// A pipe without room, whose ends do not block.
private final class FullPipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { try #require(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        let filling = [UInt8](repeating: UInt8(ascii: "."), count: 1 << 20)
        while write(writeEnd, filling, filling.count) > 0 {}
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func readAll() -> String {
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(readEnd, &bytes, bytes.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += bytes.prefix(count)
        }
    }
}
