import HTTPServing
import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `POST /`: the form with which a file goes to the object storage behind `upload_host`.
struct ObjectUpload {
    /// What the storage would not take, in its own words.
    struct Refused: Error, Equatable {
        var status: Int
        var code: String
        var message: String
    }

    let store: UploadStore

    func reply(to request: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make().replacing("-", with: "").prefix(24).uppercased()
        do throws(Refused) {
            let policy = try take(request)
            if policy.fault == .closes {
                return EmulatorReply(status: 200, headers: [], isChunked: false, steps: [.abort])
            }
            return EmulatorReply(
                status: 200,
                headers: [("server", "AliyunOSS"), ("x-oss-request-id", requestID)],
                body: []
            )
        } catch {
            let text =
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>\(error.code)</Code>\n"
                + "  <Message>\(error.message)</Message>\n  <RequestId>\(requestID)</RequestId>\n</Error>\n"
            return EmulatorReply(
                status: error.status,
                headers: [
                    ("server", "AliyunOSS"), ("content-type", "application/xml"), ("x-oss-request-id", requestID),
                ],
                body: Array(text.utf8)
            )
        }
    }

    private func take(_ request: HTTPRequest) throws(Refused) -> UploadStore.Policy {
        guard request.headers.first(name: "Authorization") == nil else {
            throw Refused(
                status: 400,
                code: "InvalidArgument",
                message: "Only one auth mechanism allowed; the form is signed, so no Authorization may come with it."
            )
        }
        guard let form = FormData(request) else {
            throw Refused(
                status: 400,
                code: "MalformedPOSTRequest",
                message: "The body of your POST request is not well-formed multipart/form-data."
            )
        }
        // What stands behind the file is not read, so that the file must be the last.
        guard let file = form.parts.last, file.name == "file", form.parts.count(where: { $0.name == "file" }) == 1
        else {
            throw Refused(
                status: 400,
                code: "IncorrectNumberOfFilesInPOSTRequest",
                message: "POST requires exactly one file upload per request, and the file must be the last field."
            )
        }
        let policy = try checkPolicy(form)
        guard form["success_action_status"]?.text == "200" else {
            throw Refused(status: 400, code: "InvalidArgument", message: "success_action_status must be 200.")
        }
        guard let key = form["key"]?.text, key.hasPrefix(policy.folder + "/"), key.count > policy.folder.count + 1
        else {
            throw .denied("Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$key\"]")
        }
        for (name, value) in [("x-oss-object-acl", "private"), ("x-oss-forbid-overwrite", "true")]
        where form[name]?.text != value {
            throw .denied("Invalid according to Policy: Policy Condition failed: [\"eq\", \"$\(name)\", \"\(value)\"]")
        }
        if file.content.readableBytes > policy.maximumMegabytes << 20 {
            throw Refused(
                status: 400,
                code: "EntityTooLarge",
                message: "Your proposed upload exceeds the maximum allowed size."
            )
        }
        if policy.fault == .fails {
            throw Refused(
                status: 500,
                code: "InternalError",
                message: "We encountered an internal error. Please try again."
            )
        }
        let type = form["x-oss-content-type"]?.text ?? file.contentType
        guard store.add(file.content, key: key, type: type, policy: policy) else {
            throw Refused(
                status: 409,
                code: "FileAlreadyExists",
                message: "The object you specified already exists and can not be overwritten."
            )
        }
        return policy
    }

    private func checkPolicy(_ form: FormData) throws(Refused) -> UploadStore.Policy {
        guard form["OSSAccessKeyId"]?.text == UploadStore.accessKey else {
            throw Refused(
                status: 403,
                code: "InvalidAccessKeyId",
                message: "The OSS Access Key Id you provided does not exist in our records."
            )
        }
        guard let signature = form["Signature"]?.text, let policy = store.policy(signature: signature),
            form["policy"]?.text == policy.document
        else {
            throw Refused(
                status: 403,
                code: "SignatureDoesNotMatch",
                message: "The request signature we calculated does not match the signature you provided."
            )
        }
        guard policy.expiry > Date() else { throw .denied("Invalid according to Policy: Policy expired.") }
        return policy
    }
}

extension ObjectUpload.Refused {
    static func denied(_ message: String) -> ObjectUpload.Refused {
        ObjectUpload.Refused(status: 403, code: "AccessDenied", message: message)
    }
}
