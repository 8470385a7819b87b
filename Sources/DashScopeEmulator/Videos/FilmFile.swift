import HTTPServing
import NIOHTTP1

/// The films behind the links of answers: MP4 files of one still picture, another for each name.
enum FilmFile {
    private static let folder = PictureFile.folder
    /// A prompt with these words and a number asks for a file of so many mebibytes.
    private static let large = "emulator-film-"
    private static let mostMebibytes = 64

    /// A link for the film of an order, good for a day.
    static func link(_ order: VideoOrder, host: String, salt: String, fault: TaskFault?) -> String {
        var name = String(UInt64(stableHashOf: Array((order.prompt + salt).utf8)), radix: 16)
        name += "-\(order.seconds)"
        if let range = order.prompt.firstRange(of: large) {
            let digits = order.prompt[range.upperBound...].prefix { $0.isNumber }
            name += "-\(min(Int(digits) ?? 1, mostMebibytes))"
        }
        var host = host
        if fault == .linkElsewhere { host = "files.example.com" }
        if fault == .linkMissing { name = "missing" }
        if fault == .linkRedirects { name = "redirect-\(name)" }
        return "http://\(host)\(folder)\(name).mp4?Expires=4102444800&Signature=abc%3D"
    }

    /// What a link is answered with: the file, or the part of it that `Range` names; no key may come with it.
    static func reply(to request: HTTPRequest) -> EmulatorReply {
        guard request.headers.first(name: "Authorization") == nil else { return .storage(400, "InvalidArgument") }
        guard request.target.contains("Expires=") else { return .storage(403, "AccessDenied") }
        guard request.method == "GET" else { return .storage(405, "MethodNotAllowed") }
        let name = String(request.path.dropFirst(folder.count).dropLast(4))
        if name.hasPrefix("redirect-") {
            let location = folder + name.dropFirst(9) + ".mp4?Expires=4102444800&Signature=abc%3D"
            return EmulatorReply(status: 302, headers: [("location", location)], body: [])
        }
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let number = UInt64(parts[0], radix: 16), let seconds = Int(parts[1])
        else {
            return .storage(404, "NoSuchKey")
        }
        let mebibytes = parts.count == 3 ? min(Int(parts[2]) ?? 0, mostMebibytes) : 0
        let file = Film(shade: UInt8(truncatingIfNeeded: number), seconds: seconds, padding: mebibytes << 20).bytes
        return part(of: file, request.headers.first(name: "Range"))
    }

    private static func part(of file: [UInt8], _ range: String?) -> EmulatorReply {
        let headers = [("content-type", "video/mp4"), ("accept-ranges", "bytes"), ("etag", "\"\(file.count)\"")]
        guard let range, range.hasPrefix("bytes="), !range.contains(",") else {
            return EmulatorReply(status: 200, headers: headers, body: file)
        }
        let ends = range.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return EmulatorReply(status: 200, headers: headers, body: file) }
        let first: Int
        var last = file.count - 1
        if ends[0].isEmpty {
            first = max(0, file.count - (Int(ends[1]) ?? 0))
        } else {
            first = Int(ends[0]) ?? 0
            if let end = Int(ends[1]) { last = min(last, end) }
        }
        guard first <= last else {
            return EmulatorReply(status: 416, headers: headers + [("content-range", "bytes */\(file.count)")], body: [])
        }
        return EmulatorReply(
            status: 206,
            headers: headers + [("content-range", "bytes \(first)-\(last)/\(file.count)")],
            body: Array(file[first...last])
        )
    }
}

extension EmulatorReply {
    /// A refusal of the storage of files.
    static func storage(_ status: Int, _ code: String) -> EmulatorReply {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>\(code)</Code></Error>"
        return EmulatorReply(status: status, headers: [("content-type", "application/xml")], body: Array(text.utf8))
    }
}
