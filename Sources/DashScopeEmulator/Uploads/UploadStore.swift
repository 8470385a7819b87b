import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The policies for temporary uploads that were given out, and the objects uploaded with them.
///
/// Of an object only size and digest are kept, as nobody can download it.
final class UploadStore: Sendable {
    struct Policy: Sendable {
        /// As it was named, without the fault.
        var model: String
        /// The value of `Authorization`.
        var owner: String
        /// The document in base64.
        var document: String
        var signature: String
        var folder: String
        var expiry: Date
        var maximumMegabytes: Int
        var fault: UploadFault?
    }

    struct Object: Sendable {
        var model: String
        var owner: String
        var size: Int
        var digest: String
        var type: String?
        var expiry: Date
    }

    private struct State {
        /// By signature.
        var policies: [String: Policy] = [:]
        /// By the link's text behind `oss://`.
        var objects: [String: Object] = [:]
        /// Keys of objects, the oldest first.
        var order: [String] = []
    }

    static let accessKey = "LTAI5tEmulator"
    private static let life: TimeInterval = 48 * 3_600
    private static let mostPolicies = 10_000
    private static let mostObjects = 10_000

    private let state = Mutex(State())

    func reset() { state.withLock { $0 = State() } }

    // MARK: Policies

    func add(_ policy: Policy) {
        state.withLock { state in
            if state.policies.count >= Self.mostPolicies { state.policies.removeAll(keepingCapacity: true) }
            state.policies[policy.signature] = policy
        }
    }

    func policy(signature: String) -> Policy? { state.withLock { $0.policies[signature] } }

    // MARK: Objects

    /// Keeps an object; false where the key is taken, as no object may be overwritten.
    func add(_ content: ByteBuffer, key: String, type: String?, policy: Policy) -> Bool {
        let object = Object(
            model: policy.model,
            owner: policy.owner,
            size: content.readableBytes,
            digest: Digest.hexadecimal(of: content),
            type: type,
            expiry: Date().addingTimeInterval(Self.life)
        )
        return state.withLock { state in
            guard state.objects[key] == nil else { return false }
            state.objects[key] = object
            state.order.append(key)
            if state.order.count > Self.mostObjects { state.objects[state.order.removeFirst()] = nil }
            return true
        }
    }

    /// Every object with its size and digest, the oldest first.
    func document() -> JSON {
        let objects = state.withLock { state in state.order.compactMap { key in state.objects[key].map { (key, $0) } } }
        return .array(
            objects.map { key, object in
                [
                    "url": .string("oss://\(key)"), "model": .string(object.model), "bytes": .int(object.size),
                    "sha256": .string(object.digest), "content_type": object.type.map(JSON.string) ?? .null,
                ]
            }
        )
    }

    // MARK: Links

    /// Refuses a native call with a link that leads to no object of this caller, or to one for another model.
    func checkLinks(of request: HTTPRequest) throws(Refusal) {
        guard Self.mayHoldLink(request.body), let body = JSON(bytes: request.body.readableBytesView) else { return }
        var links: [String] = []
        Self.collectLinks(body, into: &links)
        guard !links.isEmpty else { return }
        guard request.headers.first(name: "X-DashScope-OssResourceResolve")?.lowercased() == "enable" else {
            throw .invalid("The provided URL does not appear to be valid. Ensure it is correctly formatted.")
        }
        let model = Self.name(of: body["model"]?.string ?? "")
        let owner = request.headers.first(name: "Authorization")
        for link in links {
            let object = state.withLock { $0.objects[String(link.dropFirst(6))] }
            guard let object, object.owner == owner, object.model == model, object.expiry > Date() else {
                throw Refusal(
                    status: 400,
                    code: "InvalidParameter.DataInspection",
                    message: "Unable to download the media resource during the data inspection process.",
                    mayComeAsEvent: true
                )
            }
        }
    }

    /// A model's name without the fault.
    static func name(of model: String) -> String { (Fault.parse(model)?.base ?? model).lowercased() }

    /// Whether `oss:` stands in a body; most bodies are not read twice for it.
    private static func mayHoldLink(_ body: ByteBuffer) -> Bool {
        var rest = body.readableBytesView
        while let place = rest.firstIndex(of: UInt8(ascii: ":")) {
            if place >= body.readerIndex + 3, body.getString(at: place - 3, length: 3) == "oss" { return true }
            rest = rest[(place + 1)...]
        }
        return false
    }

    /// The texts that begin as links do, but for those that are said to the model.
    private static func collectLinks(_ value: JSON, into links: inout [String]) {
        switch value {
        case .string(let text): if text.hasPrefix("oss://") { links.append(text) }
        case .array(let items): for item in items { collectLinks(item, into: &links) }
        case .object(let members):
            for member in members {
                if case .string = member.value, ["text", "content", "prompt"].contains(member.name) { continue }
                collectLinks(member.value, into: &links)
            }
        default: return
        }
    }
}
