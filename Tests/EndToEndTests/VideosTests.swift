import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing
import Upstream

@testable import APITranslation
@testable import Gateway

/// `POST /v1/videos` and what can be asked of a video, from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct VideosTests {
    /// Requests of one client, one after the other.
    private struct Client {
        let gateway: GatewayUnderTest
        let connection: TestConnection
        var key = "sk-test"

        func ask(_ method: String, _ path: String, _ json: String? = nil, headers: String = "") async throws
            -> TestConnection.Response
        {
            let body = json ?? ""
            let type = json == nil ? "" : "Content-Type: application/json\r\n"
            let length = method == "GET" ? "" : "Content-Length: \(body.utf8.count)\r\n"
            try await connection.send(
                "\(method) \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(key)\r\n\(headers)\(type)\(length)\r\n"
                    + body
            )
            return try await connection.response()
        }

        func document(_ method: String, _ path: String, _ json: String? = nil, status: Int = 200) async throws
            -> [String: Any]
        {
            let response = try await ask(method, path, json)
            #expect(response.status == status, "\(method) \(path): \(response.body)")
            return try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
        }

        /// Makes a video; its id.
        func make(_ members: String = "", model: String = "wan2.6-t2v") async throws -> String {
            let json = #"{"model":"\#(model)","prompt":"a cat"\#(members.isEmpty ? "" : ",")\#(members)}"#
            return try #require(try await document("POST", "/v1/videos", json)["id"] as? String)
        }

        /// The video once its task has ended.
        func end(_ id: String) async throws -> [String: Any] {
            _ = try await document("GET", "/v1/videos/\(id)")
            return try await document("GET", "/v1/videos/\(id)")
        }
    }

    private func run<Result>(
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (Client) async throws -> Result
    ) async throws -> Result {
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: {
                // Each question is the emulator's to answer.
                $0.tasks.answerAge = .zero
                $0.tasks.pollsPerSecond = 10_000
                configure(&$0)
            }
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { connection in
                try await body(Client(gateway: gateway, connection: connection))
            }
        }
    }

    private func code(_ document: [String: Any]) -> String? {
        (document["error"] as? [String: Any])?["code"] as? String
    }

    // MARK: - From its beginning to its end

    @Test func aVideoIsMade() async throws {
        try await run { client in
            let response = try await client.ask(
                "POST",
                "/v1/videos",
                #"{"model":"wan2.6-t2v","prompt":"a cat","seconds":"20","size":"1280x720"}"#
            )
            #expect(response.status == 200)
            let task = try #require(response.header("x-dashscope-task-id"))
            #expect(response.header("x-gateway-adjustments")?.hasPrefix("seconds;from=20;to=15;") == true)
            let id = "video_\(task)"
            #expect(response.body.hasPrefix(#"{"id":"\#(id)","object":"video","model":"wan2.6-t2v","status":"queued""#))
            let running = try await client.ask("GET", "/v1/videos/\(id)")
            #expect(running.body.contains(#""status":"in_progress","progress":50"#))
            #expect(running.header("openai-poll-after-ms").flatMap { Int($0) }.map { $0 >= 5_000 } == true)
            #expect(running.header("x-dashscope-task-id") == task)
            let done = try await client.document("GET", "/v1/videos/\(id)")
            #expect(done["status"] as? String == "completed")
            #expect(done["prompt"] as? String == "a cat")
            #expect(done["seconds"] as? String == "15")
            #expect(done["size"] as? String == "1280x720")
            let (completed, expires) = (done["completed_at"] as? Int ?? 0, done["expires_at"] as? Int ?? 0)
            #expect(expires == completed + 86_400)
            let again = try await client.ask("GET", "/v1/videos/\(id)")
            #expect(again.header("openai-poll-after-ms") == nil)
            let file = try await client.ask("GET", "/v1/videos/\(id)/content", headers: "Range: bytes=4-7\r\n")
            #expect(file.status == 206)
            #expect(file.body == "ftyp")
            #expect(file.header("content-type") == "video/mp4")
        }
    }

    /// What the gateway makes of a plain request is taken by the other reading of the documentation.
    @Test func everyListedModelIsAsked() async throws {
        let listed = ModelCatalog().listed.filter { $0.entry.kind == .video }
        #expect(listed.count > 60)
        try await run { client in
            for model in listed {
                let traits = try #require(model.entry.video?.values)
                var members = #""model":"\#(model.id)","prompt":"a cat","size":"1000x700","seconds":"6","seed":3"#
                members += #","negative_prompt":"a dog","watermark":false,"prompt_extend":true,"audio":true"#
                let needs = traits.needs.joined(separator: "|").split(separator: "|").map {
                    VideoRole.field(ofPlace: String($0))
                }
                if needs.contains("video"), !traits.needs.contains("reference_image|reference_video"),
                    !traits.needs.contains("image|video")
                {
                    members += #","video":"https://a.example/1.mp4""#
                }
                if traits.needs.contains(where: { !["seconds", "size", "mode", "function", "video"].contains($0) }) {
                    members += #","input_reference":"https://a.example/1.png""#
                }
                if needs.contains("last_frame") { members += #","last_frame":"https://a.example/2.png""# }
                if needs.contains("audio_url") { members += #","audio_url":"https://a.example/a.mp3""# }
                if traits.needs.contains("mode") { members += #","mode":"wan-std""# }
                if traits.needs.contains("function") { members += #","function":"image_reference""# }
                let response = try await client.ask("POST", "/v1/videos", "{\(members)}")
                #expect(response.status == 200, "\(model.id): \(response.body)")
            }
        }
    }

    @Test func aFormIsRead() async throws {
        let form = [
            ("model", "wan2.7-i2v"), ("prompt", "a cat"), ("seconds", "5"), ("size", "1280x720"),
            ("watermark", "false"),
        ].map { "--b\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n" }.joined()
        let file =
            "--b\r\nContent-Disposition: form-data; name=\"input_reference\"; filename=\"a.png\"\r\n"
            + "Content-Type: image/png\r\n\r\nPNG\r\n--b--\r\n"
        try await run { client in
            let body = form + file
            try await client.connection.send(
                "POST /v1/videos HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            let response = try await client.connection.response()
            #expect(response.status == 200, "\(response.body)")
            #expect(response.body.contains(#""seconds":"5""#))
        }
    }

    /// A film goes to DashScope's storage, and its link into the call.
    @Test func aFilmOfAFormIsStored() async throws {
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwan2.7-videoedit\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"video\"; filename=\"a.mp4\"\r\n\r\nFILM\r\n--b--\r\n"
        try await run { client in
            try await client.connection.send(
                "POST /v1/videos HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            let response = try await client.connection.response()
            #expect(response.status == 200, "\(response.body)")
            let requests = try await TestConnection.open(port: client.gateway.upstream.port) { upstream in
                try await upstream.ask("GET", "/__emulator/requests")
                return try await upstream.response().body
            }
            #expect(requests.contains(#""type":"video","url":"oss://"#))
            #expect(requests.contains(#""x-dashscope-ossresourceresolve":"enable""#))
        }
    }

    @Test func strictModeRefusesARepair() async throws {
        try await run { client in
            let json = #"{"model":"wan2.6-t2v","prompt":"a cat","seconds":"20"}"#
            let response = try await client.ask("POST", "/v1/videos", json, headers: "x-gateway-strict: true\r\n")
            #expect(response.status == 400)
            #expect(response.body.contains(#""param":"seconds""#))
        }
    }

    @Test func theFormOfNewAPI() async throws {
        try await run { client in
            let made = try await client.document(
                "POST",
                "/v1/video/generations",
                #"{"model":"wan2.7-t2v","prompt":"a cat","duration":5,"width":1280,"height":720}"#
            )
            #expect(Set(made.keys) == ["task_id", "status"])
            let id = try #require(made["task_id"] as? String)
            _ = try await client.document("GET", "/v1/video/generations/\(id)")
            // Upstream's own name for the task will do.
            let done = try await client.document("GET", "/v1/video/generations/\(id.dropFirst("video_".count))")
            #expect(done["status"] as? String == "completed")
            #expect(done["format"] as? String == "mp4")
            #expect((done["metadata"] as? [String: Any])?["width"] as? Int == 1280)
        }
    }

    // MARK: - Without a store

    @Test func aKeyIsEnoughWithoutAStore() async throws {
        try await run(configure: { $0.store.url = "none" }) { client in
            let id = try await client.make(#""size":"1280x720","seconds":"8""#)
            let done = try await client.end(id)
            #expect(done["status"] as? String == "completed")
            #expect(done["model"] is NSNull)
            // These are what upstream says.
            #expect(done["prompt"] as? String == "a cat")
            #expect(done["size"] as? String == "1280x720")
            #expect(done["seconds"] as? String == "8")
            #expect(code(try await client.document("GET", "/v1/videos", status: 400)) == "store_disabled")
            #expect(try await client.document("DELETE", "/v1/videos/\(id)")["deleted"] as? Bool == true)
        }
    }

    @Test func anotherCallersVideoIsNotThere() async throws {
        try await run { client in
            let id = try await client.make()
            var other = client
            other.key = "sk-other"
            let refusal = try await other.document("GET", "/v1/videos/\(id)", status: 404)
            #expect(code(refusal) == "task_not_found")
            #expect((refusal["error"] as? [String: Any])?["param"] as? String == "video_id")
            #expect(code(try await other.document("DELETE", "/v1/videos/\(id)", status: 404)) == "task_not_found")
            #expect((try await other.document("GET", "/v1/videos")["data"] as? [Any])?.isEmpty == true)
        }
    }

    @Test(arguments: ["task-1", "video_", "video_..%2Fx", "video_a%20b"])
    func whatIsNoIDIsNotAskedFor(id: String) async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await run(upstream: upstream) { client in
            let error = try await client.document("GET", "/v1/videos/\(id)", status: 404)
            #expect(code(error) == "not_found")
            #expect(upstream.requests.isEmpty)
        }
    }

    /// Upstream forgets tasks after a day; what has been seen to end stays.
    @Test func aFinishedVideoOutlivesItsTask() async throws {
        let upstream = ScriptedUpstream { request, writer in
            guard request.method == "GET" else {
                return try await writer.json(200, #"{"output":{"task_id":"t-1","task_status":"PENDING"}}"#)
            }
            try await writer.json(
                200,
                #"{"output":{"task_id":"t-1","task_status":"SUCCEEDED","submit_time":"2026-01-01 08:00:00.000","end_time":"2026-01-01 08:01:00.000","video_url":"https://a.example/x.mp4"}}"#
            )
        }
        try await run(upstream: upstream) { client in
            let id = try await client.make()
            #expect(try await client.document("GET", "/v1/videos/\(id)")["completed_at"] as? Int == 1_767_225_660)
            #expect(try await client.document("GET", "/v1/videos/\(id)")["url"] as? String == "https://a.example/x.mp4")
            #expect(upstream.requests.filter { $0.method == "GET" }.count == 1)
            #expect(code(try await client.document("GET", "/v1/videos/\(id)/content", status: 404)) == "expired")
        }
    }

    // MARK: - Lists, deleting

    @Test func videosAreListedPageByPage() async throws {
        try await run { client in
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await client.make()) }
            let page = try await client.document("GET", "/v1/videos?limit=2&order=asc")
            #expect((page["data"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == Array(ids[..<2]))
            #expect(page["has_more"] as? Bool == true)
            #expect(page["last_id"] as? String == ids[1])
            let next = try await client.document("GET", "/v1/videos?limit=2&order=asc&after=\(ids[1])")
            #expect((next["data"] as? [[String: Any]])?.compactMap { $0["id"] as? String } == [ids[2]])
            #expect(next["has_more"] as? Bool == false)
            #expect(try await client.ask("GET", "/v1/videos?limit=0").status == 400)
            let unknown = try await client.ask("GET", "/v1/videos?after=video_x")
            #expect(unknown.status == 404 && unknown.body.contains(#""param":"after""#))
        }
    }

    @Test func aVideoThatWaitsIsCancelledAndForgotten() async throws {
        try await run { client in
            let id = try await client.make(model: "wan2.6-t2v-emulator-task-stays-pending")
            #expect(try await client.document("DELETE", "/v1/videos/\(id)")["object"] as? String == "video.deleted")
            #expect(try await client.ask("GET", "/v1/videos/\(id)").status == 404)
            #expect(try await client.ask("DELETE", "/v1/videos/\(id)").status == 404)
            #expect((try await client.document("GET", "/v1/videos")["data"] as? [Any])?.isEmpty == true)
            let requests = try await TestConnection.open(port: client.gateway.upstream.port) { upstream in
                try await upstream.ask("GET", "/__emulator/requests")
                return try await upstream.response().body
            }
            #expect(requests.contains("/api/v1/tasks/\(id.dropFirst("video_".count))/cancel"))
        }
    }

    @Test func aVideoThatRunsIsForgotten() async throws {
        try await run { client in
            let id = try await client.make(model: "wan2.6-t2v-emulator-task-stays-running")
            _ = try await client.document("GET", "/v1/videos/\(id)")
            #expect(try await client.document("DELETE", "/v1/videos/\(id)")["deleted"] as? Bool == true)
            #expect(try await client.ask("GET", "/v1/videos/\(id)").status == 404)
        }
    }

    // MARK: - Failures

    @Test(arguments: [
        ("task-fails-DataInspectionFailed", "content_filter"), ("task-fails-InternalError.Timeout", "timeout"),
        ("task-is-canceled", "task_canceled"),
    ])
    func aFailedTaskIsAFailedVideo(fault: String, code: String) async throws {
        try await run { client in
            let id = try await client.make(model: "wan2.6-t2v-emulator-\(fault)")
            let video = try await client.end(id)
            #expect(video["status"] as? String == "failed")
            #expect(self.code(video) == code)
            let content = try await client.document("GET", "/v1/videos/\(id)/content", status: 404)
            #expect(self.code(content) == "video_not_ready")
        }
    }

    @Test func aQueryThatFailsIsAnError() async throws {
        try await run { client in
            let id = try await client.make(model: "wan2.6-t2v-emulator-queries-fail-2")
            let first = try await client.ask("GET", "/v1/videos/\(id)")
            #expect(first.status == 429)
            #expect(first.header("retry-after") != nil)
            #expect(try await client.ask("GET", "/v1/videos/\(id)").status == 500)
            #expect(try await client.ask("GET", "/v1/videos/\(id)").status == 200)
        }
    }

    @Test func aRefusedSubmissionHasNoVideo() async throws {
        try await run { client in
            let response = try await client.ask(
                "POST",
                "/v1/videos",
                #"{"model":"wan2.6-t2v-emulator-arrearage","prompt":"a"}"#
            )
            #expect(response.status == 429)
            #expect(response.header("x-dashscope-task-id") == nil)
            #expect((try await client.document("GET", "/v1/videos")["data"] as? [Any])?.isEmpty == true)
        }
    }

    /// Upstream names its own parameters, and the caller's are named in the error.
    @Test(arguments: [
        ("The size is not match the allowed size ['1280*720']", "size", "wan2.6-t2v"),
        (#"Required parameter \"img_url\" missing from request."#, "input_reference", "wan2.6-t2v"),
        ("Failed to download multimodal content", "image", "wan2.6-i2v"),
        ("input.img_url is not supported by this model", "image", "wan2.6-i2v"),
        ("negative_prompt must be a string of at most 500 characters", "negative_prompt", "wan2.6-t2v"),
        ("parameters.foo is not supported by this model", "foo", "wan2.6-t2v"),
        ("The video would be too long.", nil, "wan2.6-t2v"),
    ])
    func aRefusalNamesTheCallersField(message: String, param: String?, model: String) async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.json(400, #"{"code":"InvalidParameter","message":"\#(message)","request_id":"up-1"}"#)
        }
        try await run(upstream: upstream) { client in
            let image = model.hasSuffix("i2v") ? #","image":"https://a.example/1.png""# : ""
            let json =
                #"{"model":"\#(model)","prompt":"a","size":"1280x720","negative_prompt":"b","foo":1\#(image)}"#
            let error = try await client.document("POST", "/v1/videos", json, status: 400)["error"] as? [String: Any]
            #expect(error?["param"] as? String == param)
        }
    }

    /// What upstream may have done is not asked for again, by the gateway or by an SDK.
    @Test func aSubmissionWithoutAnAnswerIsNotRepeated() async throws {
        let upstream = ScriptedUpstream { _, writer in await writer.abort() }
        try await run(upstream: upstream) { client in
            let response = try await client.ask("POST", "/v1/videos", #"{"model":"wan2.6-t2v","prompt":"a"}"#)
            #expect(response.status == 502)
            #expect(response.header("x-should-retry") == "false")
            #expect(response.body.contains("may have been made"))
            #expect(upstream.requests.count == 1)
        }
    }

    @Test func aVariantThatNobodyMakesIsRefused() async throws {
        try await run { client in
            let id = try await client.make()
            for (variant, status) in [("thumbnail", 400), ("spritesheet", 400), ("video", 404)] {
                #expect(try await client.ask("GET", "/v1/videos/\(id)/content?variant=\(variant)").status == status)
            }
        }
    }

    @Test func aLargeFilmPassesThrough() async throws {
        try await run { client in
            let json = #"{"model":"wan2.6-t2v","prompt":"emulator-film-4"}"#
            let id = try #require(try await client.document("POST", "/v1/videos", json)["id"] as? String)
            _ = try await client.end(id)
            try await client.connection.ask("GET", "/v1/videos/\(id)/content")
            let head = try await client.connection.head()
            #expect(head.status == 200)
            #expect(try await client.connection.bytes().readableBytes > 4 << 20)
        }
    }

    // MARK: - Made anew

    @Test func aVideoIsMadeOfAnother() async throws {
        try await run { client in
            let id = try await client.make()
            let early = try await client.document(
                "POST",
                "/v1/videos/\(id)/remix",
                #"{"model":"wan3.0-video","prompt":"black"}"#,
                status: 404
            )
            #expect(code(early) == "video_not_ready")
            _ = try await client.end(id)
            let refused = try await client.document(
                "POST",
                "/v1/videos/\(id)/remix",
                #"{"prompt":"black"}"#,
                status: 400
            )
            #expect(code(refused) == "model_not_supported")
            let remix = try await client.document(
                "POST",
                "/v1/videos/\(id)/remix",
                #"{"model":"wan3.0-video","prompt":"black"}"#
            )
            #expect(remix["remixed_from_video_id"] as? String == id)
            let done = try await client.end(try #require(remix["id"] as? String))
            #expect(done["status"] as? String == "completed")
            #expect(done["remixed_from_video_id"] as? String == id)
            #expect(done["prompt"] as? String == "black")
        }
    }

    /// Servers send pages with a good status, too.
    @Test func aPageIsNoVideo() async throws {
        let upstream = ScriptedUpstream { request, writer in
            let host = request.headers.first(name: "Host") ?? ""
            guard request.path.hasPrefix("/api/") else {
                return try await writer.send(
                    status: 200,
                    headers: [("Content-Type", "text/html; charset=utf-8")],
                    body: ByteBuffer(string: "<html>gone</html>")
                )
            }
            try await writer.json(
                200,
                #"{"output":{"task_id":"t-1","task_status":"SUCCEEDED","video_url":"http://\#(host)/1.mp4"}}"#
            )
        }
        try await run(upstream: upstream) { client in
            let answer = try await client.ask("GET", "/v1/videos/video_t-1/content")
            #expect(answer.status == 502, "\(answer.body)")
            #expect(answer.body.contains("file_not_fetched"))
            #expect(answer.header("content-type") == "application/json")
        }
    }

    @Test func aFormAsksForAnother() async throws {
        func form(_ fields: [(String, String)], _ path: String) -> String {
            let body =
                fields.map { "--b\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n" }
                .joined() + "--b--\r\n"
            return "POST \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n"
                + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        try await run { client in
            let id = try await client.make()
            let path = "/v1/videos/\(id)/remix"
            try await client.connection.send(form([("model", "wan3.0-video"), ("prompt", "black")], path))
            let early = try await client.connection.response()
            #expect(early.status == 404)
            #expect(early.body.contains("video_not_ready"))
            _ = try await client.end(id)
            try await client.connection.send(
                form([("model", "wan3.0-video"), ("prompt", "black"), ("seconds", "4")], path)
            )
            let response = try await client.connection.response()
            #expect(response.status == 200, "\(response.body)")
            #expect(response.body.contains(#""remixed_from_video_id":"\#(id)""#))
            #expect(response.body.contains(#""seconds":"4""#))
            #expect(response.body.contains(#""prompt":"black""#))
            // A form that is none, and a video that is not there.
            try await client.connection.send(
                "POST \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 3\r\n\r\nabc"
            )
            let broken = try await client.connection.response()
            #expect(broken.status == 400)
            #expect(broken.body.contains("invalid_form"))
        }
    }
}
