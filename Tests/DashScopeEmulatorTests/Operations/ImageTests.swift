@testable import DashScopeEmulator
import NIOHTTP1
import Testing

/// The interfaces that make images, and their tasks.
struct ImageTests {
    private static let multimodal = "/api/v1/services/aigc/multimodal-generation/generation"
    private static let generation = "/api/v1/services/aigc/image-generation/generation"
    private static let textToImage = "/api/v1/services/aigc/text2image/image-synthesis"

    private func call(_ path: String, _ model: String, input: JSON, _ parameters: JSON = ["n": 1]) -> Call {
        Call(ask: "").with { call in
            call.path = path
            call.body = ["model": .string(model), "input": input, "parameters": parameters]
            if path != Self.multimodal { call.headers.add(name: "X-DashScope-Async", value: "enable") }
        }
    }

    private func message(_ model: String, _ parameters: JSON = ["n": 1], content: JSON = [["text": "a cat"]]) -> Call {
        call(
            Self.multimodal,
            model,
            input: ["messages": [["role": "user", "content": content]]],
            parameters
        )
    }

    private func prompt(_ model: String, _ parameters: JSON = ["n": 1]) -> Call {
        call(Self.textToImage, model, input: ["prompt": "a cat"], parameters)
    }

    private func ask(_ method: String, _ path: String, _ emulator: DashScopeEmulator, key: String = "sk-test") -> JSON {
        let call = Call(ask: "").with {
            $0.method = method
            $0.path = path
            $0.rawBody = ""
            $0.headers = ["Authorization": "Bearer \(key)", "Host": "h"]
        }
        return JSON(bytes: call.reply(from: emulator).body) ?? .null
    }

    private func taskID(_ call: Call, _ emulator: DashScopeEmulator) throws -> String {
        try #require(call.document(from: emulator)["output"]?["task_id"]?.string)
    }

    // MARK: - Answers

    @Test func familiesTellOfImagesDifferently() {
        let qwen = message("qwen-image-2.0", ["n": 2]).document()
        #expect(qwen["output"]?["choices"]?.array?.count == 1)
        #expect(qwen.answer?["content"]?.array?.count == 2)
        #expect(qwen["usage"]?["image_count"] == 2)
        let wan = message("wan2.6-t2i", ["n": 2]).document()
        #expect(wan["output"]?["choices"]?.array?.count == 2)
        #expect(wan["output"]?["finished"] == .bool(true))
        #expect(message("qwen-image-3.0").document()["usage"]?["output_image_type"] == "qima_output_1k")
        #expect(message("z-image-turbo").document().answer?["content"]?[1]?["text"] == "a cat")
    }

    /// Most models of wan make four where nobody says how many.
    @Test func theNumberHasDefaults() {
        #expect(message("wan2.6-t2i", [:]).document()["usage"]?["image_count"] == 4)
        #expect(message("wan2.7-image", [:]).document()["usage"]?["image_count"] == 1)
    }

    @Test func aLinkIsAPictureWithoutAKey() throws {
        let emulator = testEmulator()
        let link = try #require(
            message("qwen-image").document(from: emulator).answer?["content"]?[0]?["image"]?.string
        )
        let target = try #require(link.firstRange(of: "/results/")).lowerBound
        func fetch(_ headers: HTTPHeaders) -> EmulatorReply {
            Call(ask: "").with {
                $0.method = "GET"
                $0.path = String(link[target...])
                $0.headers = headers
            }.reply(from: emulator)
        }
        #expect(fetch([:]).body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(fetch(["Authorization": "Bearer sk-test"]).status == 400)
    }

    // MARK: - Refusals

    @Test func eachModelHasItsPaths() {
        #expect(prompt("qwen-image-max").reply().message == "url error, please check url！")
        #expect(message("wan2.2-t2i-flash").reply().message == "url error, please check url！")
        #expect(prompt("qwen-image-plus").reply().status == 200)
    }

    @Test func theHeaderIsCheckedInBothDirections() {
        let synchronous = prompt("wan2.2-t2i-flash").with { $0.headers.remove(name: "X-DashScope-Async") }
        #expect(synchronous.reply().message == "current user api does not support synchronous calls")
        let asynchronous = message("qwen-image").with { $0.headers.add(name: "X-DashScope-Async", value: "enable") }
        #expect(asynchronous.reply().message == "current user api does not support asynchronous calls")
    }

    @Test(
        arguments: [
            ("qwen-image", ["n": 2], "num_images_per_prompt must be 1"),
            ("qwen-image", ["size": "1024*1024"], "The size is not match the allowed size ['1664*928','1472*1104',"),
            ("qwen-image-2.0", ["size": "1024x1024"], "size must be in the format of width*height"),
            ("qwen-image-2.0", ["size": "128*128"], "the area of size is out of range"),
            ("qwen-image-2.0", ["n": 7], "n should be in [1, 6]"),
            ("wan2.6-t2i", ["size": "3000*600"], "the aspect ratio of size is out of range"),
        ] as [(String, JSON, String)]
    )
    func parametersAreChecked(model: String, parameters: JSON, message text: String) {
        let reply = message(model, parameters).reply()
        #expect(reply.code == "InvalidParameter")
        #expect(reply.message.hasPrefix(text), "\(reply.message)")
    }

    @Test func messagesAreChecked() {
        let texts: JSON = [["text": "a"], ["text": "b"]]
        #expect(message("qwen-image", content: texts).reply().message == "lack of image or text")
        #expect(message("qwen-image-edit").reply().message == "lack of image or text")
        let misplaced = prompt("wan2.2-t2i-flash", ["negative_prompt": "x"])
        #expect(misplaced.reply().message == "parameters.negative_prompt is not supported")
    }

    @Test func aMaskIsNeededForTheFunctionThatHasOne() {
        func edit(_ mask: JSON?) -> String {
            var input: JSON = ["prompt": "a cat", "base_image_url": "https://a.example/1.png"]
            input["function"] = "description_edit_with_mask"
            input["mask_image_url"] = mask
            return call("/api/v1/services/aigc/image2image/image-synthesis", "wanx2.1-imageedit", input: input)
                .reply().message
        }
        #expect(edit(nil) == "Required parameter \"mask_image_url\" missing from request.")
        #expect(edit("m.png").hasPrefix("The provided URL does not appear to be valid."))
        #expect(edit("https://a.example/m.png").isEmpty)
    }

    // MARK: - Tasks

    @Test func aTaskWaitsRunsAndEnds() throws {
        let emulator = testEmulator()
        let id = try taskID(prompt("wan2.2-t2i-flash", ["n": 2]), emulator)
        #expect(ask("GET", "/api/v1/tasks/\(id)", emulator)["output"]?["task_status"] == "RUNNING")
        let end = ask("GET", "/api/v1/tasks/\(id)", emulator)
        #expect(end["output"]?["task_status"] == "SUCCEEDED")
        #expect(end["output"]?["results"]?.array?.count == 2)
        #expect(end["usage"]?["image_count"] == 2)
        #expect(ask("GET", "/api/v1/tasks/\(id)", emulator, key: "sk-other")["output"]?["task_status"] == "UNKNOWN")
        #expect(ask("POST", "/api/v1/tasks/\(id)/cancel", emulator)["code"] == "UnsupportedOperation")
    }

    @Test func aWaitingTaskCanBeCancelled() throws {
        let emulator = testEmulator()
        let id = try taskID(prompt("wan2.2-t2i-flash"), emulator)
        #expect(ask("POST", "/api/v1/tasks/\(id)/cancel", emulator)["code"] == nil)
        #expect(ask("GET", "/api/v1/tasks/\(id)", emulator)["output"]?["task_status"] == "CANCELED")
    }

    @Test func theSameBodyMakesATaskOnTheOtherPath() throws {
        let emulator = testEmulator()
        let body = call(
            Self.generation,
            "wan2.7-image",
            input: ["messages": [["role": "user", "content": [["text": "a cat"]]]]]
        )
        let id = try taskID(body, emulator)
        _ = ask("GET", "/api/v1/tasks/\(id)", emulator)
        #expect(ask("GET", "/api/v1/tasks/\(id)", emulator)["output"]?["choices"]?.array?.count == 1)
    }

    @Test(arguments: [
        ("task-fails-DataInspectionFailed", "FAILED"), ("task-stays-pending", "PENDING"),
        ("task-stays-running", "RUNNING"), ("task-is-unknown", "UNKNOWN"), ("task-is-canceled", "CANCELED"),
        ("task-partly-fails", "SUCCEEDED"),
    ])
    func faultsOfTasks(fault: String, status: String) throws {
        let emulator = testEmulator()
        let id = try taskID(prompt("wan2.2-t2i-flash-emulator-\(fault)", ["n": 2]), emulator)
        for _ in 0..<3 { _ = ask("GET", "/api/v1/tasks/\(id)", emulator) }
        let output = try #require(ask("GET", "/api/v1/tasks/\(id)", emulator)["output"])
        #expect(output["task_status"]?.string == status)
        if fault.contains("partly") { #expect(output["results"]?[1]?["code"] == "InternalError.Timeout") }
        if fault.contains("fails-D") { #expect(output["code"] == "DataInspectionFailed") }
    }
}
