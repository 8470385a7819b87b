import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

/// Files from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct FilesTests {
    private func run<Result>(
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        try await GatewayUnderTest.run(upstream: upstream, configure: configure, body)
    }

    private func document(_ response: TestConnection.Response) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
    }

    private func error(_ response: TestConnection.Response) throws -> [String: Any] {
        try #require(try document(response)["error"] as? [String: Any])
    }

    private func upload(_ parts: [FormPart], headers: String = "", port: Int) async throws -> TestConnection.Response {
        try await TestConnection.open(port: port) { client in
            try await client.sendForm(parts, headers: headers)
            return try await client.response()
        }
    }

    private func ask(_ method: String, _ path: String, port: Int) async throws -> TestConnection.Response {
        try await TestConnection.open(port: port) { client in
            try await client.ask(method, path)
            return try await client.response()
        }
    }

    private static let file = FormPart.file("file", "report.txt", "Hello, world.")
    private static let beginning: [FormPart] = [.text("purpose", "batch"), file]

    // MARK: - Files

    @Test(arguments: [
        [FormPart.text("purpose", "assistants"), file], [file, FormPart.text("purpose", "assistants")],
    ])
    func aFileIsUploadedWhereverThePurposeStands(_ parts: [FormPart]) async throws {
        try await run { gateway in
            let created = try await upload(parts, port: gateway.port)
            #expect(created.status == 200, "\(created.body)")
            let file = try document(created)
            #expect(file["object"] as? String == "file")
            #expect(file["filename"] as? String == "report.txt")
            #expect(file["bytes"] as? Int == 13)
            #expect(file["purpose"] as? String == "assistants")
            #expect(file["status"] as? String == "processed")
            let id = try #require(file["id"] as? String)
            #expect(id.hasPrefix("file-fe-"))

            let found = try await ask("GET", "/v1/files/\(id)", port: gateway.port)
            #expect(try document(found)["id"] as? String == id)
            #expect(try document(found)["purpose"] as? String == "user_data")

            let page = try document(try await ask("GET", "/v1/files?purpose=assistants&limit=10", port: gateway.port))
            #expect(page["first_id"] as? String == id)
            #expect(page["last_id"] as? String == id)
            #expect(page["has_more"] as? Bool == false)

            let deleted = try await ask("DELETE", "/v1/files/\(id)", port: gateway.port)
            #expect(deleted.status == 200)
            #expect(try document(deleted)["deleted"] as? Bool == true)

            let gone = try await ask("GET", "/v1/files/\(id)", port: gateway.port)
            #expect(gone.status == 404)
            #expect(try error(gone)["message"] as? String == "No such File object: \(id)")
            #expect(try error(gone)["code"] is NSNull)
        }
    }

    @Test func upstreamGetsTheCallersKeyAndWorkspaceAndTheFile() async throws {
        let emulator = DashScopeEmulator()
        let upstream = ScriptedUpstream { try await emulator.respond(to: $0, writer: $1) }
        try await run(upstream: upstream) { gateway in
            let response = try await upload(
                [.text("purpose", "user_data"), .file("file", "a \"b\".txt", "Hello")],
                headers: "X-DashScope-WorkSpace: ws-1\r\n",
                port: gateway.port
            )
            #expect(response.status == 200)
            #expect(response.header("x-request-id") != nil)
        }
        let request = try #require(upstream.requests.first)
        #expect(request.path == "/compatible-mode/v1/files")
        #expect(request.headers.first(name: "authorization") == "Bearer sk-test")
        #expect(request.headers.first(name: "x-dashscope-workspace") == "ws-1")
        let body = String(buffer: request.body)
        #expect(body.contains("name=\"purpose\"\r\n\r\nfile-extract\r\n"))
        #expect(body.contains("filename=\"a %22b%22.txt\""))
        #expect(body.contains("\r\n\r\nHello\r\n--"))
    }

    @Test func aLargeFileArrivesWhole() async throws {
        let text = String(repeating: "0123456789abcde\n", count: 1 << 17)
        try await run { gateway in
            let response = try await upload(
                [.file("file", "numbers.txt", text), .text("purpose", "file-extract")],
                port: gateway.port
            )
            #expect(try document(response)["bytes"] as? Int == 2 << 20)
        }
    }

    @Test func whatHasNoCounterpartIsReportedOrRefused() async throws {
        let parts: [FormPart] = [
            .text("purpose", "user_data"), .text("expires_after[anchor]", "created_at"),
            .text("expires_after[seconds]", "3600"), .text("colour", "red"), Self.file,
        ]
        try await run { gateway in
            let response = try await upload(parts, port: gateway.port)
            #expect(response.status == 200)
            let adjustments = try #require(response.header("x-gateway-adjustments"))
            #expect(adjustments.contains("expires_after;from=text;to=none"))
            #expect(adjustments.contains("colour;"))
            let strict = try await upload(parts, headers: "x-gateway-strict: true\r\n", port: gateway.port)
            #expect(strict.status == 400)
            #expect(try error(strict)["param"] as? String == "expires_after")
        }
    }

    @Test(arguments: [
        ([FormPart.text("purpose", "assistants")], "file"),
        ([file], "purpose"),
        ([FormPart.text("purpose", "vision"), file], "purpose"),
        ([file, FormPart.text("purpose", "vision")], "purpose"),
        ([FormPart.text("purpose", "assistants"), file, file], "file"),
        ([FormPart.text("purpose", "assistants"), FormPart.file("file", "a.txt", "")], "file"),
        ([FormPart.text("purpose", "assistants"), FormPart.text("file", "words")], "file"),
        ([FormPart.text("purpose", "assistants"), FormPart.file("picture", "a.txt", "x")], "picture"),
        ([FormPart.text("purpose", "batch"), FormPart.file("file", "a.txt", "x")], "file"),
    ])
    func formsThatCannotBeSent(_ parts: [FormPart], _ param: String) async throws {
        try await run { gateway in
            let response = try await upload(parts, port: gateway.port)
            #expect(response.status == 400, "\(response.body)")
            #expect(try error(response)["param"] as? String == param)
        }
    }

    @Test func aFormThatEndsEarlyOrIsNoneIsRefused() async throws {
        try await run { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendForm([Self.file], isComplete: false)
                let response = try await client.response()
                #expect(response.status == 400)
                #expect(try error(response)["code"] as? String == "invalid_form")
            }
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON("{}", to: "/v1/files")
                #expect(try await client.response().status == 415)
            }
        }
    }

    @Test func aFileThatIsTooLargeIsRefused() async throws {
        try await run(configure: { $0.server.maximumUploadBytes = 4096 }) { gateway in
            let response = try await upload(
                [.text("purpose", "assistants"), .file("file", "a.txt", String(repeating: "x", count: 8192))],
                port: gateway.port
            )
            #expect(response.status == 413)
            #expect(try error(response)["param"] as? String == "file")
        }
    }

    @Test(arguments: [("GET", "/v1/files/file-fe-none"), ("DELETE", "/v1/files/a%2Fb"), ("GET", "/v1/batches/batch_0")])
    func whatIsNotThereIsA404(_ method: String, _ path: String) async throws {
        try await run { gateway in
            let response = try await ask(method, path, port: gateway.port)
            #expect(response.status == 404)
            #expect(try error(response)["type"] as? String == "invalid_request_error")
        }
    }

    @Test func aThrottledCallIsRepeatedAndAWrongKeyIsNot() async throws {
        let upstream = ScriptedUpstream { request, writer in
            try await writer.json(
                request.headers.first(name: "authorization") == "Bearer sk-wrong" ? 401 : 503,
                #"{"error":{"message":"no sk-wrong","type":"x","param":null,"code":null},"request_id":"up-1"}"#
            )
        }
        try await run(upstream: upstream) { gateway in
            let response = try await ask("GET", "/v1/files", port: gateway.port)
            #expect(response.status == 503)
            #expect(response.header("x-gateway-attempts") != nil)
            let count = upstream.requests.count
            try await TestConnection.open(port: gateway.port) { client in
                try await client.ask("GET", "/v1/files", key: "sk-wrong")
                let response = try await client.response()
                #expect(response.status == 401)
                #expect(!response.body.contains("sk-wrong"))
            }
            #expect(upstream.requests.count == count + 1)
        }
    }

    @Test(arguments: ["/v1/files/sk-test", "/v1/files/sk-test/content", "/v1/batches/sk-test", "/v1/files/sk-test%2F"])
    func aKeyInAPathIsNotRepeated(_ path: String) async throws {
        try await run { gateway in
            let response = try await ask("GET", path, port: gateway.port)
            #expect(response.status == 404)
            #expect(!response.body.contains("sk-test"))
        }
    }

    // MARK: - Broken off

    @Test func aClientThatLeavesEndsTheUpload() async throws {
        let upstream = FormUpstream()
        try await upstream.run { port in
            try await run(configure: { $0.upstream.baseURL = "http://127.0.0.1:\(port)" }) { gateway in
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendForm(Self.beginning, isComplete: false, announced: 1 << 20)
                    try await eventually { upstream.text.contains("Hello, world.") }
                }
                try await eventually { upstream.isClosed }
            }
        }
    }

    @Test func anUpstreamThatBreaksOffIsAnError() async throws {
        let upstream = FormUpstream()
        try await upstream.run { port in
            try await run(configure: { $0.upstream.baseURL = "http://127.0.0.1:\(port)" }) { gateway in
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendForm(Self.beginning, isComplete: false, announced: 1 << 20)
                    try await eventually { upstream.text.contains("Hello, world.") }
                    try await upstream.close()
                    let response = try await client.response()
                    #expect(response.status == 502)
                    #expect(try error(response)["code"] as? String == "upstream_closed")
                }
            }
        }
    }

    @Test func aRefusalBeforeTheEndOfTheFormIsToldAtOnce() async throws {
        let upstream = FormUpstream()
        try await upstream.run { port in
            try await run(configure: { $0.upstream.baseURL = "http://127.0.0.1:\(port)" }) { gateway in
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendForm(Self.beginning, isComplete: false, announced: 1 << 20)
                    try await eventually { upstream.text.contains("Hello, world.") }
                    let body = #"{"error":{"message":"no room","type":"invalid_request_error","param":null}}"#
                    try await upstream.send(
                        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
                            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                    let response = try await client.response()
                    #expect(response.status == 400)
                    #expect(try error(response)["message"] as? String == "no room")
                }
            }
        }
    }

    // MARK: - Repetitions

    @Test func requestsWithOneKeyMakeOneFile() async throws {
        let emulator = DashScopeEmulator()
        let upstream = ScriptedUpstream { try await emulator.respond(to: $0, writer: $1) }
        try await run(upstream: upstream) { gateway in
            let parts: [FormPart] = [.text("purpose", "assistants"), Self.file]
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let response = try await upload(parts, headers: "Idempotency-Key: k-1\r\n", port: gateway.port)
                        return try #require(try document(response)["id"] as? String)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(ids).count == 1)
            let later = try await upload(parts, headers: "Idempotency-Key: k-1\r\n", port: gateway.port)
            #expect(try document(later)["id"] as? String == ids.first)
            #expect(upstream.requests.count == 1)
            let other = try await upload(parts, headers: "Idempotency-Key: k-2\r\n", port: gateway.port)
            #expect(try document(other)["id"] as? String != ids.first)
        }
    }

    @Test func aRepetitionLeavesItsConnectionUsable() async throws {
        try await run { gateway in
            let text = String(repeating: "0123456789abcde\n", count: 1 << 17)
            let parts: [FormPart] = [.text("purpose", "assistants"), .file("file", "a.txt", text)]
            try await TestConnection.open(port: gateway.port) { client in
                var ids: Set<String> = []
                for _ in 0..<3 {
                    try await client.sendForm(parts, headers: "Idempotency-Key: k-1\r\n")
                    ids.insert(try #require(try document(try await client.response())["id"] as? String))
                }
                #expect(ids.count == 1)
                try await client.ask("GET", "/v1/files")
                #expect(try document(try await client.response())["first_id"] as? String == ids.first)
            }
        }
    }

    @Test func aFailureIsNotRemembered() async throws {
        let emulator = DashScopeEmulator()
        let upstream = ScriptedUpstream { try await emulator.respond(to: $0, writer: $1) }
        try await run(upstream: upstream) { gateway in
            let headers = "Idempotency-Key: k-1\r\n"
            let wrong = try await upload(
                [.text("purpose", "batch"), .file("file", "a.txt", "x")],
                headers: headers,
                port: gateway.port
            )
            #expect(wrong.status == 400)
            let right = try await upload(
                [.text("purpose", "assistants"), Self.file],
                headers: headers,
                port: gateway.port
            )
            #expect(right.status == 200)
            #expect(upstream.requests.count == 2)
        }
    }
}

/// A part of a form.
enum FormPart: Sendable {
    case text(String, String)
    case file(String, String, String)
}

extension TestConnection {
    /// A POST of a form to `/v1/files`; one that is not complete lacks its end.
    func sendForm(_ parts: [FormPart], headers: String = "", isComplete: Bool = true, announced: Int? = nil)
        async throws
    {
        var body = ""
        for part in parts {
            switch part {
            case .text(let name, let text):
                body += "--xyz\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n"
            case .file(let name, let filename, let text):
                let filename = filename.replacing("\"", with: "\\\"")
                body += "--xyz\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(filename)\"\r\n"
                body += "Content-Type: text/plain\r\n\r\n\(text)\r\n"
            }
        }
        if isComplete { body += "--xyz--\r\n" }
        try await send(
            "POST /v1/files HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n\(headers)"
                + "Content-Type: multipart/form-data; boundary=xyz\r\nContent-Length: \(announced ?? body.utf8.count)\r\n\r\n"
        )
        try await send(body)
    }
}
