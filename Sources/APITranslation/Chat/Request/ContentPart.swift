import JSONBytes

/// The kind of a content part, by its `type`; without one, by its members.
enum ContentPart {
    case text(JSONValue?)
    case media(MediaKind, JSONValue?)
    case file
    /// DashScope's own: links to documents for qwen-doc-turbo.
    case document
    /// An unknown type.
    case unknown
    /// Neither a type nor a member that tells.
    case untyped

    typealias MediaKind = FilePlacement.Kind

    /// The names under which a part may carry what it is; none of them is ever passed on beside another.
    private static let payloads: [StaticString] = [
        "text", "refusal", "image_url", "image", "input_audio", "audio", "video_url", "video", "file", "doc_url",
    ]

    init(_ part: JSONValue, _ path: ParameterPath) throws(APIError) {
        guard let type = part.present("type") else {
            self = Self.untyped(part)
            return
        }
        guard type.kind == .string else { throw .wrongType("\(path).type", expected: "string", got: type) }
        if type.equals("text") || type.equals("input_text") || type.equals("output_text") {
            self = .text(part.present("text"))
        } else if type.equals("image_url") || type.equals("image") {
            self = .media(.image, part.present("image_url") ?? part.present("image"))
        } else if type.equals("refusal") {
            self = .text(part.present("refusal"))
        } else if type.equals("input_audio") || type.equals("audio") {
            self = .media(.audio, part.present("input_audio") ?? part.present("audio"))
        } else if type.equals("video_url") || type.equals("video") {
            self = .media(.video, part.present("video_url") ?? part.present("video"))
        } else if type.equals("file") {
            self = .file
        } else if type.equals("doc_url") {
            self = .document
        } else {
            self = .unknown
        }
    }

    private static func untyped(_ part: JSONValue) -> ContentPart {
        if let text = part.present("text") ?? part.present("refusal") { return .text(text) }
        if let image = part.present("image_url") ?? part.present("image") { return .media(.image, image) }
        if let audio = part.present("input_audio") ?? part.present("audio") { return .media(.audio, audio) }
        if let video = part.present("video_url") ?? part.present("video") { return .media(.video, video) }
        if part.present("file") != nil { return .file }
        return part.present("doc_url") != nil ? .document : .untyped
    }

    /// Whether a member is what a part carries, and no sibling such as `cache_control` or `fps`.
    static func isPayload(_ name: JSONValue) -> Bool {
        for payload in payloads where name.equals(payload) { return true }
        return false
    }
}
