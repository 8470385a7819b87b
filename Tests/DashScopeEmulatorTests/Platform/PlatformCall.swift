@testable import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1

/// A call of the platform's own interfaces, answered without a socket.
struct PlatformCall {
    var method: String
    var target: String
    var headers: HTTPHeaders = ["Authorization": "Bearer sk-test", "Host": "127.0.0.1:8001"]
    var body = ByteBuffer()

    init(_ method: String, _ target: String, json: JSON? = nil) {
        self.method = method
        self.target = target
        guard let json else { return }
        headers.add(name: "Content-Type", value: "application/json")
        body = ByteBuffer(bytes: json.bytes)
    }

    /// A form; a field with a file's name is a file.
    init(_ target: String, form: [(name: String, filename: String?, content: [UInt8])]) {
        self.init("POST", target)
        headers.add(name: "Content-Type", value: "multipart/form-data; boundary=\"a b\"")
        for part in form {
            let filename = part.filename.map { "; filename=\"\($0)\"" } ?? ""
            body.writeString("--a b\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(filename)\r\n")
            if part.filename != nil { body.writeString("Content-Type: text/plain\r\n") }
            body.writeString("\r\n")
            body.writeBytes(part.content)
            body.writeString("\r\n")
        }
        body.writeString("--a b--\r\n")
    }

    func with(_ change: (inout PlatformCall) -> Void) -> PlatformCall {
        var call = self
        change(&call)
        return call
    }

    var request: HTTPRequest { HTTPRequest(method: method, target: target, headers: headers, body: body) }

    func reply(from emulator: DashScopeEmulator) -> EmulatorReply { emulator.reply(to: request) }

    func document(from emulator: DashScopeEmulator) -> JSON { JSON(bytes: reply(from: emulator).body) ?? .null }
}

extension DashScopeEmulator {
    /// Keeps a file through the files interface; its id.
    func upload(_ content: String, name: String, purpose: String) -> String? {
        PlatformCall(
            "/compatible-mode/v1/files",
            form: [("file", name, Array(content.utf8)), ("purpose", nil, Array(purpose.utf8))]
        ).document(from: self)["id"]?.string
    }
}

extension EmulatorReply {
    /// The member `error` of a compatible refusal.
    var error: JSON? { JSON(bytes: body)?["error"] }
}
