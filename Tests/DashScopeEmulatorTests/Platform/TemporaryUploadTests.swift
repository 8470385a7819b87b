@testable import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

struct TemporaryUploadTests {
    private let emulator = testEmulator()

    private func policy(model: String = "qwen3-vl-plus", key: String = "Bearer sk-test") -> JSON {
        PlatformCall("GET", "/api/v1/uploads?action=getPolicy&model=\(model)")
            .with { $0.headers.replaceOrAdd(name: "Authorization", value: key) }
            .document(from: emulator)["data"] ?? .null
    }

    /// The form that a policy allows, after a change.
    private func upload(
        _ policy: JSON,
        name: String = "a.png",
        content: [UInt8] = Array("abc".utf8),
        _ change: (inout [(name: String, filename: String?, content: [UInt8])]) -> Void = { _ in }
    ) -> EmulatorReply {
        let values = [
            ("OSSAccessKeyId", policy["oss_access_key_id"]?.string), ("Signature", policy["signature"]?.string),
            ("policy", policy["policy"]?.string), ("x-oss-object-acl", policy["x_oss_object_acl"]?.string),
            ("x-oss-forbid-overwrite", policy["x_oss_forbid_overwrite"]?.string),
            ("key", policy["upload_dir"]?.string.map { "\($0)/\(name)" }), ("success_action_status", "200"),
            ("x-oss-content-type", "image/png"),
        ]
        var form = values.map { (name: $0.0, filename: String?.none, content: Array(($0.1 ?? "").utf8)) }
        form.append(("file", name, content))
        change(&form)
        return PlatformCall("/", form: form).with { $0.headers.remove(name: "Authorization") }.reply(from: emulator)
    }

    private func look(
        at url: String,
        model: String = "qwen3-vl-plus",
        key: String = "Bearer sk-test",
        header: Bool = true
    )
        -> EmulatorReply
    {
        Call(.multimodal, model: model, messages: [["role": "user", "content": [["image": .string(url)]]]]).with {
            $0.headers.replaceOrAdd(name: "Authorization", value: key)
            if header { $0.headers.add(name: "X-DashScope-OssResourceResolve", value: "enable") }
        }.reply(from: emulator)
    }

    @Test
    func aPolicyNamesItsHostAndItsFolder() {
        let policy = policy()
        #expect(policy["upload_host"] == "http://127.0.0.1:8001")
        #expect(policy["upload_dir"]?.string?.hasPrefix("dashscope-instant/") == true)
        #expect(policy["expire_in_seconds"] == 300)
        #expect(policy["max_file_size_mb"] == 1_024)
        #expect(policy["x_oss_forbid_overwrite"] == "true")
    }

    @Test(arguments: [
        ("/api/v1/uploads?action=getPolicy", "BadRequest.EmptyModel"),
        ("/api/v1/uploads?model=qwen-plus", "InvalidParameter"),
        ("/api/v1/uploads?action=getPolicy&model=emulator-upload-policy-fails", "Throttling.RateQuota"),
    ])
    func policiesThatAreNotGiven(_ target: String, code: String) {
        #expect(PlatformCall("GET", target).reply(from: emulator).code == code)
    }

    @Test
    func aPolicyNeedsAKey() {
        let call = PlatformCall("GET", "/api/v1/uploads?action=getPolicy&model=a")
            .with { $0.headers.remove(name: "Authorization") }
        #expect(call.reply(from: emulator).status == 401)
    }

    @Test
    func anUploadedFileCanBeSeen() throws {
        let policy = policy()
        let reply = upload(policy)
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
        let folder = try #require(policy["upload_dir"]?.string)
        let url = "oss://\(folder)/a.png"
        let object = try #require(emulator.storedFiles()["objects"]?[0])
        #expect(object["url"] == .string(url))
        #expect(object["bytes"] == 3)
        #expect(object["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(object["content_type"] == "image/png")
        #expect(look(at: url).status == 200)
        #expect(look(at: url).text.contains("image at oss://"))
        // The header, the owner, the model and the key of the object all matter.
        #expect(look(at: url, header: false).message.contains("does not appear to be valid"))
        #expect(look(at: url, header: false).code == "InvalidParameter")
        for other in [
            look(at: url, key: "Bearer sk-other"), look(at: url, model: "qwen3-vl-flash"), look(at: url + "x"),
        ] {
            #expect(other.status == 400)
            #expect(other.code == "InvalidParameter.DataInspection")
        }
    }

    @Test
    func linksInTextAreOnlyText() {
        let text: JSON = [["role": "user", "content": [["text": "oss://a/b"], ["image": "https://a/b.png"]]]]
        #expect(Call(.multimodal, model: "qwen3-vl-plus", messages: text).reply(from: emulator).status == 200)
    }

    @Test
    func otherOperationsLookAtLinksToo() {
        let call = Call(ask: "").with {
            $0.path = MultimodalEmbedding.path
            $0.body = ["model": "qwen3-vl-embedding", "input": ["contents": [["image": "oss://a/b.png"]]]]
        }
        #expect(call.reply(from: emulator).message.contains("does not appear to be valid"))
        let resolving = call.with { $0.headers.add(name: "X-DashScope-OssResourceResolve", value: "enable") }
        #expect(resolving.reply(from: emulator).code == "InvalidParameter.DataInspection")
    }

    @Test
    func nothingIsOverwritten() {
        let policy = policy()
        #expect(upload(policy).status == 200)
        let again = upload(policy)
        #expect(again.status == 409)
        #expect(again.text.contains("<Code>FileAlreadyExists</Code>"))
        #expect(upload(policy, name: "b.png").status == 200)
    }

    @Test
    func formsThatTheStorageRefuses() {
        func refusal(_ change: (inout [(name: String, filename: String?, content: [UInt8])]) -> Void) -> String {
            let reply = upload(policy(), change)
            return "\(reply.status) \(reply.text.split(separator: "<Code>").last?.prefix { $0 != "<" } ?? "")"
        }
        #expect(refusal { $0.swapAt(7, 8) } == "400 IncorrectNumberOfFilesInPOSTRequest")
        #expect(refusal { $0.removeLast() } == "400 IncorrectNumberOfFilesInPOSTRequest")
        #expect(refusal { $0[0].content = [65] } == "403 InvalidAccessKeyId")
        #expect(refusal { $0[1].content = [65] } == "403 SignatureDoesNotMatch")
        #expect(refusal { $0[2].content = [65] } == "403 SignatureDoesNotMatch")
        #expect(refusal { $0[3].content = [65] } == "403 AccessDenied")
        #expect(refusal { $0.remove(at: 4) } == "403 AccessDenied")
        #expect(refusal { $0[5].content = Array("elsewhere/a.png".utf8) } == "403 AccessDenied")
        #expect(refusal { $0.remove(at: 6) } == "400 InvalidArgument")
        #expect(refusal { $0.remove(at: 7) } == "200 ")
    }

    @Test
    func noKeyMayComeWithAForm() {
        let reply = PlatformCall("/", form: [("file", "a", [])]).reply(from: emulator)
        #expect(reply.status == 400)
        #expect(reply.text.contains("InvalidArgument"))
        let noForm = PlatformCall("POST", "/", json: [:]).with { $0.headers.remove(name: "Authorization") }
        #expect(noForm.reply(from: emulator).text.contains("MalformedPOSTRequest"))
    }

    @Test
    func troubleThatIsAskedForByName() {
        let expired = upload(policy(model: "qwen3-vl-plus-emulator-upload-policy-expired"))
        #expect(expired.status == 403)
        #expect(expired.text.contains("Invalid according to Policy: Policy expired."))
        #expect(upload(policy(model: "emulator-upload-fails")).status == 500)
        #expect(upload(policy(model: "emulator-upload-closes")).steps == [.abort])
        let small = policy(model: "emulator-upload-limit-1")
        #expect(small["max_file_size_mb"] == 1)
        #expect(upload(small, content: [UInt8](repeating: 0, count: (1 << 20) + 1)).text.contains("EntityTooLarge"))
        #expect(upload(small, content: [UInt8](repeating: 65, count: 1 << 20)).status == 200)
    }
}
