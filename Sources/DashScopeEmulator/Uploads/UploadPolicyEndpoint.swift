import HTTPServing
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `GET /api/v1/uploads?action=getPolicy&model=…`: the permission to upload a file for one model.
struct UploadPolicyEndpoint {
    static let path = "/api/v1/uploads"

    private static let seconds = 300
    private static let megabytes = 1_024

    let store: UploadStore
    let scheme: String

    func reply(to request: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(request)
            guard request.method == "GET" else {
                throw .invalid("Request method '\(request.method)' is not supported.")
            }
            let query = QueryItems(request)
            guard query["action"] == "getPolicy" else {
                throw .invalid("Required parameter(action) missing or invalid, please check the request parameters.")
            }
            guard let model = query["model"], !model.isEmpty else { throw .noModel }
            let policy = try makePolicy(model, owner: request.headers.first(name: "Authorization") ?? "")
            store.add(policy)
            let document: JSON = [
                "data": [
                    "policy": .string(policy.document), "signature": .string(policy.signature),
                    "upload_dir": .string(policy.folder),
                    "upload_host": .string("\(scheme)://\(request.headers.first(name: "Host") ?? "127.0.0.1")"),
                    "expire_in_seconds": .int(Self.seconds), "max_file_size_mb": .int(policy.maximumMegabytes),
                    "capacity_limit_mb": 999_999_999, "oss_access_key_id": .string(UploadStore.accessKey),
                    "x_oss_object_acl": "private", "x_oss_forbid_overwrite": "true",
                ],
                "request_id": .string(requestID),
            ]
            return EmulatorReply(
                status: 200,
                headers: ReplyHeaders.success(requestID: requestID, streams: false),
                body: document.bytes
            )
        } catch {
            return .refused(error, requestID: requestID)
        }
    }

    private func makePolicy(_ model: String, owner: String) throws(Refusal) -> UploadStore.Policy {
        var fault: UploadFault?
        if case .upload(let named) = Fault.parse(model)?.fault { fault = named }
        if fault == .policyFails { throw FaultRefusal.catalogued(status: 429, code: "Throttling.RateQuota") }
        let expiry = Date().addingTimeInterval(fault == .policyExpired ? -1 : TimeInterval(Self.seconds))
        let ownerHash = RequestJournal.keyHash(owner)
        let folder = "dashscope-instant/\(ownerHash)/\(RequestID.make())"
        var megabytes = Self.megabytes
        if case .limit(let limit) = fault { megabytes = limit }
        let conditions: JSON = [
            "expiration": .string(expiry.formatted(.iso8601)),
            "conditions": [
                ["content-length-range", 0, .int(megabytes << 20)], ["starts-with", "$key", .string(folder)],
                ["x-oss-object-acl": "private"], ["x-oss-forbid-overwrite": "true"],
            ],
        ]
        let document = Data(conditions.bytes).base64EncodedString()
        return UploadStore.Policy(
            model: UploadStore.name(of: model),
            owner: owner,
            document: document,
            signature: Data("\(RequestID.make())".utf8.prefix(20)).base64EncodedString(),
            folder: folder,
            expiry: expiry,
            maximumMegabytes: megabytes,
            fault: fault
        )
    }
}
