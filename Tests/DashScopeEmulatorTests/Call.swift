@testable import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1

/// A native request under construction, answered without a socket.
struct Call {
    enum Path: String {
        case text = "/api/v1/services/aigc/text-generation/generation"
        case multimodal = "/api/v1/services/aigc/multimodal-generation/generation"
    }

    var path: String
    var method = "POST"
    var body: JSON
    var rawBody: String?
    var headers: HTTPHeaders = ["Authorization": "Bearer sk-test", "Content-Type": "application/json"]

    init(_ path: Path = .text, model: String = "qwen-plus", messages: JSON, parameters: JSON = [:]) {
        self.path = path.rawValue
        var parameters = parameters
        if parameters["result_format"] == nil, parameters.members != nil { parameters["result_format"] = "message" }
        body = ["model": .string(model), "input": ["messages": messages], "parameters": parameters]
    }

    /// One question of a user.
    init(_ path: Path = .text, model: String = "qwen-plus", ask: String, parameters: JSON = [:]) {
        let content: JSON = path == .text ? .string(ask) : [["text": .string(ask)]]
        self.init(path, model: model, messages: [["role": "user", "content": content]], parameters: parameters)
    }

    /// The same call as a stream whose events carry only what is new.
    func streaming(incremental: Bool? = true) -> Call {
        var call = self
        call.headers.add(name: "X-DashScope-SSE", value: "enable")
        if let incremental, var parameters = call.body["parameters"] {
            parameters["incremental_output"] = .bool(incremental)
            call.body["parameters"] = parameters
        }
        return call
    }

    func with(_ change: (inout Call) -> Void) -> Call {
        var call = self
        change(&call)
        return call
    }

    var request: HTTPRequest {
        let buffer = rawBody.map { ByteBuffer(string: $0) } ?? ByteBuffer(bytes: body.bytes)
        return HTTPRequest(method: method, target: path, headers: headers, body: buffer)
    }

    func reply(from emulator: DashScopeEmulator = testEmulator()) -> EmulatorReply { emulator.reply(to: request) }

    /// The whole answer as a document.
    func document(from emulator: DashScopeEmulator = testEmulator()) -> JSON {
        JSON(bytes: reply(from: emulator).body) ?? .null
    }

    /// The documents of a stream's events.
    func events(from emulator: DashScopeEmulator = testEmulator()) -> [JSON] {
        reply(from: emulator).events.map(\.data)
    }
}

func testEmulator() -> DashScopeEmulator {
    DashScopeEmulator(configuration: EmulatorConfiguration(eventDelay: .zero, slowEventDelay: .zero))
}

/// One event as it was read back.
struct ReadEvent {
    var name: String
    var data: JSON
}

extension EmulatorReply {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// Reads the recorded framing; every `data` line is an event.
    var events: [ReadEvent] {
        var name = ""
        var events: [ReadEvent] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("event:") { name = String(line.dropFirst(6)) }
            if line.hasPrefix("data:") {
                events.append(ReadEvent(name: name, data: JSON(bytes: line.utf8.dropFirst(5)) ?? .null))
            }
        }
        return events
    }

    var code: String? { JSON(bytes: body)?["code"]?.string }
    var message: String { JSON(bytes: body)?["message"]?.string ?? "" }
}

extension JSON {
    var choice: JSON? { self["output"]?["choices"]?[0] }
    var answer: JSON? { choice?["message"] }

    /// The text of a message of either path.
    var contentText: String {
        answer?["content"]?.string ?? (answer?["content"]?.array ?? []).compactMap { $0["text"]?.string }.joined()
    }
}
