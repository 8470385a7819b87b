@testable import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

struct FileTests {
    private static let path = "/compatible-mode/v1/files"
    private let emulator = testEmulator()

    private func get(_ place: String) -> EmulatorReply {
        PlatformCall("GET", Self.path + place).reply(from: emulator)
    }

    @Test
    func aFileFromItsUploadToItsEnd() throws {
        let uploaded = PlatformCall(
            Self.path,
            form: [("purpose", nil, Array("file-extract".utf8)), ("file", "报告.pdf", Array("abc".utf8))]
        ).document(from: emulator)
        let id = try #require(uploaded["id"]?.string)
        #expect(id.hasPrefix("file-fe-"))
        #expect(id.count == 32)
        #expect(uploaded["object"] == "file")
        #expect(uploaded["bytes"] == 3)
        #expect(uploaded["filename"] == "报告.pdf")
        #expect(uploaded["purpose"] == "file-extract")
        #expect(uploaded["status"] == "processed")
        #expect(uploaded["status_details"]?.isNull == true)
        let file = JSON(bytes: get("/\(id)").body)
        #expect(file?["id"] == .string(id))
        #expect(file?["status_details"] == nil)
        #expect(emulator.storedFiles()["files"]?[0]?["sha256"]?.string?.hasPrefix("ba7816bf") == true)
        let refused = get("/\(id)/content")
        #expect(refused.status == 400)
        let gone = PlatformCall("DELETE", "\(Self.path)/\(id)").document(from: emulator)
        #expect(gone == ["id": .string(id), "object": "file", "deleted": true])
        for reply in [get("/\(id)"), PlatformCall("DELETE", "\(Self.path)/\(id)").reply(from: emulator)] {
            #expect(reply.status == 400)
            #expect(reply.error?["message"] == "File not found.")
            #expect(reply.error?["type"] == "invalid_request_error")
        }
    }

    @Test(arguments: [
        ("a.pdf", "assistants", "'purpose' must be 'file-extract'", "purpose"),
        ("a.jsonl", "batch_output", "'purpose' must be 'file-extract'", "purpose"),
        ("a.zip", "file-extract", "Input file format is not supported.", "file"),
        ("a.txt", "batch", "extension 'jsonl'", "file"),
        ("emulator-throttled.pdf", "file-extract", "Requests rate limit exceeded", nil),
    ])
    func uploadsThatAreRefused(_ name: String, purpose: String, fragment: String, parameter: String?) {
        let reply = PlatformCall(
            Self.path,
            form: [("file", name, Array("abc".utf8)), ("purpose", nil, Array(purpose.utf8))]
        ).reply(from: emulator)
        #expect(reply.status == (parameter == nil ? 429 : 400))
        #expect(reply.error?["message"]?.string?.contains(fragment) == true, "\(reply.text)")
        #expect(reply.error?["param"]?.string == parameter)
        #expect(JSON(bytes: reply.body)?["request_id"]?.string == reply.header("x-request-id"))
    }

    @Test
    func formsWithoutAFile() {
        let noFile = PlatformCall(Self.path, form: [("purpose", nil, Array("batch".utf8))]).reply(from: emulator)
        #expect(noFile.error?["param"] == "file")
        #expect(PlatformCall("POST", Self.path, json: [:]).reply(from: emulator).status == 400)
        let large = [UInt8](repeating: 65, count: (20 << 20) + 1)
        let picture = PlatformCall(
            Self.path,
            form: [("file", "a.png", large), ("purpose", nil, Array("file-extract".utf8))]
        )
        #expect(picture.reply(from: emulator).error?["code"] == "BadRequest.TooLarge")
    }

    @Test
    func keysAreAskedFor() {
        let call = PlatformCall("GET", Self.path)
        let missing = call.with { $0.headers.remove(name: "Authorization") }.reply(from: emulator)
        #expect(missing.status == 401)
        #expect(missing.error?["code"] == "invalid_api_key")
        let wrong = call.with { $0.headers.replaceOrAdd(name: "Authorization", value: "Bearer sk-invalid") }
        #expect(wrong.reply(from: emulator).error?["message"] == "Incorrect API key provided. ")
    }

    @Test
    func pagesBeginWithTheNewest() throws {
        let ids = try (0..<5).map { index in
            let isBatch = index % 2 == 0
            return try #require(
                emulator.upload(
                    "\(index)",
                    name: isBatch ? "a.jsonl" : "a.txt",
                    purpose: isBatch ? "batch" : "file-extract"
                )
            )
        }
        func page(_ query: String) -> (ids: [String], hasMore: Bool) {
            let document = JSON(bytes: get(query).body)
            return (
                document?["data"]?.array?.compactMap { $0["id"]?.string } ?? [], document?["has_more"]?.bool ?? false
            )
        }
        #expect(page("") == (ids.reversed(), false))
        #expect(page("?limit=2") == ([ids[4], ids[3]], true))
        #expect(page("?limit=2&after=\(ids[3])") == ([ids[2], ids[1]], true))
        #expect(page("?limit=2&after=\(ids[1])") == ([ids[0]], false))
        #expect(page("?purpose=file-extract").ids == [ids[3], ids[1]])
        #expect(page("?purpose=batch,file-extract").ids.count == 5)
        #expect(page("?create_after=20000101000000").ids.count == 5)
        #expect(page("?create_before=20000101000000").ids.isEmpty)
        // A file that was deleted still marks its place.
        _ = PlatformCall("DELETE", "\(Self.path)/\(ids[3])").reply(from: emulator)
        #expect(page("?limit=1&after=\(ids[3])") == ([ids[2]], true))
        for query in ["?limit=0", "?limit=2001", "?limit=a", "?after=file-fe-unknown", "?create_after=2025"] {
            #expect(get(query).status == 400, "\(query)")
        }
        let others = PlatformCall("GET", Self.path).with {
            $0.headers.replaceOrAdd(name: "Authorization", value: "Bearer sk-other")
        }
        #expect(others.document(from: emulator)["data"]?.array?.isEmpty == true)
    }

    @Test
    func unknownPaths() {
        #expect(PlatformCall("POST", Self.path + "/a").reply(from: emulator).status == 404)
        #expect(get("/a/b").status == 404)
        #expect(get("x").status == 404)
        #expect(get("/emulator-500").status == 500)
    }

    @Test
    func timesOfBeijing() {
        #expect(BeijingTime.seconds(of: "19700101080000") == 0)
        #expect(BeijingTime.seconds(of: "20250304133711") == 1_741_066_631)
        #expect(BeijingTime.seconds(of: "20251304133711") == nil)
        #expect(BeijingTime.seconds(of: "2025030413371") == nil)
    }

    @Test
    func aConversationNamesItsDocuments() throws {
        let id = try #require(emulator.upload("abc", name: "report.pdf", purpose: "file-extract"))
        func ask(_ ids: String...) -> EmulatorReply {
            let names = ids.map { "fileid://\($0)" }.joined(separator: ",")
            return Call(
                model: "qwen-long",
                messages: [
                    ["role": "system", "content": "You help."], ["role": "system", "content": .string(names)],
                    ["role": "user", "content": "What is it?"],
                ]
            ).reply(from: emulator)
        }
        let answer = JSON(bytes: ask(id).body) ?? .null
        #expect(answer.contentText == "Received document report.pdf of 3 bytes. Echo: What is it?")
        #expect(ask(id, "file-fe-unknown").message == "Invalid file [id:file-fe-unknown].")
        let batch = try #require(emulator.upload("{}", name: "a.jsonl", purpose: "batch"))
        #expect(ask(batch).message == "Invalid file [id:\(batch)].")
        let parsing = try #require(emulator.upload("abc", name: "emulator-processing.pdf", purpose: "file-extract"))
        #expect(JSON(bytes: get("/\(parsing)").body)?["status"] == "processing")
        #expect(ask(parsing).message == "File parsing in progress, please try again later.")
        let broken = try #require(emulator.upload("abc", name: "emulator-broken.pdf", purpose: "file-extract"))
        #expect(ask(broken).message.contains("format is not supported"))
        let empty = try #require(emulator.upload("", name: "a.txt", purpose: "file-extract"))
        #expect(ask(empty).message.contains("content blank"))
        #expect(ask(Array(repeating: id, count: 101)).message == "Too many files provided.")

        func ask(_ ids: [String]) -> EmulatorReply { ask(ids.joined(separator: ",fileid://")) }
    }
}
