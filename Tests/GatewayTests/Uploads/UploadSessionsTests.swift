import APITranslation
import AdmissionControl
import Foundation
import JSONBytes
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Uploads in parts without a network: whose they are, how long they last, what they may take of the disk.
struct UploadSessionsTests {
    private final class Clock: Sendable {
        private let seconds = Mutex(1000)

        var now: Int { seconds.withLock { $0 } }

        func advance(_ count: Int) { seconds.withLock { $0 += count } }
    }

    private struct Harness {
        let folder: String
        let clock: Clock
        let sessions: UploadSessions
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        var limits = GatewayConfiguration.Uploads()

        /// Files of all folders that were made.
        var files: [String] {
            let folders = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return folders.flatMap { name in
                (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? []
            }
        }

        func create(_ bytes: Int, key: UInt64 = 1, address: ClientAddress? = nil) throws -> String {
            let json = #"{"filename":"a.txt","purpose":"user_data","bytes":\#(bytes),"mime_type":"text/plain"}"#
            let request = try UploadRequest(
                ByteBuffer(string: json),
                tape: JSONTape(),
                options: TranslationOptions(),
                strict: false
            )
            return try sessions.create(request, (key, address), limits).id
        }

        /// Adds a part as a request does.
        func add(_ text: String, to id: String, key: UInt64 = 1) async throws -> String {
            _ = try sessions.beginPart(of: id, key: key, limits)
            let file = try await sessions.spool.makeFile(on: loop).get()
            try sessions.take(text.utf8.count, for: id, key: key, limits)
            try await sessions.spool.append(ByteBuffer(string: text), to: file, on: loop).get()
            try await sessions.spool.finish(file, on: loop).get()
            return try sessions.add(UploadSessions.Part(file: file.name, bytes: text.utf8.count), to: id, key: key).id
        }

        func complete(_ id: String, _ parts: [String], key: UInt64 = 1) throws -> UploadSessions.Completion {
            let list = parts.map { "\"\($0)\"" }.joined(separator: ",")
            let wanted = try UploadCompletionRequest(
                ByteBuffer(string: "{\"part_ids\":[\(list)]}"),
                tape: JSONTape(),
                options: TranslationOptions(),
                maximumParts: 100
            )
            return try sessions.beginCompletion(of: id, key: key, wanted)
        }

        func read(_ completion: UploadSessions.Completion) async throws -> String {
            let reader = try await sessions.spool.reader(
                of: completion.files,
                bytes: completion.object.bytes,
                on: loop
            ).get()
            var text = ""
            while let piece = try await sessions.spool.next(reader, on: loop).get() { text += String(buffer: piece) }
            return text
        }
    }

    private func run(_ body: (Harness) async throws -> Void) async throws {
        try await TestFolder.with { folder in
            let clock = Clock()
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let sessions = UploadSessions(spool: UploadSpool(bases: [folder], logger: logger), logger: logger) {
                clock.now
            }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(Harness(folder: folder, clock: clock, sessions: sessions)))
            } catch {
                result = .failure(error)
            }
            await sessions.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            try result.get()
        }
    }

    private func refusal(_ body: () async throws -> Void) async throws -> APIError {
        try await #require(throws: APIError.self) { try await body() }
    }

    @Test func partsAreReadInTheOrderOfTheirIDs() async throws {
        try await run { harness in
            let id = try harness.create(9)
            let second = try await harness.add("def", to: id)
            let first = try await harness.add("abc", to: id)
            let third = try await harness.add("ghi", to: id)
            #expect(Set([first, second, third]).count == 3)
            #expect(harness.sessions.contents == (1, 9))
            let completion = try harness.complete(id, [first, second, third])
            #expect(try await harness.read(completion) == "abcdefghi")
            harness.sessions.complete(id, on: harness.loop)
            while !harness.files.isEmpty || harness.sessions.contents != (0, 0) { await Task.yield() }
            let error = try await refusal { _ = try await harness.add("x", to: id) }
            #expect(error.status == 400)
            #expect(error.message.contains("completed"))
        }
    }

    @Test func filesAreForThisUserAlone() async throws {
        try await run { harness in
            _ = try await harness.add("abc", to: harness.create(3))
            let folder = try #require(try FileManager.default.contentsOfDirectory(atPath: harness.folder).first)
            let file = try #require(harness.files.first)
            #expect(!file.contains("a.txt"))
            for (path, mode) in [("", 0o700), ("/" + file, 0o600)] {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(harness.folder)/\(folder)\(path)")
                #expect(attributes[.posixPermissions] as? Int == mode)
            }
        }
    }

    @Test func anUploadOfAnotherKeyIsNotThere() async throws {
        try await run { harness in
            let id = try harness.create(3)
            let part = try await harness.add("abc", to: id)
            for error in [
                try await refusal { _ = try await harness.add("abc", to: id, key: 2) },
                try await refusal { _ = try harness.complete(id, [part], key: 2) },
                try await refusal { _ = try harness.sessions.cancel(id, key: 2, on: harness.loop) },
                try await refusal { _ = try harness.complete("upload_0", [part]) },
            ] {
                #expect(error.status == 404)
                #expect(error.message.hasPrefix("No such Upload object"))
            }
        }
    }

    @Test func whatDoesNotFitTogetherIsRefusedAndCanBeTriedAgain() async throws {
        try await run { harness in
            let id = try harness.create(6)
            let first = try await harness.add("abc", to: id)
            let second = try await harness.add("def", to: id)
            for parts in [[first], [first, "part_0"], [second, first, "part_0"]] {
                let error = try await refusal { _ = try harness.complete(id, parts) }
                #expect(error.status == 400)
                #expect(error.param == "part_ids")
            }
            _ = try harness.complete(id, [first, second])
            let busy = try await refusal { _ = try harness.complete(id, [first, second]) }
            #expect(busy.message.contains("being completed"))
            harness.sessions.reopen(id)
            _ = try harness.complete(id, [second, first])
        }
    }

    @Test func whatIsCancelledIsGone() async throws {
        try await run { harness in
            let id = try harness.create(3)
            let part = try await harness.add("abc", to: id)
            #expect(harness.files.count == 1)
            let object = try await harness.sessions.cancel(id, key: 1, on: harness.loop).get()
            #expect(object.id == id)
            #expect(harness.files.isEmpty)
            #expect(harness.sessions.contents == (0, 0))
            let error = try await refusal { _ = try harness.complete(id, [part]) }
            #expect(error.message.contains("cancelled"))
        }
    }

    @Test func anUploadEndsWhenItsTimeIsOver() async throws {
        try await run { harness in
            let id = try harness.create(3)
            let part = try await harness.add("abc", to: id)
            harness.clock.advance(3599)
            try await harness.sessions.sweep(on: harness.loop).get()
            #expect(harness.files.count == 1)
            harness.clock.advance(1)
            #expect(try await refusal { _ = try harness.complete(id, [part]) }.message.contains("expired"))
            try await harness.sessions.sweep(on: harness.loop).get()
            #expect(harness.files.isEmpty)
            #expect(harness.sessions.contents == (0, 0))
            #expect(try await refusal { _ = try harness.complete(id, [part]) }.status == 400)
            harness.clock.advance(3600)
            try await harness.sessions.sweep(on: harness.loop).get()
            #expect(try await refusal { _ = try harness.complete(id, [part]) }.status == 404)
        }
    }

    @Test func aCompletionThatRunsIsNotSwept() async throws {
        try await run { harness in
            let id = try harness.create(3)
            let completion = try harness.complete(id, [try await harness.add("abc", to: id)])
            harness.clock.advance(4000)
            try await harness.sessions.sweep(on: harness.loop).get()
            #expect(try await harness.read(completion) == "abc")
        }
    }

    @Test func boundsHoldForAllAndForEachAddress() async throws {
        try await run { harness in
            var harness = harness
            harness.limits.maximumBytes = 40
            harness.limits.maximumPending = 8
            harness.limits.maximumParts = 2
            let address = ClientAddress(ipv4: 0xC000_0201)
            let tooLarge = try await refusal { _ = try harness.create(41) }
            #expect(tooLarge.status == 413)
            #expect(tooLarge.param == "bytes")

            let first = try harness.create(10, address: address)
            let second = try harness.create(10, address: address)
            #expect(try await refusal { _ = try harness.create(1, address: address) }.status == 429)
            _ = try await harness.add("01234567", to: first)
            let quarter = try await refusal { _ = try await harness.add("012", to: second) }
            #expect(quarter.status == 429)
            #expect(quarter.code == "rate_limit_exceeded")
            // One upload alone may have more.
            _ = try await harness.sessions.cancel(second, key: 1, on: harness.loop).get()
            _ = try await harness.add("012", to: first)
            #expect(harness.sessions.contents == (1, 11))
            _ = try await harness.sessions.cancel(first, key: 1, on: harness.loop).get()
            #expect(harness.sessions.contents == (0, 0))

            let mine = try harness.create(20)
            _ = try await harness.add("01234567890123456789", to: mine)
            _ = try await harness.add("01234567890123456789", to: mine)
            #expect(try await refusal { _ = try await harness.add("0", to: mine) }.code == "array_above_max_length")
            let full = try await refusal { _ = try await harness.add("0", to: harness.create(1)) }
            #expect(full.status == 503)
            #expect(full.code == "uploads_full")
            for _ in 0..<6 { _ = try harness.create(1) }
            #expect(try await refusal { _ = try harness.create(1) }.code == "overloaded")
        }
    }

    @Test func partsThatAreFarMoreThanTheFileAreRefused() async throws {
        try await run { harness in
            let id = try harness.create(3)
            _ = try await harness.add("abc", to: id)
            _ = try await harness.add("abc", to: id)
            let error = try await refusal { _ = try await harness.add("d", to: id) }
            #expect(error.status == 400)
            #expect(error.param == "data")
        }
    }

    // MARK: - Folders

    @Test func whatACrashLeftIsRemovedAndWhatIsInUseIsNot() async throws {
        try await TestFolder.with { base in
            let used = try SpoolFolder(in: base)
            let file = try used.makeFile()
            let left = "\(base)/\(SpoolFolder.prefix)abcdef"
            try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: false)
            try Data("abc".utf8).write(to: URL(filePath: left + "/0"))
            let other = base + "/other"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
            SpoolFolder.removeAbandoned(in: base)
            #expect(!FileManager.default.fileExists(atPath: left))
            #expect(FileManager.default.fileExists(atPath: other))
            #expect(FileManager.default.fileExists(atPath: "\(used.path)/\(file.name)"))
            used.removeAll()
            #expect(!FileManager.default.fileExists(atPath: used.path))
        }
    }

    @Test func aLinkIsNotFollowed() async throws {
        try await TestFolder.with { base in
            let target = base + "/target"
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
            try Data("abc".utf8).write(to: URL(filePath: target + "/kept"))
            try FileManager.default.createSymbolicLink(
                atPath: "\(base)/\(SpoolFolder.prefix)abcdef",
                withDestinationPath: target
            )
            SpoolFolder.removeAbandoned(in: base)
            #expect(FileManager.default.fileExists(atPath: target + "/kept"))
        }
    }

    @Test func aDiskThatIsFullIsNoFault() throws {
        let file = SpoolFile(name: "full", descriptor: open("/dev/full", O_WRONLY))
        #expect(throws: SpoolError.full) { try file.append(ByteBuffer(string: "abc")) }
    }

    @Test func theFirstFolderThatCanBeWrittenToIsTaken() async throws {
        try await TestFolder.with { base in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let spool = UploadSpool(bases: [base + "/none", base], logger: logger)
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            try await spool.remove([], on: loop).get()
            #expect(try FileManager.default.contentsOfDirectory(atPath: base).count == 1)
            await spool.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: base).isEmpty)
            await #expect(throws: SpoolError.self) { try await spool.remove([], on: loop).get() }
        }
        #expect(UploadSpool.bases(nil, environment: ["STATE_DIRECTORY": "/a:/b", "TMPDIR": "/t"]) == ["/a", "/t"])
        #expect(UploadSpool.bases(nil, environment: [:]) == ["/tmp"])
        #expect(UploadSpool.bases("/c", environment: ["STATE_DIRECTORY": "/a"]) == ["/c"])
    }

    @Test func aFolderThatCannotBeUsedIsToldAtTheStart() {
        var configuration = GatewayConfiguration()
        configuration.uploads.directory = "/none/such"
        #expect(configuration.uploads.problem?.key == "uploads.directory")
        configuration.uploads.maximumBytes = 0
        #expect(configuration.uploads.problem == nil)
    }
}
