import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import Testing

@testable import Gateway

/// Media in JSON that DashScope does not take inline, from the client through the storage to the model.
@Suite(.timeLimit(.minutes(15)))
struct MediaTests {
    private static let block = Data((0..<1023).map { UInt8($0 & 255) })
    /// Longer than what the tests let stand in a call.
    private static let large = String(repeating: block.base64EncodedString(), count: 150)
    private static let digest = "7e81cbba8d1e4c7a0a8f0e7133d766afa6f7ebef9e25b1c606f13d8dd819a331"
    private static let size = 153450
    /// Longer than what stands in a call of a model that goes by many images.
    private static let picture = String(repeating: block.base64EncodedString(), count: 2_000)
    private static let pictureDigest = "5d7078ee3822f9faa42b30705a3dea4b485a42dd8482b350ae2f3461575ee2aa"

    private struct Answer {
        var response: TestConnection.Response
        var calls: [[String: Any]]
        var headers: [[String: Any]]
        var stored: [[String: Any]]

        func error() throws -> [String: Any] {
            let document = try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any]
            return try #require(document?["error"] as? [String: Any])
        }

        /// The content of the last message.
        func content() throws -> [[String: Any]] {
            let messages = (calls.last?["input"] as? [String: Any])?["messages"] as? [[String: Any]]
            return try #require(messages?.last?["content"] as? [[String: Any]])
        }

        var links: [String] { stored.compactMap { $0["url"] as? String } }

        /// The link of what is stored with a type; several are stored in any order.
        func link(_ type: String) -> String? {
            stored.first { $0["content_type"] as? String == type }?["url"] as? String
        }
    }

    private func run<Result>(
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            configure: {
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.maximumInterval = .milliseconds(5)
                $0.tasks.pollsPerSecond = 10_000
                $0.translation.maximumInlineBytes = 100_000
                configure(&$0)
            },
            body
        )
    }

    private func look(_ gateway: GatewayUnderTest, _ response: TestConnection.Response) async throws -> Answer {
        try await TestConnection.open(port: gateway.upstream.port) { upstream in
            func list(_ path: String, _ name: String) async throws -> [[String: Any]] {
                try await upstream.ask("GET", path)
                let body = try await upstream.response().body
                let document = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
                return try #require(document?[name] as? [[String: Any]])
            }
            let requests = try await list("/__emulator/requests", "requests").filter {
                ($0["target"] as? String)?.contains("/api/v1/services/") == true
            }
            return Answer(
                response: response,
                calls: requests.compactMap { $0["body"] as? [String: Any] },
                headers: requests.compactMap { $0["headers"] as? [String: Any] },
                stored: try await list("/__emulator/files", "objects")
            )
        }
    }

    private func ask(
        _ json: String,
        path: String = "/v1/chat/completions",
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> Answer {
        try await run(configure: configure) { gateway in
            let response = try await TestConnection.open(port: gateway.port) { client in
                if path == "/v1/messages" {
                    try await client.sendMessages(json)
                } else {
                    try await client.sendJSON(json, to: path)
                }
                return try await client.response()
            }
            return try await look(gateway, response)
        }
    }

    private func chat(_ content: String, model: String = "qwen3-vl-plus", members: String = "") -> String {
        #"{"model":"\#(model)",\#(members)"messages":[{"role":"user","content":[\#(content)]}]}"#
    }

    private func image(_ data: String = large) -> String {
        #"{"type":"image_url","image_url":{"url":"data:image/png;base64,\#(data)"}}"#
    }

    // MARK: - Conversations

    @Test(arguments: ["", #""stream":true,"#])
    func aLargeImageOfAChatIsStored(members: String) async throws {
        let answer = try await ask(chat(image() + #",{"type":"text","text":"what is it?"}"#, members: members))
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.response.header("x-gateway-adjustments") == nil)
        #expect(answer.stored.count == 1)
        #expect(answer.stored.first?["bytes"] as? Int == Self.size)
        #expect(answer.stored.first?["sha256"] as? String == Self.digest)
        #expect(answer.stored.first?["model"] as? String == "qwen3-vl-plus")
        #expect(answer.stored.first?["content_type"] as? String == "image/png")
        #expect(try answer.content().first?["image"] as? String == answer.links.first)
        #expect(answer.links.first?.hasSuffix("/media.png") == true)
        #expect(answer.headers.last?["x-dashscope-ossresourceresolve"] as? String == "enable")
    }

    @Test func aSmallImageStaysInTheCall() async throws {
        let answer = try await ask(chat(image("UE5H") + #",{"type":"text","text":"what is it?"}"#))
        #expect(answer.response.status == 200)
        #expect(answer.stored.isEmpty)
        #expect(try answer.content().first?["image"] as? String == "data:image/png;base64,UE5H")
        #expect(answer.headers.last?["x-dashscope-ossresourceresolve"] == nil)
    }

    /// With escape sequences of its client, and behind a mark that belongs to no JSON.
    @Test func theSameImageIsStoredOnce() async throws {
        let escaped = image().replacing("/png", with: "\\/png")
        let answer = try await ask(
            "\u{feff}" + chat(image() + "," + escaped + "," + image() + #",{"type":"text","text":"?"}"#)
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.stored.count == 1)
        #expect(answer.stored.first?["sha256"] as? String == Self.digest)
        let images = try answer.content().compactMap { $0["image"] as? String }
        #expect(images == Array(repeating: answer.links.first ?? "", count: 3))
    }

    @Test func escapedBase64IsRead() async throws {
        let answer = try await ask(
            chat(image(Self.large.replacing("/", with: "\\/")) + #",{"type":"text","text":"what is it?"}"#)
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.stored.first?["sha256"] as? String == Self.digest)
    }

    @Test func messagesAndResponses() async throws {
        let message = try await ask(
            #"{"model":"qwen3-vl-plus","max_tokens":64,"messages":[{"role":"user","content":[{"type":"image","source":"#
                + #"{"type":"base64","media_type":"image/jpeg","data":"\#(Self.large)"}},{"type":"text","text":"?"}]}]}"#,
            path: "/v1/messages"
        )
        #expect(message.response.status == 200, "\(message.response.body)")
        #expect(message.stored.first?["sha256"] as? String == Self.digest)
        #expect(try message.content().first?["image"] as? String == message.links.first)
        for background in ["false", "true"] {
            let response = try await ask(
                #"{"model":"qwen3-vl-plus","background":\#(background),"stream":true,"input":[{"role":"user","content":["#
                    + #"{"type":"input_image","image_url":"data:image/png;base64,\#(Self.large)"},"#
                    + #"{"type":"input_text","text":"?"}]}]}"#,
                path: "/v1/responses"
            )
            #expect(response.response.status == 200, "\(response.response.body)")
            #expect(response.response.body.contains("response.completed"))
            #expect(response.stored.first?["sha256"] as? String == Self.digest)
            #expect(try response.content().first?["image"] as? String == response.links.first)
        }
    }

    /// The call that is made again with less to write has the links that are there.
    @Test func aSecondCallIsNoSecondUpload() async throws {
        let answer = try await ask(
            #"{"model":"qwen9-vl-new","max_tokens":1000000,"messages":[{"role":"user","content":[{"type":"image","source":"#
                + #"{"type":"base64","media_type":"image/jpeg","data":"\#(Self.large)"}},{"type":"text","text":"?"}]}]}"#,
            path: "/v1/messages"
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.stored.count == 1)
        #expect(answer.calls.count == 2)
        #expect(try answer.content().first?["image"] as? String == answer.links.first)
    }

    // MARK: - Images and videos

    @Test func imagesToEditAndToGoBy() async throws {
        for (path, model) in [("/v1/images/edits", "wan2.7-image"), ("/v1/images/generations", "wan2.7-image")] {
            let answer = try await ask(
                #"{"model":"\#(model)","prompt":"a scarf","image":"data:image/png;base64,\#(Self.picture)"}"#,
                path: path
            )
            #expect(answer.response.status == 200, "\(model): \(answer.response.body)")
            #expect(answer.stored.count == 1, "\(model)")
            #expect(answer.stored.first?["sha256"] as? String == Self.pictureDigest)
        }
    }

    @Test func videosOfAFilm() async throws {
        let answer = try await ask(
            #"{"model":"wan2.7-videoedit","prompt":"faster","video":"data:video/mp4;base64,\#(Self.large)"}"#,
            path: "/v1/videos"
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.stored.first?["sha256"] as? String == Self.digest)
        #expect(answer.stored.first?["content_type"] as? String == "video/mp4")
    }

    @Test func soundForATask() async throws {
        let answer = try await ask(
            #"{"model":"paraformer-v2","file":"data:audio/wav;base64,UklGRg=="}"#,
            path: "/v1/audio/transcriptions"
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.stored.first?["bytes"] as? Int == 4)
    }

    // MARK: - Embeddings

    @Test func filmsAndImagesForVectors() async throws {
        let film = #""data:video/mp4;base64,\#(Self.large)""#
        let image = #""data:image/png;base64,\#(Self.large)""#
        let answer = try await ask(
            #"{"model":"qwen3-vl-embedding","input":["a",{"video":\#(film),"factor":1},"#
                + #"{"type":"image_url","image_url":{"url":\#(image)}},{"image":"data:image/png;base64,AAAA"}],"#
                + #""video":[\#(film)],"dimensions":256}"#,
            path: "/v1/embeddings"
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        #expect(answer.response.header("x-gateway-adjustments") == nil)
        // The same film once.
        #expect(answer.stored.count == 2)
        let (filmLink, imageLink) = (try #require(answer.link("video/mp4")), try #require(answer.link("image/png")))
        #expect(answer.stored.allSatisfy { $0["sha256"] as? String == Self.digest })
        let contents = (answer.calls.first?["input"] as? [String: Any])?["contents"] as? [[String: Any]]
        #expect(contents?.count == 5)
        #expect(contents?[1]["video"] as? String == filmLink)
        #expect(contents?[1]["factor"] as? Int == 1)
        #expect(contents?[2]["image"] as? String == imageLink)
        #expect(contents?[3]["image"] as? String == "data:image/png;base64,AAAA")
        #expect(contents?[4]["video"] as? String == filmLink)
        let document = try JSONSerialization.jsonObject(with: Data(answer.response.body.utf8)) as? [String: Any]
        #expect((document?["data"] as? [Any])?.count == 5)
    }

    @Test func severalImagesForOneVector() async throws {
        let answer = try await ask(
            #"{"model":"tongyi-embedding-vision-plus","multi_images":["data:image/png;base64,\#(Self.large)","#
                + #""https://x.example/a.png","data:image/jpeg;base64,\#(Self.large)"]}"#,
            path: "/v1/embeddings"
        )
        #expect(answer.response.status == 200, "\(answer.response.body)")
        let contents = (answer.calls.first?["input"] as? [String: Any])?["contents"] as? [[String: Any]]
        #expect(answer.stored.count == 2)
        let expected = [answer.link("image/png") ?? "", "https://x.example/a.png", answer.link("image/jpeg") ?? ""]
        #expect(contents?.first?["multi_images"] as? [String] == expected)
    }

    @Test(arguments: [
        (#""input":[{"text":"a"},{"video":"data:video/mp4,DATA"}]"#, "input[1].video"),
        (
            #""input":[{"type":"image_url","image_url":{"url":"data:text/plain;base64,DATA"}}]"#,
            "input[0].image_url.url"
        ),
        (#""input":"a","image":["https://x.example/a.png","data:video/mp4;base64,DATA"]"#, "image[1]"),
        (#""input":{"multi_images":["data:image/png;base64,DATA-"]}"#, "input.multi_images[0]"),
    ])
    func mediaForVectorsThatCannotBeStoredNameTheirPlace(members: String, param: String) async throws {
        let members = members.replacing("DATA", with: Self.large)
        let answer = try await ask(#"{"model":"qwen3-vl-embedding",\#(members)}"#, path: "/v1/embeddings")
        #expect(answer.response.status == 400, "\(answer.response.body)")
        #expect(try answer.error()["param"] as? String == param)
        #expect(answer.calls.isEmpty)
        #expect(answer.stored.isEmpty)
    }

    // MARK: - Faults

    @Test(
        arguments: [
            ("upload-policy-fails", 429, nil), ("upload-policy-expired", 502, "upload_failed"),
            ("upload-fails", 502, "upload_failed"), ("upload-closes", 502, nil),
            ("upload-limit-1", 413, "file_too_large"),
        ] as [(String, Int, String?)]
    )
    func anImageThatCannotBeStoredIsAnError(fault: String, status: Int, code: String?) async throws {
        // Larger than a megabyte where that is the fault.
        let data = status == 413 ? Self.picture : Self.large
        let answer = try await ask(chat(image(data), model: "qwen3-vl-plus-emulator-\(fault)"))
        #expect(answer.response.status == status, "\(answer.response.body)")
        if let code { #expect(try answer.error()["code"] as? String == code) }
        if status == 413 {
            #expect(try answer.error()["param"] as? String == "messages[0].content[0].image_url.url")
        }
        #expect(answer.calls.isEmpty)
        #expect(!answer.response.body.contains("sk-test"))
    }

    @Test func whatIsNoBase64NamesItsPlace() async throws {
        let answer = try await ask(chat(image(Self.large + "-AAA")))
        #expect(answer.response.status == 400)
        #expect(try answer.error()["param"] as? String == "messages[0].content[0].image_url.url")
        #expect(try answer.error()["code"] as? String == "invalid_value")
        #expect(answer.calls.isEmpty)
        #expect(answer.stored.isEmpty)
    }

    @Test func thereIsABoundOnTheirNumber() async throws {
        let sounds = (0..<3).map { #"{"type":"driving_audio","url":"data:audio/wav;base64,AAA\#($0)"}"# }
        let answer = try await ask(
            #"{"model":"new-video-model","prompt":"x","media":[\#(sounds.joined(separator: ","))]}"#,
            path: "/v1/videos"
        ) { $0.upstream.maximumUploads = 2 }
        #expect(answer.response.status == 400)
        #expect(try answer.error()["param"] as? String == "media[2].url")
        #expect(answer.stored.isEmpty)
    }

    /// A client that leaves takes its uploads with it: nothing is asked of the model.
    @Test func aClientThatLeavesEndsItsUploads() async throws {
        try await run { gateway in
            try await TestConnection.open(port: gateway.port) { client in try await client.sendChat(chat(image())) }
            let answer = try await look(
                gateway,
                TestConnection.open(port: gateway.port) { client in
                    try await client.sendChat(chat(#"{"type":"text","text":"hi"}"#))
                    return try await client.response()
                }
            )
            #expect(answer.response.status == 200)
        }
    }
}
