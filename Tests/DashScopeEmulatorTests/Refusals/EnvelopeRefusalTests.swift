@testable import DashScopeEmulator
import NIOHTTP1
import Testing

struct EnvelopeRefusalTests {
    private let call = Call(ask: "Hello")

    @Test
    func missingKeyIsRefusedBeforeAnythingElse() {
        let reply = call.with {
            $0.headers.remove(name: "Authorization")
            $0.rawBody = "{"
        }.reply()
        #expect(reply.status == 401)
        #expect(reply.code == "InvalidApiKey")
        #expect(reply.header("content-type") == nil)
        #expect(reply.header("X-Request-ID") != nil)
    }

    @Test(arguments: ["Bearer sk-invalid-1", "sk-test", "Basic abc", "Bearer"])
    func badKeyIsRefused(header: String) {
        let reply = call.with { $0.headers.replaceOrAdd(name: "Authorization", value: header) }.reply()
        #expect(reply.status == 401)
        #expect(reply.message == "Invalid API-key provided.")
    }

    @Test
    func onlyPostIsServed() {
        let reply = call.with { $0.method = "GET" }.reply()
        #expect(reply.status == 400)
        #expect(reply.message.contains("Request method 'GET' is not supported"))
    }

    @Test(arguments: ["{", "[]", "", "null", "{\"model\":\"qwen-plus\""])
    func bodyMustBeAnObject(body: String) {
        let reply = call.with { $0.rawBody = body }.reply()
        #expect(reply.status == 400)
        #expect(reply.message.contains("Required body invalid"))
    }

    @Test
    func contentTypeMustBeJSON() {
        #expect(call.with { $0.headers.remove(name: "Content-Type") }.reply().code == "BadRequest.IllegalInput")
    }

    @Test
    func modelMustBeNamedAndKnown() {
        #expect(call.with { $0.body["model"] = nil }.reply().code == "BadRequest.EmptyModel")
        for model in ["gpt-4o", "emulator-nonsense", "qwen-tts-flash-tts"] {
            let reply = Call(model: model, ask: "Hello").reply()
            #expect(reply.status == 404)
            #expect(reply.code == "ModelNotFound")
        }
    }

    @Test
    func asynchronousChatIsRefused() {
        let reply = call.with { $0.headers.add(name: "X-DashScope-Async", value: "enable") }.reply()
        #expect(reply.status == 403)
        #expect(reply.message.contains("does not support asynchronous calls"))
    }

    @Test
    func inputMustBeThere() {
        #expect(call.with { $0.body["input"] = nil }.reply().code == "BadRequest.EmptyInput")
        #expect(call.with { $0.body["input"] = [:] }.reply().message.contains("Either \"prompt\" or \"messages\""))
        #expect(call.with { $0.body["input"] = ["prompt": "Hello"] }.reply().status == 200)
        #expect(call.with { $0.body["parameters"] = [] }.reply().code == "BadRequest.IllegalInput")
    }

    @Test
    func unknownPathsAreNotFound() {
        let reply = call.with { $0.path = "/api/v1/services/aigc/nothing" }.reply()
        #expect(reply.status == 404)
        #expect(reply.code == "NotFound")
    }

    @Test(arguments: [
        (Call.Path.text, "qwen3-vl-plus"), (.text, "qwen3.6-plus"), (.multimodal, "qwen-plus"),
        (.multimodal, "qwen3.7-max"), (.text, "kimi-k2.5"), (.text, "qvq-max"), (.multimodal, "deepseek-v4-pro"),
    ])
    func wrongPathIsRefused(path: Call.Path, model: String) {
        let reply = Call(path, model: model, ask: "Hello").reply()
        #expect(reply.status == 400)
        #expect(reply.message == "url error, please check url！")
    }
}
