import HTTPServing
import NIOCore
import NIOHTTP1

/// The compatible files interface: `/compatible-mode/v1/files`.
struct FileEndpoints {
    static let path = "/compatible-mode/v1/files"

    private static let megabyte = 1 << 20
    private static let pictures: Set<String> = ["bmp", "png", "jpg", "jpeg", "gif"]
    /// The list of the documentation is open; what it could never mean is refused.
    private static let refused: Set<String> = [
        "exe", "dll", "so", "bin", "zip", "rar", "7z", "gz", "tar", "mp3", "wav", "mp4", "mov", "avi",
    ]

    let files: FileStore

    func reply(to request: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        let place = request.path.dropFirst(Self.path.count).split(separator: "/").map(String.init)
        if request.method == "GET", place.count == 2, place[1] == "content" {
            return content(of: place[0], request, requestID: requestID)
        }
        return .compatible(requestID: requestID) { () throws(CompatibleRefusal) in
            let owner = try CompatibleRefusal.checkKey(request)
            for name in place { try CompatibleRefusal.checkFault(name) }
            switch (request.method, place.count) {
            case ("POST", 0): return try upload(request, owner: owner)
            case ("GET", 0): return try list(QueryItems(request), owner: owner)
            case ("GET", 1): return try file(place[0], owner: owner).document
            case ("DELETE", 1):
                guard files.delete(place[0], owner: owner) else { throw .noFile }
                return ["id": .string(place[0]), "object": "file", "deleted": true]
            default: throw .unknownPath
            }
        }
    }

    private func file(_ id: String, owner: String) throws(CompatibleRefusal) -> StoredFile {
        guard let file = files.file(id, owner: owner) else { throw .noFile }
        return file
    }

    // MARK: Upload

    private func upload(_ request: HTTPRequest, owner: String) throws(CompatibleRefusal) -> JSON {
        guard let form = FormData(request) else {
            throw .invalid("Required body invalid, please check the request body format.")
        }
        guard let file = form["file"], let name = file.filename, !name.isEmpty else {
            throw .invalid("'file' is a required property", parameter: "file")
        }
        try CompatibleRefusal.checkFault(name)
        guard let text = form["purpose"]?.text, let purpose = StoredFile.Purpose(rawValue: text),
            purpose != .batchOutput
        else { throw .invalid("'purpose' must be 'file-extract'", parameter: "purpose") }
        try check(file, name: name, purpose: purpose)
        guard let stored = files.add(file.content, name: name, purpose: purpose, owner: owner) else {
            throw .invalid("The number or the size of your files exceeds the limit.")
        }
        var document = stored.document
        document["status_details"] = .null
        return document
    }

    private func check(_ file: FormData.Part, name: String, purpose: StoredFile.Purpose) throws(CompatibleRefusal) {
        let suffix = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
        var megabytes = 500
        if purpose == .extraction {
            if Self.refused.contains(suffix) {
                throw .invalid("Input file format is not supported.", parameter: "file")
            }
            megabytes = Self.pictures.contains(suffix) ? 20 : 150
        } else if suffix != "jsonl" {
            throw .invalid("The file of a batch must have the extension 'jsonl'.", parameter: "file")
        }
        if file.content.readableBytes > megabytes * Self.megabyte {
            throw .invalid("Payload Too Large.", parameter: "file", code: "BadRequest.TooLarge")
        }
    }

    // MARK: Pages

    private func list(_ query: QueryItems, owner: String) throws(CompatibleRefusal) -> JSON {
        let limit = try query.number("limit", in: 1...2_000) ?? 2_000
        guard var found = files.files(of: owner, after: query["after"]) else { throw .noFile }
        if let purposes = query.list("purpose") { found = found.filter { purposes.contains($0.purpose.rawValue) } }
        let times = try query.times()
        found = found.filter { times.contains($0.created) }
        return [
            "object": "list", "data": .array(found.prefix(limit).map(\.document)),
            "has_more": .bool(found.count > limit),
        ]
    }

    // MARK: Content

    /// A file's bytes, as recorded without `Content-Type`; only what a batch wrote can be had.
    private func content(of id: String, _ request: HTTPRequest, requestID: String) -> EmulatorReply {
        var bytes = ByteBuffer()
        let reply = EmulatorReply.compatible(requestID: requestID) { () throws(CompatibleRefusal) in
            let owner = try CompatibleRefusal.checkKey(request)
            try CompatibleRefusal.checkFault(id)
            let file = try file(id, owner: owner)
            guard file.purpose == .batchOutput, let content = file.content else {
                throw .invalid("The content of a file with this purpose cannot be downloaded.")
            }
            bytes = content
            return [:]
        }
        guard reply.status == 200 else { return reply }
        return EmulatorReply(
            status: 200,
            headers: EmulatorReply.compatibleHeaders(requestID, type: nil),
            isChunked: true,
            steps: [.bytes(Array(bytes.readableBytesView))]
        )
    }
}

extension CompatibleRefusal {
    static let noFile = CompatibleRefusal.invalid("File not found.")
}

extension QueryItems {
    func number(_ name: String, in range: ClosedRange<Int>) throws(CompatibleRefusal) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid(
                "'\(name)' must be an integer between \(range.lowerBound) and \(range.upperBound)",
                parameter: name
            )
        }
        return number
    }

    /// The seconds that `create_after` and `create_before` leave.
    func times() throws(CompatibleRefusal) -> ClosedRange<Int> {
        var bounds = [0, Int(UInt32.max)]
        for (index, name) in ["create_after", "create_before"].enumerated() {
            guard let text = self[name] else { continue }
            guard let seconds = BeijingTime.seconds(of: text) else {
                throw .invalid("'\(name)' must have the form yyyyMMddHHmmss", parameter: name)
            }
            bounds[index] = seconds
        }
        return bounds[0]...max(bounds[0], bounds[1])
    }
}
