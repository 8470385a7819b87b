import APITranslation
import JSONBytes
import NIOCore

/// Requests about uploads are taken or refused, and what an upload answers is JSON.
enum UploadTarget {
    static func request(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        let options = TranslationOptions()
        do throws(APIError) {
            let wanted = try UploadCompletionRequest(bytes, tape: tape, options: options, maximumParts: 100)
            guard Set(wanted.partIDs).count == wanted.partIDs.count, (1...100).contains(wanted.partIDs.count) else {
                return "parts are named twice, or none, or too many"
            }
            if let md5 = wanted.md5, md5.count != 16 { return "a checksum of \(md5.count) bytes" }
        } catch {
            guard error.status == 400 else { return "a refusal with \(error.status)" }
        }
        do throws(APIError) {
            let request = try UploadRequest(bytes, tape: tape, options: options, strict: false)
            guard (1...FilePurpose.largestFile).contains(request.bytes) else { return "\(request.bytes) bytes" }
            var output = ByteBuffer()
            UploadObject(request, id: "upload_1", created: 1, lifetime: 1).write(.pending, into: &output)
            let isJSON = output.withUnsafeReadableBytes { (try? tape.parse($0)) != nil }
            return isJSON ? nil : "the answer is no JSON"
        } catch {
            return [400, 413].contains(error.status) ? nil : "a refusal with \(error.status)"
        }
    }
}
