import NIOCore
import Testing
import Upstream

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let idle = ScriptedUpstream { _, writer in try await writer.answer("hello") }

@Suite(.timeLimit(.minutes(15)))
struct RouteTests {
    private func get(
        _ path: String,
        key: String? = nil,
        method: String = "GET",
        headers: [(String, String)] = []
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.run(upstream: idle) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
                let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
                try await client.send("\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(authorization)\(lines)\r\n")
                return try await client.response()
            }
        }
    }

    @Test func serviceInformationHasItsFields() async throws {
        struct Information: Decodable {
            struct Usage: Decodable {
                var endpoint: String
                var method: String
                var auth: String
                var model: String
            }
            var message: String
            var version: String
            var description: String
            var dashscope_endpoint: String
            var usage: Usage
            var docs: String
            var listeners: [String]
        }
        let response = try await get("/")
        #expect(response.status == 200)
        let information = try JSONDecoder().decode(Information.self, from: Data(response.body.utf8))
        #expect(information.usage.endpoint == "/v1/chat/completions")
        #expect(information.docs == "/docs")
        #expect(information.listeners.count == 1)
        #expect(information.listeners.first?.hasPrefix("http://127.0.0.1:") == true)
        #expect(information.dashscope_endpoint.hasPrefix("http://127.0.0.1"))
    }

    @Test(arguments: ["/metrics", "/ready"]) func whatOperatorsAskForHasOneSpelling(path: String) async throws {
        #expect(try await get(path).status == 200)
        let encoded = "/%" + String(try #require(path.utf8.dropFirst().first), radix: 16) + path.dropFirst(2)
        for other in [path + "/", "/" + path, path + "//", encoded, path.uppercased(), path + "%2f", path + ";x"] {
            #expect(try await get(other).status == 404, "\(other)")
        }
        #expect(try await get(path + "?x=1").status == 200)
    }

    @Test func healthNeedsNothing() async throws {
        struct Health: Decodable {
            var status: String
            var timestamp: Int
            var service: String
        }
        let response = try await get("/health")
        let health = try JSONDecoder().decode(Health.self, from: Data(response.body.utf8))
        #expect(health.status == "healthy")
        #expect(health.timestamp > 1_700_000_000)
    }

    @Test func theDocumentationLoadsNothingFromOutside() async throws {
        let response = try await get("/docs")
        #expect(response.header("content-type") == "text/html; charset=utf-8")
        let loaded = response.body.matches(of: /(?:src|href)="([^"#]+)"/).map { String($0.output.1) }
        #expect(loaded.contains("docs/app.js"))
        for name in loaded where name.hasPrefix("docs/") {
            let file = try await get("/\(name)")
            #expect(file.status == 200, "\(name)")
            #expect(!file.body.contains("//fonts") && !file.body.contains("@import"), "\(name)")
        }
        #expect(loaded.allSatisfy { !$0.contains("//") })
        let policy = try #require(response.header("content-security-policy"))
        #expect(policy.contains("script-src 'self';"))
        #expect(!policy.contains("unsafe"))
        let chinese = try await get("/docs/zh-CN.json")
        #expect(chinese.header("content-type") == "application/json; charset=utf-8")
        #expect(chinese.header("cache-control") == "no-cache")
        #expect(try JSONDecoder().decode([String: String].self, from: Data(chinese.body.utf8))["Carried."] == "原样传递。")
        #expect(try await get("/docs/nothing.js").status == 404)
        #expect(try await get("/favicon.ico").header("content-type") == "image/svg+xml")
    }

    @Test func browsersGetAPageAndProgramsJSON() async throws {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        let page = try await get("/", headers: [("Accept", browser)])
        #expect(page.header("content-type") == "text/html; charset=utf-8")
        #expect(page.header("vary") == "Accept")
        for accept in ["*/*", "application/json"] {
            #expect(try await get("/", headers: [("Accept", accept)]).header("content-type") == "application/json")
        }
    }

    @Test func theDescriptionIsJSON() async throws {
        struct Description: Decodable {
            var openapi: String
        }
        let response = try await get("/openapi.json")
        #expect(try JSONDecoder().decode(Description.self, from: Data(response.body.utf8)).openapi == "3.1.0")
    }

    @Test func unknownPathsAreNotFound() async throws {
        let response = try await get("/v1/nothing", key: "k")
        #expect(response.status == 404)
        #expect(response.body.contains("\"error\""))
    }

    @Test(arguments: [
        ("/v1/chat/completions", "GET", "POST"), ("/v1/models", "POST", "GET"), ("/health", "DELETE", "GET"),
    ])
    func wrongMethodsAreToldTheRightOne(path: String, method: String, allowed: String) async throws {
        let response = try await get(path, key: "k", method: method)
        #expect(response.status == 405)
        #expect(response.header("allow") == allowed)
        #expect(response.body.contains("method_not_supported"))
    }

    @Test func modelsNeedAKey() async throws {
        #expect(try await get("/v1/models").status == 401)
        #expect(try await get("/v1/models", key: "k").status == 200)
    }

    @Test(arguments: ["kimi%2Fkimi-k2.5", "kimi/kimi-k2.5"]) func modelIDsMayHaveSlashes(path: String) async throws {
        let response = try await get("/v1/models/\(path)", key: "k")
        #expect(response.status == 200)
        #expect(response.body.contains("\"kimi/kimi-k2.5\""))
    }

    @Test func anUnknownModelIsNotFound() async throws {
        let response = try await get("/v1/models/no-such-model", key: "k")
        #expect(response.status == 404)
        #expect(response.body.contains("model_not_found"))
    }

    @Test(arguments: ["/", "/docs", "/openapi.json", "/health"])
    func browsersLoadNothingForOurOwnPages(path: String) async throws {
        let response = try await get(path)
        #expect(response.header("x-content-type-options") == "nosniff")
        #expect(response.header("referrer-policy") == "no-referrer")
        #expect(response.header("content-security-policy")?.hasPrefix("default-src 'none'; ") == true)
    }

    @Test func errorsAreNotSniffed() async throws {
        #expect(try await get("/nothing").header("x-content-type-options") == "nosniff")
    }

    @Test(arguments: [("gzip", 415), ("identity, br", 415), ("identity", 200), ("Identity", 200)])
    func bodiesInAnEncodingThatIsNotReadAreRefused(encoding: String, status: Int) async throws {
        try await GatewayUnderTest.run(upstream: idle) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(
                    #"{"model":"qwen-plus","messages":[{"role":"user","content":"x"}]}"#,
                    headers: "Content-Encoding: \(encoding)\r\n"
                )
                let response = try await client.response()
                #expect(response.status == status)
                guard status == 415 else { return }
                #expect(response.body.contains("\"unsupported_content_encoding\""))
                #expect(response.body.contains("\"param\":null"))
            }
        }
    }

    private static let form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nqwen-plus\r\n--b--\r\n"

    /// Endpoints that take JSON say so to forms; what only calls itself a form is read.
    @Test(arguments: [
        "/v1/chat/completions", "/v1/embeddings", "/v1/images/generations", "/v1/audio/speech", "/v1/messages",
        "/v1/responses", "/v1/completions", "/v1/rerank", "/v1/batches", "/v1/uploads",
    ])
    func aFormForAnEndpointOfJSONIsToldSo(path: String) async throws {
        func ask(_ body: String, _ type: String) async throws -> TestConnection.Response {
            try await GatewayUnderTest.run(upstream: idle) { gateway in
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.send(
                        "POST \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\nContent-Type: \(type)\r\n"
                            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                    return try await client.response()
                }
            }
        }
        for (body, type) in [
            (Self.form, "multipart/form-data; boundary=b"), ("model=qwen-plus", "application/x-www-form-urlencoded"),
        ] {
            let response = try await ask(body, type)
            #expect(response.status == 415)
            #expect(response.body.contains("application/json"))
            if path != "/v1/messages" { #expect(response.body.contains(#""code":"unsupported_media_type""#)) }
        }
        for type in ["text/plain", "application/json"] {
            #expect(try await ask("model=qwen-plus", type).status == 400)
        }
        // Curl's type, with JSON.
        #expect(try await ask(#"{"stream":[]}"#, "application/x-www-form-urlencoded").status == 400)
    }

    @Test func twoAuthorizationHeadersAreRefused() async throws {
        try await GatewayUnderTest.run(upstream: idle) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat("{}", headers: "Authorization: Bearer sk-other\r\n")
                let response = try await client.response()
                #expect(response.status == 400)
                #expect(response.body.contains("more than one Authorization header"))
                #expect(!response.body.contains("sk-other"))
            }
        }
    }
}
