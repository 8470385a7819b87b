import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import Testing

@testable import Gateway

/// Requests that come as forms: what is wrong with them, and where their files go.
@Suite(.timeLimit(.minutes(15)))
struct FormTests {
    private static let path = "/v1/audio/transcriptions"

    private static func field(_ name: String, _ text: String) -> String {
        "--b0\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n"
    }

    private static func file(_ bytes: String, name: String = "file", filename: String = "hello.wav") -> String {
        "--b0\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(filename)\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n\(bytes)\r\n"
    }

    /// Bytes without the name of a file, with a type where there is one.
    private static func bytes(_ bytes: String, type: String? = nil) -> String {
        "--b0\r\nContent-Disposition: form-data; name=\"file\"\r\n"
            + (type.map { "Content-Type: \($0)\r\n" } ?? "") + "\r\n\(bytes)\r\n"
    }

    private static let end = "--b0--\r\n"

    private static func head(_ length: Int, type: String = "multipart/form-data; boundary=b0") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-test\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(length)\r\n\r\n"
    }

    private func run<Result>(
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (TestConnection, GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            configure: {
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.maximumInterval = .milliseconds(5)
                $0.tasks.pollsPerSecond = 10_000
                configure(&$0)
            }
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { try await body($0, gateway) }
        }
    }

    private func ask(
        _ form: String,
        type: String = "multipart/form-data; boundary=b0",
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestConnection.Response {
        try await run(configure: configure) { client, _ in
            try await client.send(Self.head(form.utf8.count, type: type) + form)
            return try await client.response()
        }
    }

    private func stored(_ gateway: GatewayUnderTest) async throws -> [[String: Any]] {
        try await TestConnection.open(port: gateway.upstream.port) { client in
            try await client.ask("GET", "/__emulator/files")
            let body = try await client.response().body
            let document = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return try #require(document?["objects"] as? [[String: Any]])
        }
    }

    private func error(_ response: TestConnection.Response) throws -> (code: String?, param: String?) {
        let document = try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any]
        let error = try #require(document?["error"] as? [String: Any])
        return (error["code"] as? String, error["param"] as? String)
    }

    // MARK: - Where files go

    @Test func aSmallFileGoesIntoTheCall() async throws {
        let form = Self.file("RIFF1234WAVE") + Self.field("model", "qwen3-asr-flash") + Self.end
        try await run { client, gateway in
            try await client.send(Self.head(form.utf8.count) + form)
            let response = try await client.response()
            #expect(response.status == 200)
            #expect(response.body.contains("A recording of 12 bytes."))
            #expect(try await stored(gateway).isEmpty)
        }
    }

    /// Before and behind the model's name, whole and in pieces while it arrives.
    @Test(arguments: [(12, true), (12, false), (3_000_000, true), (3_000_000, false)])
    func aFileForATaskIsStored(size: Int, modelComesFirst: Bool) async throws {
        let file = Self.file(String(repeating: "x", count: size), filename: "../../good-morning.wav")
        let model = Self.field("model", "paraformer-v2")
        let form = (modelComesFirst ? model + file : file + model) + Self.end
        try await run { client, gateway in
            try await client.send(Self.head(form.utf8.count) + form)
            let response = try await client.response()
            #expect(response.status == 200)
            #expect(response.body.contains("Good morning."))
            let objects = try await stored(gateway)
            #expect(objects.count == 1)
            #expect(objects.first?["bytes"] as? Int == size)
            #expect(objects.first?["model"] as? String == "paraformer-v2")
            #expect(objects.first?["content_type"] as? String == "audio/wav")
            #expect((objects.first?["url"] as? String)?.hasSuffix("/good-morning.wav") == true)
        }
    }

    /// The model that gives times reads links only, and is the one for which the file is stored.
    @Test func aFileIsStoredForTheModelThatReadsIt() async throws {
        let form =
            Self.field("model", "qwen3-asr-flash") + Self.file("abc") + Self.field("response_format", "srt") + Self.end
        try await run { client, gateway in
            try await client.send(Self.head(form.utf8.count) + form)
            let response = try await client.response()
            #expect(response.body.hasPrefix("1\n00:00:00,100 --> 00:00:00,497\nHello.\n"))
            #expect(try await stored(gateway).first?["model"] as? String == "qwen3-asr-flash-filetrans")
        }
    }

    @Test func aRequestInJSONStillWorks() async throws {
        let json = #"{"model":"paraformer-v2","file":"https://a.example/hello.wav"}"#
        let response = try await ask(json, type: "application/json")
        #expect(response.status == 200)
        #expect(response.body.contains("Hello."))
    }

    // MARK: - What a file is

    private static let wave = "RIFF\u{24}\0\0\0WAVEfmt \u{10}\0\0\0\u{1}\0\u{1}\0"

    /// The official SDK calls bytes `upload`; other clients give them no name at all.
    @Test(arguments: [
        file(wave, filename: "upload"), bytes(wave), bytes(wave, type: "application/octet-stream"),
        bytes(wave, type: "audio/x-wav"), file(wave + String(repeating: "x", count: 300_000), filename: "upload"),
        bytes(wave + String(repeating: "x", count: 300_000)),
    ])
    func bytesAreKnownByWhatTheyAre(part: String) async throws {
        for modelComesFirst in [true, false] {
            let model = Self.field("model", "paraformer-v2")
            let form = (modelComesFirst ? model + part : part + model) + Self.end
            try await run { client, gateway in
                try await client.send(Self.head(form.utf8.count) + form)
                let response = try await client.response()
                #expect(response.status == 200, "\(response.body)")
                let object = try #require(try await stored(gateway).first)
                #expect(object["content_type"] as? String == "audio/wav")
                #expect((object["url"] as? String)?.hasSuffix(".wav") == true)
            }
        }
    }

    @Test(arguments: [("C:\\x\\good-morning.wav"), ("../../etc/good-morning.wav")])
    func onlyTheLastComponentOfANameIsSent(filename: String) async throws {
        let form = Self.field("model", "paraformer-v2") + Self.file("x", filename: filename) + Self.end
        try await run { client, gateway in
            try await client.send(Self.head(form.utf8.count) + form)
            #expect(try await client.response().status == 200)
            let url = try #require(try await stored(gateway).first?["url"] as? String)
            #expect(url.hasSuffix("/good-morning.wav"))
            #expect(!url.contains("etc") && !url.contains("C:"))
        }
    }

    // MARK: - Lists and flags

    @Test func aListMayComeAsJSONAndAFlagAsPythonHasIt() async throws {
        let form =
            Self.field("model", "paraformer-v2") + Self.file("x", filename: "hello.wav")
            + Self.field("response_format", "verbose_json")
            + Self.field("timestamp_granularities", #"["word", "segment"]"#)
            + Self.field("language_hints", #"["zh","en"]"#) + Self.field("disfluency_removal_enabled", "True")
            + Self.field("stream", "False") + Self.end
        try await run { client, gateway in
            try await client.send(Self.head(form.utf8.count) + form)
            let response = try await client.response()
            #expect(response.status == 200, "\(response.body)")
            #expect(response.body.contains(#""words":["#))
            #expect(response.body.contains(#""segments":["#))
            let parameters = try await gateway.parameters()
            #expect(parameters["language_hints"] as? [String] == ["zh", "en"])
            #expect(parameters["disfluency_removal_enabled"] as? Bool == true)
        }
    }

    @Test(arguments: ["True", "1", "true"]) func aFlagAsksForAStream(flag: String) async throws {
        let response = try await ask(
            Self.field("model", "qwen3-asr-flash") + Self.file("RIFF1234WAVE") + Self.field("stream", flag) + Self.end
        )
        #expect(response.header("content-type")?.hasPrefix("text/event-stream") == true)
    }

    // MARK: - What is wrong

    @Test(
        arguments: [
            ("", "invalid_form", nil),
            (file("x"), "invalid_form", nil),
            (field("model", "paraformer-v2") + end, "missing_required_parameter", "file"),
            (file("x") + end, "missing_required_parameter", "model"),
            (field("model", "paraformer-v2") + file("") + end, "invalid_value", "file"),
            (field("model", "paraformer-v2") + file("x", filename: "a.exe") + end, "invalid_value", "file"),
            (field("model", "paraformer-v2") + file("x") + file("y") + end, "array_above_max_length", "file"),
            (field("model", "paraformer-v2") + file("x", name: "other") + end, "invalid_value", "other"),
            (field("model", "qwen-plus") + file("x") + end, "model_not_supported", "model"),
            (String(repeating: file("x"), count: 65) + end, "invalid_form", "file"),
            (String(repeating: file("x", name: "image[]"), count: 100) + end, "invalid_form", "image"),
            (field("", "1") + end, "invalid_form", nil),
            (field("[]", "1") + end, "invalid_form", "[]"),
            (field("model", "paraformer-v2") + file("<!DOCTYPE html><html>") + end, "invalid_value", "file"),
            (
                field("model", "paraformer-v2") + file("\u{89}PNG\r\n\u{1A}\n\0\0\0\rIHDR", name: "other") + end,
                "invalid_value", "other"
            ),
            (field("model", "qwen3-asr-flash") + bytes("GIF89a\u{1}\0\u{1}\0\0") + end, "invalid_value", "file"),
            (field("model", "qwen3-asr-flash") + field("file", "hello.wav") + end, "invalid_value", "file"),
            (field("a[b", "1") + end, "invalid_form", "a[b"),
            (field("model", "\u{FFFD}") + file("x") + end, "model_not_found", "model"),
        ] as [(String, String, String?)]
    )
    func aFormThatIsWrongIsRefused(form: String, code: String, param: String?) async throws {
        let response = try await ask(form)
        let error = try error(response)
        #expect(response.status == (code == "model_not_found" ? 404 : 400))
        #expect(error.code == code)
        if code != "model_not_found" { #expect(error.param == param) }
    }

    @Test(arguments: ["multipart/form-data", "multipart/form-data; boundary=\"\"", "multipart/mixed"])
    func aFormWithoutABoundaryIsRefused(type: String) async throws {
        let response = try await ask(Self.end, type: type)
        #expect(response.status == 400)
        #expect(try error(response).code == "invalid_form")
    }

    @Test func aFormOfTheOtherKindIsToldWhichIsTaken() async throws {
        let response = try await ask("model=paraformer-v2", type: "application/x-www-form-urlencoded")
        #expect(response.status == 415)
        #expect(try error(response).code == "unsupported_media_type")
        #expect(response.body.contains("application/json, or multipart/form-data."))
    }

    @Test(arguments: ["audio/wav", "application/octet-stream", "video/mp4; codecs=avc1"])
    func aFileAsTheBodyIsToldHowFilesAreSent(type: String) async throws {
        let response = try await ask("RIFF....WAVE", type: type)
        #expect(response.status == 415)
        #expect(try error(response).code == "unsupported_media_type")
        #expect(response.body.contains("sent as a file; send JSON"))
        #expect(response.body.contains("or multipart/form-data."))
    }

    @Test func textsAndFilesThatAreKeptHaveABound() async throws {
        let text = try await ask(Self.field("prompt", String(repeating: "x", count: 3000)) + Self.end) {
            $0.server.maximumBodyBytes = 2048
        }
        #expect(text.status == 413)
        #expect(try error(text).code == "request_too_large")
        let file = try await ask(Self.file(String(repeating: "x", count: 3000)) + Self.end) {
            $0.server.maximumBodyBytes = 2048
        }
        #expect(file.status == 400)
        #expect(try error(file).param == "model")
    }

    @Test func theWholeBodyHasABoundOfItsOwn() async throws {
        let form = Self.field("model", "paraformer-v2") + Self.file(String(repeating: "x", count: 5000)) + Self.end
        let response = try await ask(form) { $0.server.maximumUploadBytes = 4096 }
        #expect(response.status == 413)
        #expect(response.body.contains("4096 bytes"))
    }

    // MARK: - Trouble with the storage

    @Test(
        arguments: [
            ("upload-policy-fails", 429...429, nil), ("upload-policy-expired", 502...502, "upload_failed"),
            ("upload-fails", 502...502, "upload_failed"), ("upload-closes", 502...502, nil),
            ("upload-limit-1", 413...413, "file_too_large"),
        ] as [(String, ClosedRange<Int>, String?)]
    )
    func aFileThatCannotBeStoredIsAnError(fault: String, status: ClosedRange<Int>, code: String?) async throws {
        let form =
            Self.field("model", "paraformer-v2-emulator-\(fault)") + Self.file(String(repeating: "x", count: 1_500_000))
            + Self.end
        let response = try await ask(form)
        #expect(status.contains(response.status))
        if let code { #expect(try error(response).code == code) }
        if code == "file_too_large" { #expect(try error(response).param == "file") }
        #expect(!response.body.contains("sk-test"))
    }

    /// A client that leaves in the middle takes its upload with it.
    @Test func aClientThatLeavesEndsItsUpload() async throws {
        try await run { _, gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    Self.head(9_000_000) + Self.field("model", "paraformer-v2")
                        + Self.file(String(repeating: "x", count: 1_000_000))
                )
            }
            // The gateway has nothing open any more when it can stop at once.
            #expect(try await stored(gateway).isEmpty)
        }
    }
}

extension GatewayUnderTest {
    /// The parameters of the first call that was made of a model.
    fileprivate func parameters() async throws -> [String: Any] {
        try await TestConnection.open(port: upstream.port) { client in
            try await client.ask("GET", "/__emulator/requests")
            let body = try await client.response().body
            let document = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            let requests = try #require(document?["requests"] as? [[String: Any]])
            let bodies = requests.compactMap { $0["body"] as? [String: Any] }
            return try #require(bodies.compactMap { $0["parameters"] as? [String: Any] }.first)
        }
    }
}
