/// A file or a batch that a path names.
struct PlatformObject: Sendable, Equatable {
    enum Kind: Sendable {
        case file, batch
    }

    var kind: Kind
    var id: String

    static func file(_ id: String) -> PlatformObject { PlatformObject(kind: .file, id: id) }

    static func batch(_ id: String) -> PlatformObject { PlatformObject(kind: .batch, id: id) }

    /// Whether the id may stand in a path upstream; no other text is one of DashScope's.
    var hasValidID: Bool { Self.isID(id) }

    static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "._-".utf8.contains(byte)
                }
            }
    }

    /// The error for an object that is not there, in OpenAI's words.
    var missing: APIError {
        switch kind {
        case .file:
            APIError(
                status: 404,
                message: "No such File object: \(id.prefix(64))",
                type: "invalid_request_error",
                param: "id"
            )
        case .batch:
            APIError(
                status: 404,
                message: "No batch found with id '\(id.prefix(64))'.",
                type: "invalid_request_error"
            )
        }
    }

    /// The same for what upstream said of it.
    func missing(_ refusal: APIError) -> APIError {
        var error = missing
        error.origin = refusal.origin
        error.upstreamCode = refusal.upstreamCode
        error.requestID = refusal.requestID
        return error
    }

    /// Whether a refusal means that an object is not there: DashScope says so with status 400 and in words.
    static func isMissing(_ error: APIError) -> Bool {
        guard (400..<500).contains(error.status), ![401, 403, 413, 429].contains(error.status),
            error.code != "model_not_found", error.upstreamCode?.lowercased().contains("workspace") != true
        else { return false }
        let message = error.message.lowercased()
        return ["not found", "no such", "not exist", "doesn't exist"].contains { message.contains($0) }
    }
}
