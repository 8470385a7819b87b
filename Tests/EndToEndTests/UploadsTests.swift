import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Files in parts, from the client to the disk and on to upstream.
@Suite(.timeLimit(.minutes(15)))
struct UploadsTests {
    private struct Harness {
        let port: Int
        let folder: String

        /// Parts on disk.
        var files: [String] {
            let folders = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return folders.flatMap { name in
                (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? []
            }
        }

        func ask(_ path: String, _ json: String = "{}", key: String = "sk-test") async throws
            -> TestConnection.Response
        {
            try await TestConnection.open(port: port) { client in
                try await client.sendJSON(json, to: path, key: key)
                return try await client.response()
            }
        }

        func create(_ bytes: Int, purpose: String = "user_data", name: String = "a.txt") async throws -> String {
            let json =
                #"{"filename":"\#(name)","purpose":"\#(purpose)","bytes":\#(bytes),"mime_type":"text/plain"}"#
            let response = try await ask("/v1/uploads", json)
            #expect(response.status == 200, "\(response.body)")
            return try #require(try document(response)["id"] as? String)
        }

        func send(_ text: String, to id: String, key: String = "sk-test") async throws -> TestConnection.Response {
            try await TestConnection.open(port: port) { client in
                try await client.sendPart(text, to: id, key: key)
                return try await client.response()
            }
        }

        func add(_ text: String, to id: String) async throws -> String {
            let response = try await send(text, to: id)
            #expect(response.status == 200, "\(response.body)")
            let part = try document(response)
            #expect(part["object"] as? String == "upload.part")
            #expect(part["upload_id"] as? String == id)
            return try #require(part["id"] as? String)
        }

        func complete(_ id: String, _ parts: [String], md5: String? = nil, key: String = "sk-test") async throws
            -> TestConnection.Response
        {
            let list = parts.map { "\"\($0)\"" }.joined(separator: ",")
            let md5 = md5.map { ",\"md5\":\"\($0)\"" } ?? ""
            return try await ask("/v1/uploads/\(id)/complete", "{\"part_ids\":[\(list)]\(md5)}", key: key)
        }

        func document(_ response: TestConnection.Response) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
        }

        func error(_ response: TestConnection.Response) throws -> [String: Any] {
            try #require(try document(response)["error"] as? [String: Any])
        }
    }

    private func run(
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await TestFolder.with { folder in
            try await GatewayUnderTest.run(
                upstream: upstream,
                configure: {
                    $0.uploads.directory = folder
                    configure(&$0)
                },
                { try await body(Harness(port: $0.port, folder: folder)) }
            )
            // Nothing stays.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    private func recorded() -> ScriptedUpstream {
        let emulator = DashScopeEmulator()
        return ScriptedUpstream { try await emulator.respond(to: $0, writer: $1) }
    }

    /// The file in the form that upstream got.
    private func content(_ request: HTTPRequest) throws -> Substring {
        let body = String(buffer: request.body)
        let start = try #require(body.firstRange(of: "name=\"file\"")?.upperBound)
        let content = try #require(body[start...].firstRange(of: "\r\n\r\n")?.upperBound)
        let end = try #require(body[content...].firstRange(of: "\r\n--gateway-")?.lowerBound)
        return body[content..<end]
    }

    @Test func aFileIsMadeOfItsPartsInTheOrderOfTheirIDs() async throws {
        let upstream = recorded()
        try await run(upstream: upstream) { harness in
            let json =
                #"{"filename":"a \"b\".txt","purpose":"assistants","bytes":11,"mime_type":"text/plain"}"#
            let created = try harness.document(try await harness.ask("/v1/uploads", json))
            #expect(created["object"] as? String == "upload")
            #expect(created["status"] as? String == "pending")
            #expect(created["bytes"] as? Int == 11)
            let times = (created["created_at"] as? Int, created["expires_at"] as? Int)
            #expect(try #require(times.1) == #require(times.0) + 3600)
            let id = try #require(created["id"] as? String)
            #expect(id.hasPrefix("upload_"))

            let second = try await harness.add("world", to: id)
            let first = try await harness.add("Hello ", to: id)
            #expect(harness.files.count == 2)
            let done = try await harness.complete(id, [first, second], md5: "3e25960a79dbc69b674cd4ec67a72c62")
            #expect(done.status == 200, "\(done.body)")
            let upload = try harness.document(done)
            #expect(upload["status"] as? String == "completed")
            #expect(upload["id"] as? String == id)
            #expect(upload["purpose"] as? String == "assistants")
            let file = try #require(upload["file"] as? [String: Any])
            #expect(file["object"] as? String == "file")
            #expect(file["bytes"] as? Int == 11)
            #expect(file["purpose"] as? String == "assistants")
            #expect((file["id"] as? String)?.hasPrefix("file-fe-") == true)
            try await eventually { harness.files.isEmpty }

            let again = try await harness.complete(id, [first, second])
            #expect(again.status == 400)
            #expect((try harness.error(again)["message"] as? String)?.contains("already completed") == true)
        }
        let request = try #require(upstream.requests.first)
        #expect(upstream.requests.count == 1)
        #expect(request.path == "/compatible-mode/v1/files")
        #expect(request.headers.first(name: "authorization") == "Bearer sk-test")
        let body = String(buffer: request.body)
        #expect(body.contains("name=\"purpose\"\r\n\r\nfile-extract\r\n"))
        #expect(body.contains("filename=\"a %22b%22.txt\"\r\nContent-Type: text/plain"))
        #expect(try content(request) == "Hello world")
    }

    /// Several times, because it depends on what arrives while the disk works.
    @Test(arguments: 0..<6) func partsArriveAtTheSameTime(_ round: Int) async throws {
        let upstream = recorded()
        // No line is like another: none may be written before one that came earlier.
        let texts = (0..<6).map { number in (0..<(1 << 16)).map { "\(number)-\(1_000_000 + $0)-abcde\n" }.joined() }
        try await run(upstream: upstream) { harness in
            let id = try await harness.create(6 << 20)
            let parts = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for (number, text) in texts.enumerated() {
                    group.addTask { (number, try await harness.add(text, to: id)) }
                }
                return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
            }
            let order = [3, 1, 0, 5, 2, 4]
            let done = try await harness.complete(id, try order.map { try #require(parts[$0]) })
            #expect(done.status == 200, "\(done.body)")
            #expect(try content(try #require(upstream.requests.first)) == Substring(order.map { texts[$0] }.joined()))
        }
    }

    @Test func whatDoesNotFitTogetherIsRefusedAndCanBeTriedAgain() async throws {
        let upstream = recorded()
        try await run(upstream: upstream) { harness in
            let id = try await harness.create(6)
            let (first, second) = (try await harness.add("abc", to: id), try await harness.add("def", to: id))
            let wrong: [([String], String?, String)] = [
                ([first], nil, "part_ids"), ([first, first], nil, "part_ids"), ([first, "part_0"], nil, "part_ids"),
                ([second, first], "e80b5017098950fc58aad83c8c14978e", "md5"), ([first, second], "x", "md5"),
            ]
            for (parts, md5, param) in wrong {
                let response = try await harness.complete(id, parts, md5: md5)
                #expect(response.status == 400, "\(response.body)")
                #expect(try harness.error(response)["param"] as? String == param)
            }
            #expect(upstream.requests.isEmpty)
            let done = try await harness.complete(id, [first, second], md5: "e80b5017098950fc58aad83c8c14978e")
            #expect(done.status == 200, "\(done.body)")
        }
    }

    @Test func aRefusalOfUpstreamLeavesTheUploadPending() async throws {
        let emulator = DashScopeEmulator()
        let isFirst = Mutex(true)
        let upstream = ScriptedUpstream { request, writer in
            let fails = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            guard fails else { return try await emulator.respond(to: request, writer: writer) }
            let error = #"{"error":{"message":"no sk-test","type":"x","param":null,"code":"limit_requests"}}"#
            try await writer.json(429, error)
        }
        try await run(upstream: upstream) { harness in
            let id = try await harness.create(3)
            let part = try await harness.add("abc", to: id)
            let refused = try await harness.complete(id, [part])
            #expect(refused.status == 429)
            #expect(!refused.body.contains("sk-test"))
            #expect(harness.files.count == 1)
            let done = try await harness.complete(id, [part])
            #expect(done.status == 200, "\(done.body)")
        }
    }

    @Test func anUploadOfAnotherKeyIsNotThere() async throws {
        try await run { harness in
            let id = try await harness.create(3)
            let part = try await harness.add("abc", to: id)
            for response in [
                try await harness.send("abc", to: id, key: "sk-other"),
                try await harness.complete(id, [part], key: "sk-other"),
                try await harness.ask("/v1/uploads/\(id)/cancel", key: "sk-other"),
                try await harness.send("abc", to: "upload_0"),
                try await harness.complete("sk-test", [part]),
            ] {
                #expect(response.status == 404)
                #expect((try harness.error(response)["message"] as? String)?.hasPrefix("No such Upload object") == true)
                #expect(!response.body.contains("sk-test"))
            }
            #expect(harness.files.count == 1)
        }
    }

    @Test func whatIsCancelledIsGone() async throws {
        try await run { harness in
            let id = try await harness.create(3)
            let part = try await harness.add("abc", to: id)
            let cancelled = try await harness.ask("/v1/uploads/\(id)/cancel")
            #expect(try harness.document(cancelled)["status"] as? String == "cancelled")
            #expect(harness.files.isEmpty)
            for response in [
                try await harness.send("abc", to: id), try await harness.complete(id, [part]),
                try await harness.ask("/v1/uploads/\(id)/cancel"),
            ] {
                #expect(response.status == 400)
                #expect(try harness.error(response)["param"] as? String == "upload_id")
            }
        }
    }

    @Test func anUploadWhoseTimeIsOverIsRefused() async throws {
        try await run(configure: { $0.uploads.lifetime = .zero }) { harness in
            let id = try await harness.create(3)
            let response = try await harness.send("abc", to: id)
            #expect(response.status == 400)
            #expect((try harness.error(response)["message"] as? String)?.contains("expired") == true)
        }
    }

    @Test func aClientThatLeavesInAPartLeavesNoFile() async throws {
        try await run { harness in
            let id = try await harness.create(1 << 20)
            try await TestConnection.open(port: harness.port) { client in
                try await client.sendPart("abc", to: id, announced: 1 << 20)
                try await eventually { harness.files.count == 1 }
            }
            try await eventually { harness.files.isEmpty }
            // Its room is free again, and so is the upload.
            _ = try await harness.add(String(repeating: "x", count: 1 << 20), to: id)
        }
    }

    @Test func aClientThatLeavesACompletionLeavesTheUploadPending() async throws {
        let upstream = FormUpstream()
        try await upstream.run { port in
            try await run(configure: { $0.upstream.baseURL = "http://127.0.0.1:\(port)" }) { harness in
                let id = try await harness.create(3)
                let part = try await harness.add("abc", to: id)
                try await TestConnection.open(port: harness.port) { client in
                    try await client.sendJSON("{\"part_ids\":[\"\(part)\"]}", to: "/v1/uploads/\(id)/complete")
                    try await eventually { upstream.text.contains("abc\r\n") }
                    let cancelled = try await harness.ask("/v1/uploads/\(id)/cancel")
                    #expect(cancelled.status == 400)
                }
                try await eventually { upstream.isClosed }
                try await eventually { try await harness.ask("/v1/uploads/\(id)/cancel").status == 200 }
            }
        }
    }

    @Test func theDiskIsBounded() async throws {
        try await run(configure: { $0.uploads.maximumBytes = 1 << 20 }) { harness in
            let response = try await harness.ask(
                "/v1/uploads",
                #"{"filename":"a.txt","purpose":"user_data","bytes":1048577,"mime_type":"text/plain"}"#
            )
            #expect(response.status == 413)
            let large = try await harness.create(1 << 20)
            _ = try await harness.add(String(repeating: "x", count: 1 << 20), to: large)
            let small = try await harness.create(3)
            let full = try await harness.send("abc", to: small)
            #expect(full.status == 503)
            #expect(try harness.error(full)["code"] as? String == "uploads_full")
            #expect(full.header("retry-after") != nil)
            try await eventually { harness.files.count == 1 }
            #expect(try await harness.ask("/v1/uploads/\(large)/cancel").status == 200)
            _ = try await harness.add("abc", to: small)
        }
    }

    @Test func partsThatCannotBeTakenLeaveNoFile() async throws {
        try await run { harness in
            let id = try await harness.create(3)
            let overlong = try await harness.send(String(repeating: "x", count: 100_000), to: id)
            #expect(overlong.status == 400)
            #expect(try harness.error(overlong)["param"] as? String == "data")
            let empty = try await harness.send("", to: id)
            #expect(try harness.error(empty)["param"] as? String == "data")
            try await TestConnection.open(port: harness.port) { client in
                try await client.sendJSON("{}", to: "/v1/uploads/\(id)/parts")
                #expect(try await client.response().status == 415)
            }
            try await TestConnection.open(port: harness.port) { client in
                try await client.sendPart("abc", to: id, field: "file")
                #expect(try harness.error(try await client.response())["param"] as? String == "data")
            }
            try await TestConnection.open(port: harness.port) { client in
                try await client.sendPart("abc", to: id, isComplete: false)
                #expect(try harness.error(try await client.response())["code"] as? String == "invalid_form")
            }
            try await eventually { harness.files.isEmpty }
        }
    }

    @Test func aPartThatIsTooLargeIsRefused() async throws {
        try await run(configure: { $0.server.maximumUploadBytes = 4096 }) { harness in
            let response = try await harness.send(String(repeating: "x", count: 8192), to: harness.create(8192))
            #expect(response.status == 413)
            #expect(try harness.error(response)["code"] as? String == "file_too_large")
            #expect(try harness.error(response)["param"] as? String == "data")
            try await eventually { harness.files.isEmpty }
        }
    }

    @Test func uploadsCanBeSwitchedOff() async throws {
        try await run(configure: { $0.uploads.maximumBytes = 0 }) { harness in
            for path in ["/v1/uploads", "/v1/uploads/upload_0/complete", "/v1/uploads/upload_0/cancel"] {
                let response = try await harness.ask(path)
                #expect(response.status == 404)
                #expect((try harness.error(response)["message"] as? String)?.contains("POST /v1/files") == true)
            }
            #expect(try await harness.send("abc", to: "upload_0").status == 404)
        }
    }

    @Test func whatIsLeftOverAtTheEndIsRemoved() async throws {
        try await run { harness in
            _ = try await harness.add("abc", to: harness.create(3))
            #expect(harness.files.count == 1)
        }
    }
}

extension TestConnection {
    /// A POST of a part; one that is not complete lacks the end of its form.
    func sendPart(
        _ text: String,
        to id: String,
        field: String = "data",
        key: String = "sk-test",
        isComplete: Bool = true,
        announced: Int? = nil
    ) async throws {
        var body = "--xyz\r\nContent-Disposition: form-data; name=\"\(field)\"; filename=\"upload\"\r\n"
        body += "Content-Type: application/octet-stream\r\n\r\n\(text)"
        if isComplete, announced == nil { body += "\r\n--xyz--\r\n" }
        try await send(
            "POST /v1/uploads/\(id)/parts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(key)\r\n"
                + "Content-Type: multipart/form-data; boundary=xyz\r\nContent-Length: \(announced ?? body.utf8.count)\r\n\r\n"
        )
        try await send(body)
    }
}
