@testable import DashScopeEmulator
import NIOHTTP1
import Testing

/// The interfaces that make films.
struct VideoTests {
    private static let video = "/api/v1/services/aigc/video-generation/video-synthesis"
    private static let image = "/api/v1/services/aigc/image2video/video-synthesis"
    private static let picture: JSON = "https://a.example/1.png"

    private func call(_ model: String, input: JSON, _ parameters: JSON = [:], path: String = Self.video) -> Call {
        Call(ask: "").with { call in
            call.path = path
            call.body = ["model": .string(model), "input": input, "parameters": parameters]
            call.headers.add(name: "X-DashScope-Async", value: "enable")
            call.headers.add(name: "Host", value: "h")
        }
    }

    private func ask(_ path: String, _ emulator: DashScopeEmulator, _ headers: HTTPHeaders = [:]) -> EmulatorReply {
        Call(ask: "").with {
            $0.method = "GET"
            $0.path = path
            $0.rawBody = ""
            $0.headers = headers
        }.reply(from: emulator)
    }

    /// What a task says once it has ended.
    private func end(_ call: Call, _ emulator: DashScopeEmulator = testEmulator()) throws -> JSON {
        let id = try #require(call.document(from: emulator)["output"]?["task_id"]?.string)
        let key: HTTPHeaders = ["Authorization": "Bearer sk-test"]
        _ = ask("/api/v1/tasks/\(id)", emulator, key)
        return try #require(JSON(bytes: ask("/api/v1/tasks/\(id)", emulator, key).body))
    }

    // MARK: - Answers

    @Test func familiesCountDifferently() throws {
        let new = try end(call("wan2.6-t2v", input: ["prompt": "a cat"], ["size": "720*1280", "duration": 8]))
        #expect(new["output"]?["actual_prompt"] == "In great detail: a cat")
        #expect(new["usage"]?["size"] == "720*1280")
        #expect(new["usage"]?["output_video_duration"] == 8)
        let old = try end(call("wanx2.1-t2v-turbo", input: ["prompt": "a cat"]))
        #expect(old["usage"] == ["video_duration": 5, "video_ratio": "standard", "video_count": 1])
        let kling = try end(call("kling/kling-v3-video-generation", input: ["prompt": "a cat"], ["mode": "pro"]))
        #expect(kling["usage"]?["SR"] == "1080")
        let edit = try end(
            call(
                "wan2.7-videoedit",
                input: ["media": [["type": "video", "url": "https://a.example/1.mp4"]]],
                ["duration": 6]
            )
        )
        #expect(edit["usage"]?["duration"] == 10)
    }

    @Test func portraitsNestTheirResult() throws {
        let end = try end(
            call(
                "liveportrait",
                input: ["image_url": Self.picture, "audio_url": "https://a.example/a.mp3"],
                path: Self.image
            )
        )
        #expect(end["output"]?["results"]?["video_url"]?.string?.hasSuffix("Signature=abc%3D") == true)
        #expect(end["output"]?["video_url"] == nil)
    }

    @Test func aLinkIsAFilmWithoutAKey() throws {
        let emulator = testEmulator()
        let end = try end(call("wan2.6-t2v", input: ["prompt": "a cat"]), emulator)
        let link = try #require(end["output"]?["video_url"]?.string)
        let target = String(link[try #require(link.firstRange(of: "/results/")).lowerBound...])
        let film = ask(target, emulator).body
        #expect(film[4..<8].elementsEqual("ftyp".utf8))
        #expect(ask(target, emulator, ["Authorization": "Bearer sk-test"]).status == 400)
        for (range, part) in [("bytes=4-7", film[4..<8]), ("bytes=-3", film.suffix(3)), ("bytes=9-", film[9...])] {
            let reply = ask(target, emulator, ["Range": range])
            #expect(reply.status == 206)
            #expect(reply.body.elementsEqual(part))
        }
        #expect(ask(target, emulator, ["Range": "bytes=99999-"]).status == 416)
    }

    @Test func aFilmIsAsLargeAsItsPromptAsks() throws {
        let emulator = testEmulator()
        let end = try end(call("wan2.6-t2v", input: ["prompt": "emulator-film-3"]), emulator)
        let link = try #require(end["output"]?["video_url"]?.string)
        let target = String(link[try #require(link.firstRange(of: "/results/")).lowerBound...])
        let count = ask(target, emulator).body.count
        #expect(count > 3 << 20)
        #expect(count < 4 << 20)
    }

    /// The places of samples that the tables of a file tell are those where they are.
    @Test func theTablesOfAFilmFitIt() throws {
        let film = Film(shade: 7, seconds: 3, padding: 0).bytes
        let place = try #require(film.firstRange(of: Array("stco".utf8))).upperBound + 8
        let offset = film[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
        let data = try #require(film.firstRange(of: Array("mdat".utf8))).upperBound
        #expect(offset == data)
        let length = film[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
        #expect(offset + 4 + length == film.count)
    }

    // MARK: - Refusals

    @Test func eachModelHasItsPath() {
        let frames: JSON = ["first_frame_url": Self.picture]
        #expect(call("wan2.2-kf2v-flash", input: frames).reply().message == "url error, please check url！")
        #expect(call("wan2.2-kf2v-flash", input: frames, path: Self.image).reply().status == 200)
        #expect(call("wan2.6-t2v", input: ["prompt": "x"], path: Self.image).reply().status == 400)
    }

    @Test func theHeaderIsNeeded() {
        let call = call("wan2.6-t2v", input: ["prompt": "x"]).with { $0.headers.remove(name: "X-DashScope-Async") }
        #expect(call.reply().status == 403)
        #expect(call.reply().message == "current user api does not support synchronous calls")
    }

    @Test(
        arguments: [
            ("wan2.6-t2v", ["prompt": "x"], ["size": "1280x720"], "size must be in the format of width*height"),
            ("wan2.6-t2v", ["prompt": "x"], ["size": "832*480"], "The size is not match the allowed size"),
            ("wan2.6-t2v", ["prompt": "x"], ["resolution": "720P"], "resolution must be one of"),
            ("wan2.6-t2v", ["prompt": "x"], ["duration": 16], "duration must be one of"),
            ("wan2.6-t2v", ["prompt": "x"], ["duration": "5"], "<400>"),
            ("wan2.6-t2v", ["prompt": "x", "img_url": Self.picture], [:], "input.img_url is not supported"),
            ("wan2.6-t2v", [:], [:], "Required parameter \"prompt\" missing"),
            ("wan2.7-t2v", ["prompt": "x"], ["size": "1280*720"], "The size is not match the allowed size"),
            ("wan2.7-t2v", ["prompt": "x"], ["ratio": "21:9"], "ratio must be one of"),
            ("wan2.7-i2v", ["prompt": "x"], [:], "media of type first_frame or first_clip is required"),
            (
                "wan2.7-i2v", ["media": [["type": "reference_image", "url": Self.picture]]], [:],
                "media type must be one of"
            ),
            ("wan2.6-i2v", ["prompt": "x"], [:], "Required parameter \"img_url\" missing"),
            ("wan2.6-i2v", ["img_url": "oss://a/b"], [:], "The provided URL does not appear to be valid."),
            (
                "happyhorse-1.0-t2v", ["prompt": "x"], ["prompt_extend": true],
                "parameters.prompt_extend is not supported"
            ),
            ("pixverse/pixverse-c1-t2v", ["prompt": "x"], ["size": "1280*720"], "Required parameter \"duration\""),
            ("kling/kling-v3-video-generation", ["prompt": "x"], ["ratio": "16:9"], "ratio must be one of"),
        ] as [(String, JSON, JSON, String)]
    )
    func requestsAreChecked(model: String, input: JSON, parameters: JSON, message text: String) {
        let reply = call(model, input: input, parameters).reply()
        #expect(reply.status == 400)
        #expect(reply.message.hasPrefix(text), "\(reply.message)")
    }

    @Test func framesAndReferencesDoNotGoTogether() throws {
        let media: JSON = [
            ["type": "first_frame", "url": Self.picture], ["type": "reference_image", "url": Self.picture],
        ]
        let end = try end(call("wan3.0-video", input: ["prompt": "x", "media": media]))
        #expect(end["output"]?["task_status"] == "FAILED")
        #expect(end["output"]?["code"] == "InvalidParameter")
    }
}
