@testable import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

struct BatchTests {
    private static let path = "/compatible-mode/v1/batches"
    private let emulator = testEmulator()

    private static func line(
        _ id: String,
        model: String = "qwen-plus",
        url: String = "/v1/chat/completions",
        text: String = "Hi",
        options: JSON = [:]
    ) -> String {
        var body: JSON = ["model": .string(model)]
        if url == "/v1/embeddings" {
            body["input"] = [.string(text), "b"]
        } else {
            body["messages"] = [["role": "user", "content": .string(text)]]
        }
        for member in options.members ?? [] { body[member.name] = member.value }
        return (["custom_id": .string(id), "method": "POST", "url": .string(url), "body": body] as JSON).text
    }

    private func create(
        _ lines: [String],
        endpoint: String = "/v1/chat/completions",
        window: String = "24h",
        metadata: JSON? = nil
    ) throws -> JSON {
        let file = try #require(
            emulator.upload(lines.joined(separator: "\n"), name: "lines.jsonl", purpose: "batch")
        )
        var body: JSON = [
            "input_file_id": .string(file), "endpoint": .string(endpoint), "completion_window": .string(window),
        ]
        body["metadata"] = metadata
        return PlatformCall("POST", Self.path, json: body).document(from: emulator)
    }

    private func get(_ batch: JSON) -> JSON {
        PlatformCall("GET", "\(Self.path)/\(batch["id"]?.string ?? "")").document(from: emulator)
    }

    private func lines(of file: JSON?) -> [JSON] {
        let reply = PlatformCall("GET", "/compatible-mode/v1/files/\(file?.string ?? "")/content").reply(from: emulator)
        #expect(reply.header("content-type") == nil)
        return reply.text.split(separator: "\n").compactMap { JSON(bytes: $0.utf8) }
    }

    @Test
    func aBatchFromItsCreationToItsResults() throws {
        let created = try create(
            [Self.line("a", text: "One"), "", Self.line("b", options: ["temperature": 3])],
            metadata: ["ds_name": "nightly"]
        )
        #expect(created["id"]?.string?.hasPrefix("batch_") == true)
        #expect(created["status"] == "validating")
        #expect(created["errors"]?.isNull == true)
        #expect(created["in_progress_at"]?.isNull == true)
        #expect(created["request_counts"] == ["total": 0, "completed": 0, "failed": 0])
        #expect(created["metadata"] == ["ds_name": "nightly"])
        let running = get(created)
        #expect(running["status"] == "in_progress")
        #expect(running["request_counts"]?["total"] == 2)
        #expect(running["in_progress_at"]?.int != nil)
        #expect(get(created)["status"] == "finalizing")
        let done = get(created)
        #expect(done["status"] == "completed")
        #expect(done["completed_at"]?.int != nil)
        #expect(done["request_counts"] == ["total": 2, "completed": 1, "failed": 1])
        #expect(done["output_file_id"]?.string?.hasPrefix("file-batch_output-") == true)
        let answers = lines(of: done["output_file_id"])
        #expect(answers.count == 1)
        let response = answers.first?["response"]
        #expect(answers.first?["custom_id"] == "a")
        #expect(answers.first?["error"]?.isNull == true)
        #expect(response?["status_code"] == 200)
        #expect(response?["body"]?["object"] == "chat.completion")
        #expect(response?["body"]?["choices"]?[0]?["message"]?["content"] == "Echo: One")
        #expect((response?["body"]?["usage"]?["total_tokens"]?.int ?? 0) > 0)
        let failures = lines(of: done["error_file_id"])
        #expect(failures.map { $0["custom_id"]?.string } == ["b"])
        #expect(failures.first?["response"]?.isNull == true)
        #expect(failures.first?["error"]?["code"] == "InvalidParameter")
        #expect(get(created) == done)
    }

    @Test
    func embeddingsPicturesAndTheTestModel() throws {
        func result(_ batch: JSON) -> JSON? {
            for _ in 0..<2 { _ = get(batch) }
            return lines(of: get(batch)["output_file_id"]).first?["response"]?["body"]
        }
        let url = "/v1/embeddings"
        let vectors = result(
            try create(
                [Self.line("a", model: "text-embedding-v4", url: url, options: ["dimensions": 64])],
                endpoint: url
            )
        )
        #expect(vectors?["object"] == "list")
        #expect(vectors?["data"]?.array?.map { $0["index"]?.int } == [0, 1])
        #expect(vectors?["data"]?[0]?["embedding"]?.array?.count == 64)
        let test = result(
            try create(
                [Self.line("a", model: "batch-test-model", url: "/v1/chat/ds-test")],
                endpoint: "/v1/chat/ds-test"
            )
        )
        #expect(test?["model"] == "batch-test-model")
        let picture: JSON = [
            "messages": [
                [
                    "role": "user",
                    "content": [
                        ["type": "text", "text": "What?"],
                        ["type": "image_url", "image_url": ["url": "https://example.com/a.png"]],
                    ],
                ]
            ]
        ]
        let seen = result(try create([Self.line("a", model: "qwen3-vl-plus", options: picture)]))
        #expect(
            seen?["choices"]?[0]?["message"]?["content"] == "Received image at https://example.com/a.png. Echo: What?"
        )
    }

    @Test(arguments: [
        ([line("a"), line("a")], "duplicate_custom_id", "custom_id", 2),
        ([line("a"), line("b", model: "qwen-max")], "mismatched_model", "model", 2),
        ([line("a", url: "/v1/chat/completion")], "url_not_found", "url", 1),
        ([line("a", model: "batch-test-model")], "mismatched_test_url", "url", 1),
        ([line("a", model: "no-such-model")], "model_not_found", "model", 1),
        (["", "not JSON"], "invalid_json_line", nil, 2),
    ])
    func filesThatFailValidation(_ lines: [String], code: String, parameter: String?, number: Int) throws {
        let failed = get(try create(lines))
        #expect(failed["status"] == "failed")
        #expect(failed["failed_at"]?.int != nil)
        #expect(failed["errors"]?["object"] == "list")
        let error = try #require(failed["errors"]?["data"]?[0])
        #expect(error["code"] == .string(code))
        #expect(error["param"]?.string == parameter)
        #expect(error["line"] == .int(number))
        #expect(failed["output_file_id"]?.isNull == true)
    }

    @Test
    func cancellation() throws {
        let batch = try create([Self.line("a"), Self.line("b")])
        #expect(get(batch)["status"] == "in_progress")
        let path = "\(Self.path)/\(batch["id"]?.string ?? "")/cancel"
        #expect(PlatformCall("POST", path).document(from: emulator)["status"] == "cancelling")
        let cancelled = get(batch)
        #expect(cancelled["status"] == "cancelled")
        #expect(cancelled["cancelled_at"]?.int != nil)
        #expect(cancelled["request_counts"] == ["total": 2, "completed": 0, "failed": 2])
        #expect(cancelled["output_file_id"]?.isNull == true)
        #expect(
            lines(of: cancelled["error_file_id"]).map { $0["error"]?["code"]?.string } == [
                "batch_cancelled", "batch_cancelled",
            ]
        )
        let again = PlatformCall("POST", path).reply(from: emulator)
        #expect(again.status == 400)
        #expect(again.error?["message"]?.string?.contains("cancelled") == true)
    }

    @Test
    func troubleThatIsAskedForByName() throws {
        let stays = try create([Self.line("a", model: "qwen-plus-emulator-batch-stays")])
        for _ in 0..<4 { #expect(get(stays)["status"] == "in_progress") }
        let expires = try create((0..<4).map { Self.line("\($0)", model: "qwen-plus-emulator-batch-expires") })
        _ = get(expires)
        let expired = get(expires)
        #expect(expired["status"] == "expired")
        #expect(expired["request_counts"] == ["total": 4, "completed": 2, "failed": 2])
        #expect(lines(of: expired["error_file_id"]).last?["error"]?["code"] == "batch_expired")
        let throttled = try create([Self.line("a", model: "qwen-plus-emulator-throttled")])
        for _ in 0..<2 { _ = get(throttled) }
        #expect(lines(of: get(throttled)["error_file_id"]).first?["error"]?["code"] == "Throttling.RateQuota")
    }

    private static let refused: [(JSON, String)] = [
        (["endpoint": "/v1/chat/completions", "completion_window": "24h"], "input_file_id"),
        (
            ["input_file_id": "file-batch-unknown", "endpoint": "/v1/chat/completions", "completion_window": "24h"],
            "input_file_id"
        ),
        (["input_file_id": "a", "endpoint": "/v1/responses", "completion_window": "24h"], "endpoint"),
        (["input_file_id": "a", "endpoint": "/v1/embeddings"], "completion_window"),
        (["input_file_id": "a", "endpoint": "/v1/embeddings", "completion_window": "23h"], "completion_window"),
        (["input_file_id": "a", "endpoint": "/v1/embeddings", "completion_window": "1.5d"], "completion_window"),
        (
            ["input_file_id": "a", "endpoint": "/v1/embeddings", "completion_window": "14d", "metadata": ["a": 1]],
            "metadata"
        ),
    ]

    @Test(arguments: refused)
    func batchesThatAreRefused(_ body: JSON, parameter: String) {
        let reply = PlatformCall("POST", Self.path, json: body).reply(from: emulator)
        #expect(reply.status == 400)
        #expect(reply.error?["param"] == .string(parameter), "\(reply.text)")
    }

    @Test
    func pages() throws {
        let empty = PlatformCall("GET", Self.path).document(from: emulator)
        // As recorded: no batches are no list.
        #expect(empty == ["object": "list", "data": nil, "first_id": nil, "last_id": nil, "has_more": false])
        let batches = try (0..<3).map { try create([Self.line("a")], window: "14d", metadata: ["ds_name": "n\($0)"]) }
        let ids = batches.compactMap { $0["id"]?.string }
        func page(_ query: String) -> JSON { PlatformCall("GET", Self.path + query).document(from: emulator) }
        func found(_ query: String) -> [String] { page(query)["data"]?.array?.compactMap { $0["id"]?.string } ?? [] }
        let first = page("?limit=2")
        #expect(first["data"]?.array?.count == 2)
        #expect(first["first_id"]?.string == ids[2])
        #expect(first["last_id"]?.string == ids[1])
        #expect(first["has_more"] == true)
        #expect(found("?after=\(ids[1])") == [ids[0]])
        #expect(page("?after=\(ids[0])")["data"]?.isNull == true)
        #expect(found("?ds_name=n1") == [ids[1]])
        #expect(found("?status=completed").isEmpty)
        #expect(found("?status=completed,validating").count == 3)
        #expect(found("?input_file_ids=\(batches[2]["input_file_id"]?.string ?? "")") == [ids[2]])
        for query in ["?limit=101", "?status=done", "?after=batch_unknown"] {
            #expect(PlatformCall("GET", Self.path + query).reply(from: emulator).status == 400, "\(query)")
        }
        #expect(PlatformCall("GET", Self.path + "/batch_unknown").reply(from: emulator).status == 400)
    }
}
