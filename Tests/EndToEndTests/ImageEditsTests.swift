import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import Testing

@testable import Gateway

/// `POST /v1/images/edits` and `/v1/images/variations` from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct ImageEditsTests {
    private static func field(_ name: String, _ text: String) -> String {
        "--b0\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n"
    }

    private static func file(_ name: String, _ bytes: String = "PNG", filename: String = "cat.png") -> String {
        "--b0\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(filename)\"\r\n"
            + "Content-Type: image/png\r\n\r\n\(bytes)\r\n"
    }

    private static func form(_ parts: String...) -> String { parts.joined() + "--b0--\r\n" }

    /// An answer, and the native calls that were made for it.
    private struct Answer {
        var response: TestConnection.Response
        var calls: [[String: Any]]
        var stored: [[String: Any]]

        func document() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
        }

        func data() throws -> [[String: Any]] { try #require(try document()["data"] as? [[String: Any]]) }

        func error() throws -> [String: Any] { try #require(try document()["error"] as? [String: Any]) }

        /// The images of the first call's message, then its text.
        func content() throws -> [String] {
            let messages = (calls.first?["input"] as? [String: Any])?["messages"] as? [[String: Any]]
            let content = try #require(messages?.first?["content"] as? [[String: String]])
            return content.compactMap { $0["image"] ?? $0["text"] }
        }
    }

    private func ask(
        _ body: String,
        type: String = "multipart/form-data; boundary=b0",
        path: String = "/v1/images/edits",
        headers: String = ""
    ) async throws -> Answer {
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            configure: {
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.maximumInterval = .milliseconds(5)
                $0.tasks.pollsPerSecond = 10_000
            }
        ) { gateway in
            let response = try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-test\r\nContent-Type: \(type)\r\n"
                        + "\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                return try await client.response()
            }
            return try await TestConnection.open(port: gateway.upstream.port) { upstream in
                func list(_ path: String, _ name: String) async throws -> [[String: Any]] {
                    try await upstream.ask("GET", path)
                    let body = try await upstream.response().body
                    let document = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
                    return try #require(document?[name] as? [[String: Any]])
                }
                let requests = try await list("/__emulator/requests", "requests")
                return Answer(
                    response: response,
                    calls: requests.filter { ($0["target"] as? String)?.contains("/aigc/") == true }
                        .compactMap { $0["body"] as? [String: Any] },
                    stored: try await list("/__emulator/files", "objects")
                )
            }
        }
    }

    private func ask(json: String) async throws -> Answer { try await ask(json, type: "application/json") }

    // MARK: - Forms

    @Test func oneImage() async throws {
        let answer = try await ask(
            Self.form(
                Self.file("image"),
                Self.field("model", "qwen-image-edit-plus"),
                Self.field("prompt", "a scarf"),
                Self.field("n", "2"),
                Self.field("size", "1024x1024"),
                Self.field("watermark", "false"),
                Self.field("seed", "7")
            )
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.response.header("x-gateway-adjustments") == nil)
        #expect(try answer.data().compactMap { $0["url"] as? String }.count == 2)
        #expect(try answer.content() == ["data:image/png;base64,UE5H", "a scarf"])
        let parameters = try #require(answer.calls.first?["parameters"] as? [String: Any])
        #expect(parameters["n"] as? Int == 2)
        #expect(parameters["seed"] as? Int == 7)
        #expect(parameters["watermark"] as? Bool == false)
        #expect(parameters["size"] as? String == "1024*1024")
        #expect(answer.stored.isEmpty)
    }

    @Test(arguments: ["image", "image[]"])
    func severalImages(name: String) async throws {
        let answer = try await ask(
            Self.form(
                Self.field("model", "qwen-image-2.0-pro"),
                Self.file(name, "one"),
                Self.file(name, "two"),
                Self.field("prompt", "both"),
                Self.field("response_format", "b64_json")
            )
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(try answer.content() == ["data:image/png;base64,b25l", "data:image/png;base64,dHdv", "both"])
        let file = try #require((answer.data().first?["b64_json"] as? String).flatMap { Data(base64Encoded: $0) })
        #expect(file.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
    }

    /// The larger one is stored at once, the other waits for the end of the form: their order stays.
    @Test func aLargeImageIsStoredAndKeepsItsPlace() async throws {
        let answer = try await ask(
            Self.form(
                Self.field("model", "qwen-image-edit-plus"),
                Self.field("prompt", "both"),
                Self.file("image[]", "one"),
                Self.file("image[]", String(repeating: "x", count: 7_000_000)),
                Self.file("image[]", "two")
            )
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        let link = try #require(answer.stored.first?["url"] as? String)
        #expect(answer.stored.count == 1)
        #expect(answer.stored.first?["model"] as? String == "qwen-image-edit-plus")
        #expect(try answer.content() == ["data:image/png;base64,b25l", link, "data:image/png;base64,dHdv", "both"])
    }

    /// A model that edits by a task, with a mask.
    @Test func aMaskGoesWhereTheModelHasOne() async throws {
        let answer = try await ask(
            Self.form(
                Self.field("model", "wanx2.1-imageedit"),
                Self.field("prompt", "a scarf"),
                Self.field("n", "5"),
                Self.file("image"),
                Self.file("mask", "MASK", filename: "mask.png")
            )
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.response.header("x-dashscope-task-id")?.split(separator: ",").count == 2)
        #expect(try answer.data().count == 5)
        let input = try #require(answer.calls.first?["input"] as? [String: String])
        #expect(
            input == [
                "prompt": "a scarf", "function": "description_edit_with_mask",
                "base_image_url": "data:image/png;base64,UE5H", "mask_image_url": "data:image/png;base64,TUFTSw==",
            ]
        )
    }

    // MARK: - JSON

    @Test(arguments: [
        #""image":"https://a.example/1.png""#, #""image":["https://a.example/1.png"]"#,
        #""images":[{"image_url":"https://a.example/1.png"}]"#, #""images":["https://a.example/1.png"]"#,
    ])
    func imagesOfARequestInJSON(member: String) async throws {
        let answer = try await ask(json: #"{"model":"qwen-image-edit-plus","prompt":"a scarf",\#(member)}"#)
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(try answer.content() == ["https://a.example/1.png", "a scarf"])
    }

    // MARK: - Refusals

    @Test(
        arguments: [
            (form(file("image"), field("model", "qwen-image-edit")), "missing_required_parameter", "prompt"),
            (
                form(field("model", "qwen-image-edit"), field("prompt", "x")), "missing_required_parameter", "image"
            ),
            (form(file("image"), field("prompt", "x")), "missing_required_parameter", "model"),
            (
                form(field("model", "qwen-image-edit"), field("prompt", "x"), file("image"), file("mask")),
                "unsupported_parameter", "mask"
            ),
            (
                form(
                    field("model", "wanx2.1-imageedit"),
                    field("prompt", "x"),
                    file("image[]"),
                    file("image[]")
                ), "array_above_max_length", "image"
            ),
            (form(field("model", "qwen-image"), file("image")), "model_not_supported", "model"),
            (form(field("model", "qwen-plus"), file("image")), "model_not_supported", "model"),
            (form(field("model", "qwen-image-edit"), file("photo")), "invalid_value", "photo"),
            (
                form(field("model", "qwen-image-edit"), field("prompt", "x"), file("image", filename: "a.pdf")),
                "invalid_value", "image"
            ),
            (
                form(field("model", "qwen-image-2.0"), field("prompt", "x"), field("n", "two"), file("image")),
                "invalid_type", "n"
            ),
        ] as [(String, String, String)]
    )
    func whatIsWrongIsNamed(body: String, code: String, param: String) async throws {
        // The type that the client tells would let any file pass.
        let body = body.replacing("a.pdf\"\r\nContent-Type: image/png", with: "a.pdf\"")
        let answer = try await ask(body)
        #expect(answer.response.status == 400)
        #expect(try answer.error()["code"] as? String == code)
        #expect(try answer.error()["param"] as? String == param)
        #expect(answer.calls.isEmpty)
    }

    @Test func variationsAreRefusedWithAWordOnEdits() async throws {
        let body = Self.form(Self.file("image", String(repeating: "x", count: 100_000)), Self.field("n", "2"))
        let answer = try await ask(body, path: "/v1/images/variations")
        #expect(answer.response.status == 400)
        let error = try answer.error()
        #expect((error["message"] as? String)?.contains("POST /v1/images/edits") == true)
        #expect(error["type"] as? String == "invalid_request_error")
        #expect(error["param"] is NSNull)
        #expect(answer.calls.isEmpty)
    }
}
