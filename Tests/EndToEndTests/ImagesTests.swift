import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

@testable import APITranslation
@testable import Gateway

/// `POST /v1/images/generations` from the client to upstream and back, by models that answer at once and by tasks.
@Suite(.timeLimit(.minutes(15)))
struct ImagesTests {
    private func ask(
        _ json: String,
        headers: String = "",
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestConnection.Response {
        try await run(upstream: upstream, configure: configure) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendImages(json, headers: headers)
                return try await client.response()
            }
        }
    }

    /// A gateway that does not make tests wait.
    private func run<Result>(
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: {
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.maximumInterval = .milliseconds(5)
                $0.tasks.pollsPerSecond = 10_000
                $0.stream.keepAliveInterval = .milliseconds(10)
                configure(&$0)
            },
            body
        )
    }

    private func document(_ response: TestConnection.Response) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
    }

    private func data(_ response: TestConnection.Response) throws -> [[String: Any]] {
        try #require(try document(response)["data"] as? [[String: Any]])
    }

    private func error(_ response: TestConnection.Response) throws -> [String: Any] {
        try #require(try document(response)["error"] as? [String: Any])
    }

    private static let png = Data([0x89, 0x50, 0x4E, 0x47])

    // MARK: - Success

    @Test func aModelThatAnswersAtOnce() async throws {
        let response = try await ask(#"{"model":"qwen-image-3.0","prompt":"a cat","size":"1024x1024","n":2}"#)
        #expect(response.status == 200)
        #expect(response.header("x-dashscope-task-id") == nil)
        #expect(try data(response).compactMap { $0["url"] as? String }.count == 2)
        let usage = try #require(try document(response)["usage"] as? [String: Any])
        #expect(usage["image_count"] as? Int == 2)
        #expect(usage["output_width"] as? Int == 1024)
        #expect((try document(response)["created"] as? Int ?? 0) > 1_700_000_000)
    }

    @Test func aModelThatMakesATask() async throws {
        let response = try await ask(#"{"model":"wan2.2-t2i-flash","prompt":"a cat","n":2}"#)
        #expect(response.status == 200)
        #expect((response.header("x-dashscope-task-id") ?? "").utf8.count == 36)
        let data = try data(response)
        #expect(data.map { $0["revised_prompt"] as? String } == ["In great detail: a cat", "In great detail: a cat"])
        #expect(Set(data.compactMap { $0["url"] as? String }).count == 2)
        #expect(response.header("x-gateway-attempts") == nil)
    }

    @Test func moreThanAModelMakesAtOnceAreSeveralTasks() async throws {
        let response = try await ask(#"{"model":"wan2.2-t2i-flash","prompt":"a cat","n":10,"seed":1}"#)
        #expect(response.status == 200)
        #expect(Set(try data(response).compactMap { $0["url"] as? String }).count == 10)
        #expect(response.header("x-dashscope-task-id")?.split(separator: ",").count == 3)
    }

    /// What the gateway makes of a plain request is taken by the other reading of the documentation.
    @Test func everyListedModelIsAsked() async throws {
        let listed = ModelCatalog().listed.filter { $0.entry.kind == .image }
        #expect(listed.count > 30)
        let extra = [
            "wanx2.1-imageedit": #""function":"description_edit""#,
            "qwen-mt-image": #""source_lang":"en","target_lang":"zh""#,
            "image-erase-completion": #""mask_url":"https://a.example/m.png""#,
            "wanx-style-repaint-v1": #""style_index":1"#, "wanx-poster-generation-v1": #""title":"t""#,
            "aitryon": #""person_image_url":"https://a.example/p.png""#,
            "aitryon-plus": #""person_image_url":"https://a.example/p.png""#,
        ]
        try await run { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for model in listed {
                    var members = #""model":"\#(model.id)","prompt":"a cat","size":"1000x700","n":2,"seed":3"#
                    members += #","negative_prompt":"a dog","watermark":false,"prompt_extend":true"#
                    if (model.entry.image?.values.references?.lowerBound ?? 0) > 0 {
                        members += #","image":"https://a.example/1.png""#
                    }
                    if let more = extra[model.id] { members += "," + more }
                    try await client.sendImages("{\(members)}")
                    let response = try await client.response()
                    #expect(response.status == 200, "\(model.id): \(response.body)")
                    #expect(try data(response).count == 2, "\(model.id)")
                }
            }
        }
    }

    // MARK: - Streams

    @Test(arguments: ["qwen-image-3.0", "wan2.2-t2i-flash"]) func aStreamTellsOfEachImage(model: String) async throws {
        let response = try await ask(
            #"{"model":"\#(model)","prompt":"a cat","n":2,"stream":true}"#,
            configure: { $0.stream.keepAliveInterval = .minutes(15) }
        )
        #expect(response.status == 200)
        #expect(response.header("content-type")?.hasPrefix("text/event-stream") == true)
        let events = response.body.components(separatedBy: "\n\n").filter { $0.hasPrefix("event:") }
        #expect(events.count == 2)
        var images: Set<Data> = []
        for event in events {
            let (name, data) = try #require(event.split(separator: "\n", maxSplits: 1).map(String.init).pair)
            #expect(name == "event: image_generation.completed")
            let json = try #require(
                try JSONSerialization.jsonObject(with: Data(data.dropFirst("data: ".count).utf8)) as? [String: Any]
            )
            #expect(json["output_format"] as? String == "png")
            #expect(json["size"] as? String == "16x16")
            let image = try #require((json["b64_json"] as? String).flatMap { Data(base64Encoded: $0) })
            #expect(image.starts(with: Self.png))
            images.insert(image)
        }
        #expect(images.count == 2)
    }

    @Test func aStreamThatFailsBeforeItBeganIsAnError() async throws {
        let response = try await ask(
            #"{"model":"wan2.2-t2i-flash-emulator-task-fails-DataInspectionFailed","prompt":"a cat","stream":true}"#,
            configure: { $0.stream.keepAliveInterval = .minutes(15) }
        )
        #expect(response.status >= 400)
        #expect(try error(response)["message"] != nil)
    }

    @Test func aStreamThatFailsLaterEndsWithAnError() async throws {
        let response = try await ask(
            #"{"model":"wan2.2-t2i-flash-emulator-task-fails-DataInspectionFailed","prompt":"a cat","stream":true}"#,
            configure: {
                $0.stream.keepAliveInterval = .milliseconds(1)
                $0.tasks.limits.firstPoll = .milliseconds(300)
            }
        )
        #expect(response.status == 200)
        #expect(response.body.contains(": keep-alive"))
        #expect(response.body.contains(#""error":{"#))
        #expect(!response.body.contains("completed"))
    }

    // MARK: - Base64

    @Test(arguments: ["qwen-image-3.0", "wan2.2-t2i-flash", "wan2.2-t2i-flash-emulator-link-redirects"])
    func base64IsThatOfTheFile(model: String) async throws {
        try await run { gateway in
            let request = #"{"model":"\#(model)","prompt":"a cat","n":2,"seed":5,"response_format":"FORMAT"}"#
            let (links, files) = try await TestConnection.open(port: gateway.port) { client in
                try await client.sendImages(request.replacing("FORMAT", with: "url"))
                let links = try await client.response()
                try await client.sendImages(request.replacing("FORMAT", with: "b64_json"))
                return (try data(links), try data(try await client.response()))
            }
            #expect(files.count == 2)
            for (link, file) in zip(links, files) {
                let url = try #require((link["url"] as? String).flatMap { URL(string: $0) })
                let path = url.path.replacing("redirect-", with: "")
                let bytes = try await TestConnection.open(port: gateway.upstream.port) { upstream in
                    try await upstream.send("GET \(path)?Expires=1 HTTP/1.1\r\nHost: test\r\n\r\n")
                    _ = try await upstream.head()
                    return try await upstream.bytes()
                }
                let content = try #require((file["b64_json"] as? String).flatMap { Data(base64Encoded: $0) })
                #expect(content.prefix(4) == Self.png)
                #expect(content == Data(bytes.readableBytesView))
                #expect(file["url"] == nil)
            }
        }
    }

    @Test(arguments: [
        ("link-elsewhere", 502, "fetch.hosts"), ("link-missing", 502, "status 404"),
    ])
    func aFileThatCannotBeFetchedIsAnError(fault: String, status: Int, words: String) async throws {
        let response = try await ask(
            #"{"model":"wan2.2-t2i-flash-emulator-\#(fault)","prompt":"a","n":2,"response_format":"b64_json"}"#
        )
        #expect(response.status == status)
        let error = try error(response)
        #expect(error["code"] as? String == "file_not_fetched")
        #expect((error["message"] as? String)?.contains(words) == true)
        #expect(response.header("x-should-retry") == "false")
        #expect(response.header("x-dashscope-task-id") != nil)
    }

    @Test func aLargerFileThanAllowedIsAnError() async throws {
        let upstream = ScriptedUpstream { request, writer in
            guard request.method == "GET" else {
                let port = request.headers.first(name: "Host") ?? ""
                return try await writer.json(
                    200,
                    #"{"output":{"choices":[{"message":{"content":[{"image":"http://\#(port)/f.png"}]}}]}}"#
                )
            }
            #expect(request.headers.first(name: "Authorization") == nil)
            try await writer.send(status: 200, headers: [], body: ByteBuffer(repeating: 7, count: 5_000))
        }
        let response = try await ask(
            #"{"model":"qwen-image","prompt":"a","response_format":"b64_json"}"#,
            upstream: upstream
        ) { $0.fetch.maximumBytes = 4_096 }
        #expect(response.status == 502)
        #expect(response.body.contains("larger than 4096 bytes"))
    }

    /// Servers send pages with a good status, too.
    @Test(arguments: [
        ("text/html", "<!DOCTYPE html><html>gone</html>", "an HTML page"),
        ("image/png", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "an XML document"),
        ("application/octet-stream", #"{"code":"AccessDenied"}"#, "JSON"), ("text/html", "gone", "a page"),
        ("image/png", "RIFF\u{24}\0\0\0WAVEfmt ", "audio/wav"),
    ])
    func aPageIsNoImage(type: String, body: String, words: String) async throws {
        let upstream = ScriptedUpstream { request, writer in
            guard request.method == "GET" else {
                let port = request.headers.first(name: "Host") ?? ""
                return try await writer.json(
                    200,
                    #"{"output":{"choices":[{"message":{"content":[{"image":"http://\#(port)/f.png"}]}}]}}"#
                )
            }
            try await writer.send(
                status: 200,
                headers: [("Content-Type", type)],
                body: ByteBuffer(string: body)
            )
        }
        let response = try await ask(
            #"{"model":"qwen-image","prompt":"a","response_format":"b64_json"}"#,
            upstream: upstream
        )
        #expect(response.status == 502)
        #expect(try error(response)["code"] as? String == "file_not_fetched")
        #expect(response.body.contains("It is \(words)"))
    }

    // MARK: - Failures of tasks

    @Test(arguments: [
        ("task-fails-DataInspectionFailed", 400, "content_filter"),
        ("task-fails-InternalError.Timeout", 504, "timeout"),
        ("task-is-unknown", 404, "task_not_found"), ("task-is-canceled", 409, "task_canceled"),
    ])
    func aTaskThatFailsIsAnError(fault: String, status: Int, code: String) async throws {
        let response = try await ask(#"{"model":"wan2.2-t2i-flash-emulator-\#(fault)","prompt":"a"}"#)
        #expect(response.status == status)
        #expect(try error(response)["code"] as? String == code)
        #expect((response.header("x-dashscope-task-id") ?? "").utf8.count == 36)
    }

    @Test func aPartlyFailedTaskIsAnError() async throws {
        let response = try await ask(
            #"{"model":"wan2.2-t2i-flash-emulator-task-partly-fails","prompt":"a","n":3,"response_format":"b64_json"}"#
        )
        #expect(response.status == 504)
        let error = try error(response)
        #expect((error["message"] as? String)?.hasPrefix("1 of 3 images failed: An internal timeout") == true)
        #expect(error["upstream_code"] as? String == "InternalError.Timeout")
    }

    @Test func failedQueriesAreBorne() async throws {
        let response = try await ask(#"{"model":"wan2.2-t2i-flash-emulator-queries-fail-5","prompt":"a"}"#)
        #expect(response.status == 200)
    }

    @Test func queriesThatAlwaysFailEnd() async throws {
        let response = try await ask(#"{"model":"wan2.2-t2i-flash-emulator-queries-fail","prompt":"a"}"#) {
            $0.tasks.limits.maximumErrors = 4
        }
        #expect(response.status == 500)
        let id = try #require(response.header("x-dashscope-task-id"))
        let message = try #require(try error(response)["message"] as? String)
        #expect(message.hasPrefix("The task \(id) could not be asked for 4 times in a row"))
        #expect(message.contains("GET /api/v1/tasks/\(id)"))
        #expect(response.header("x-should-retry") == "false")
    }

    @Test func aRefusedSubmissionHasNoTask() async throws {
        let response = try await ask(#"{"model":"wan2.2-t2i-flash-emulator-arrearage","prompt":"a"}"#)
        #expect(response.status == 429)
        #expect(response.header("x-dashscope-task-id") == nil)
        let again = try await ask(#"{"model":"wan2.2-t2i-flash-emulator-first-1-throttled","prompt":"a"}"#)
        #expect(again.status == 200)
        #expect(again.header("x-gateway-attempts") == "2")
    }

    // MARK: - The end of a wait

    private static let pending = #"{"model":"wan2.2-t2i-flash-emulator-task-stays-pending","prompt":"a"}"#

    /// The requests that the emulator has seen, as lines of method and path.
    private func requests(_ gateway: GatewayUnderTest) async throws -> [String] {
        try await TestConnection.open(port: gateway.upstream.port) { upstream in
            try await upstream.ask("GET", "/__emulator/requests")
            let document = try document(try await upstream.response())
            let requests = try #require(document["requests"] as? [[String: Any]])
            return requests.compactMap { request in
                (request["method"] as? String).flatMap { method in
                    (request["target"] as? String).map { "\(method) \($0)" }
                }
            }
        }
    }

    /// A task that is continued, so that it has a name from the start.
    @Test func aTaskWhoseTimeIsUpIsCancelled() async throws {
        let cancelled = Signal()
        let upstream = ScriptedUpstream { request, writer in
            if request.path == "/api/v1/tasks/t-1/cancel" { cancelled.fire() }
            try await writer.json(200, #"{"output":{"task_id":"t-1","task_status":"PENDING"},"request_id":"up-1"}"#)
        }
        try await run(upstream: upstream, configure: { $0.tasks.limits.total = .milliseconds(100) }) { gateway in
            let response = try await TestConnection.open(port: gateway.port) { client in
                try await client.sendImages(Self.pending, headers: "x-dashscope-task-id: t-1\r\n")
                return try await client.response()
            }
            #expect(response.status == 504)
            #expect(response.header("x-dashscope-task-id") == "t-1")
            #expect(try (error(response)["message"] as? String)?.contains("x-dashscope-task-id: t-1") == true)
            #expect(response.header("x-should-retry") == "false")
            // The gateway must live until it has sent this.
            await cancelled.wait()
        }
    }

    /// A client that reads only that it took too long would ask again at once.
    @Test func whatUpstreamWantedToWaitIsTold() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.send(
                status: 429,
                headers: [("Retry-After", "900"), ("Content-Type", "application/json")],
                body: ByteBuffer(string: #"{"code":"Throttling","message":"slow down"}"#)
            )
        }
        let response = try await ask(
            Self.pending,
            headers: "x-dashscope-task-id: t-1\r\n",
            upstream: upstream
        ) { $0.tasks.limits.total = .seconds(899) }
        #expect(response.status == 504)
        #expect(try (error(response)["message"] as? String)?.contains("900 seconds") == true, "\(response.body)")
        #expect(response.header("retry-after") == "900")
    }

    /// It is cancelled as soon as it has a name.
    @Test func aSubmissionWhoseTimeIsUpIsCancelled() async throws {
        let (answered, cancelled) = (Signal(), Signal())
        let upstream = ScriptedUpstream { request, writer in
            if request.path == "/api/v1/tasks/t-1/cancel" { cancelled.fire() } else { await answered.wait() }
            try await writer.json(200, #"{"output":{"task_id":"t-1","task_status":"PENDING"},"request_id":"up-1"}"#)
        }
        try await run(upstream: upstream, configure: { $0.tasks.limits.total = .milliseconds(100) }) { gateway in
            let response = try await TestConnection.open(port: gateway.port) { client in
                try await client.sendImages(Self.pending)
                return try await client.response()
            }
            #expect(response.status == 504)
            answered.fire()
            await cancelled.wait()
        }
    }

    @Test func aClientThatLeavesCancelsItsTask() async throws {
        try await run { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendImages(Self.pending)
                try await eventually { try await requests(gateway).contains { $0.hasPrefix("GET /api/v1/tasks/") } }
            }
            try await eventually { try await requests(gateway).contains { $0.hasSuffix("/cancel") } }
        }
    }

    /// The task runs all the same: it is cancelled as soon as it has a name.
    @Test func aClientThatLeavesDuringTheSubmissionCancelsItsTask() async throws {
        let (arrived, left, cancelled) = (Signal(), Signal(), Signal())
        let upstream = ScriptedUpstream { request, writer in
            if request.path.hasSuffix("/cancel") {
                #expect(request.path == "/api/v1/tasks/t-1/cancel")
                cancelled.fire()
                return try await writer.json(200, #"{"request_id":"up-2"}"#)
            }
            arrived.fire()
            await left.wait()
            try await writer.json(200, #"{"output":{"task_id":"t-1","task_status":"PENDING"},"request_id":"up-1"}"#)
        }
        try await run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendImages(Self.pending)
                await arrived.wait()
            }
            try await eventually { gateway.service.openRequestCount == 0 }
            left.fire()
            await cancelled.wait()
        }
    }

    // MARK: - Continuing

    @Test func aTaskIsContinuedByItsName() async throws {
        try await run(configure: { $0.tasks.limits.maximumErrors = 2 }) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let request = #"{"model":"wan2.2-t2i-flash-emulator-queries-fail-3","prompt":"a","n":2}"#
                try await client.sendImages(request)
                let first = try await client.response()
                #expect(first.status == 500)
                let id = try #require(first.header("x-dashscope-task-id"))
                try await client.sendImages(request, headers: "x-dashscope-task-id: \(id)\r\n")
                let second = try await client.response()
                #expect(second.status == 200)
                #expect(second.header("x-dashscope-task-id") == id)
                #expect(try data(second).count == 2)
                let submissions = try await requests(gateway).filter { $0.hasPrefix("POST") }
                #expect(submissions.count == 1)
            }
        }
    }

    @Test(arguments: [
        ("qwen-image", "0a6f-1"), ("wan2.2-t2i-flash", "a, b"), ("wan2.2-t2i-flash", "../x"),
    ])
    func aTaskThatDoesNotFitIsRefused(model: String, header: String) async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        let response = try await ask(
            #"{"model":"\#(model)","prompt":"a"}"#,
            headers: "x-dashscope-task-id: \(header)\r\n",
            upstream: upstream
        )
        #expect(response.status == 400)
        #expect(try error(response)["param"] as? String == "x-dashscope-task-id")
        #expect(upstream.requests.isEmpty)
    }
}

/// A task that is continued where it does not belong.
extension ImagesTests {
    private static let results = [
        "image": #""results":[{"url":"https://a/1.png"}]},"usage":{"image_count":1}"#,
        "video": #""video_url":"https://a/1.mp4"},"usage":{"video_count":1,"video_duration":5}"#,
        "speech": #""results":[{"transcription_url":"https://a/1.json","subtask_status":"SUCCEEDED"}]}"#,
    ]

    @Test(arguments: [
        ("/v1/images/generations", #"{"model":"wan2.2-t2i-flash","prompt":"a"}"#, "video"),
        ("/v1/images/generations", #"{"model":"wan2.2-t2i-flash","prompt":"a"}"#, "speech"),
        ("/v1/audio/transcriptions", #"{"model":"paraformer-v2","file":"https://a/b.wav"}"#, "image"),
        ("/v1/audio/transcriptions", #"{"model":"paraformer-v2","file":"https://a/b.wav"}"#, "video"),
        ("/v1/videos", #"{"model":"wan2.6-t2v","prompt":"a"}"#, "image"),
        ("/v1/videos", #"{"model":"wan2.6-t2v","prompt":"a"}"#, "speech"),
    ])
    func aTaskOfAnotherKindIsToldSo(path: String, json: String, kind: String) async throws {
        let result = try #require(Self.results[kind])
        let upstream = ScriptedUpstream { _, writer in
            try await writer.json(200, #"{"output":{"task_id":"t-1","task_status":"SUCCEEDED",\#(result)}"#)
        }
        let response = try await run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n"
                        + "x-dashscope-task-id: t-1\r\nContent-Type: application/json\r\n"
                        + "Content-Length: \(json.utf8.count)\r\n\r\n\(json)"
                )
                return try await client.response()
            }
        }
        #expect(response.status == 400, "\(response.body)")
        let error = try error(response)
        #expect(error["param"] as? String == "x-dashscope-task-id")
        #expect((error["message"] as? String)?.contains("of another kind") == true)
    }

    @Test(arguments: ["image", "speech"]) func noVideoIsNotFound(kind: String) async throws {
        let result = try #require(Self.results[kind])
        let upstream = ScriptedUpstream { _, writer in
            try await writer.json(200, #"{"output":{"task_id":"t-1","task_status":"SUCCEEDED",\#(result)}"#)
        }
        let response = try await run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.ask("GET", "/v1/videos/video_t-1")
                return try await client.response()
            }
        }
        #expect(response.status == 404, "\(response.body)")
        #expect(response.body.contains("of another kind"))
    }
}

extension TestConnection {
    fileprivate func sendImages(_ json: String, headers: String = "") async throws {
        try await send(
            "POST /v1/images/generations HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n\(headers)"
                + "Content-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)"
        )
    }
}

extension Array {
    /// The two elements of an array of two.
    fileprivate var pair: (Element, Element)? { count == 2 ? (self[0], self[1]) : nil }
}
