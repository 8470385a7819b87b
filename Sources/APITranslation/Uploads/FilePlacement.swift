/// Where the bytes of a file of a form go before the request is translated, and what may be sent.
///
/// A form endpoint asks when a file begins, with the texts that came before it, and again when the form has ended: a field
/// behind the file may have made a link necessary, and what was kept to stand inline is stored then.
package struct FilePlacement: Equatable, Sendable {
    package enum Place: Equatable, Sendable {
        /// Into the JSON as a data URL, up to so many bytes of the file; a larger one is stored, where it can be.
        case inline(maximumBytes: Int, otherwise: Storage?)
        /// Into DashScope's temporary storage; its `oss://` link stands in the JSON.
        case storage(Storage)
    }

    package struct Storage: Equatable, Sendable {
        /// The model that reads the file: DashScope follows a link only for the model it was stored for.
        package var model: String
        package var maximumBytes: Int
    }

    package enum Kind: Sendable {
        case audio, image, video

        /// The member of a native part.
        var native: StaticString {
            switch self {
            case .audio: "audio"
            case .image: "image"
            case .video: "video"
            }
        }

        /// A media type of the kind.
        var example: StaticString {
            switch self {
            case .audio: "audio/wav"
            case .image: "image/png"
            case .video: "video/mp4"
            }
        }
    }

    /// The base64 text of one file that DashScope takes: less than either reading of its 10 MB.
    package static let longestText = 10_000_000
    /// The bytes that become such a text, with room for the type in front of it.
    package static let longestInline = (longestText - 256) / 4 * 3
    /// The base64 of one item of a conversation, of which DashScope says: "max bytes per data-uri item : 10485760".
    package static let longestItem = 10_485_760
    /// What the files of one request may have together that stand in its body, where they are a third longer.
    static let longestTogether = 18_000_000

    /// The longest data URL of a file of so many bytes.
    static func text(of bytes: Int) -> Int { (bytes + 2) / 3 * 4 + 64 }

    /// What DashScope calls 2 GB, in the smaller reading.
    static let longestStored = 2_000_000_000

    package var field: String
    package var kind: Kind
    package var place: Place
    /// The most files under this name.
    package var maximumFiles: Int

    package init(field: String, kind: Kind, place: Place, maximumFiles: Int = 1) {
        self.field = field
        self.kind = kind
        self.place = place
        self.maximumFiles = maximumFiles
    }

    /// The type that stands in a data URL: what the form says, or what the name of the file or its first bytes say.
    ///
    /// - Throws: A 400 for a file of another kind.
    package func mediaType(
        fileName: String?,
        contentType: String?,
        signature: MediaSignature = .unknown
    ) throws(APIError) -> String {
        if let words = signature.contradiction(to: kind) { throw Self.wrongKind(field, kind, is: words) }
        // Pictures are exactly what they look like; a container says less than its name.
        if kind == .image, let type = signature.type(as: kind) { return type }
        let given = (contentType ?? "").prefix { $0 != ";" && $0 != " " }.lowercased()
        let ending = (fileName ?? "").split(separator: ".").last.map { $0.lowercased() } ?? ""
        let known = MediaTypes.all(kind)
        // Clients call what they do not know octets.
        let type = given.isEmpty || given == "application/octet-stream" ? known[ending] : given
        if let type = type ?? known[ending], let normal = MediaTypes.normal(type, kind) ?? known[ending] {
            return normal
        }
        guard let type = signature.type(as: kind) else { throw Self.wrongKind(field, kind) }
        return type
    }

    /// The name under which a file is stored: what reads it may go by the ending.
    package static func storedName(_ name: String, mediaType: String) -> String {
        guard let dot = name.lastIndex(of: "."),
            name[dot...].dropFirst().allSatisfy({ $0.isASCII && !$0.isWhitespace }),
            (2...6).contains(name[dot...].count)
        else { return "\(name).\(ending(of: mediaType))" }
        return name
    }

    /// The type of media as DashScope reads it, by what stands in a request; nil for one of another kind.
    static func mediaType(_ type: String, as kind: Kind) -> String? {
        let type = type.lowercased()
        if let slash = type.firstIndex(of: "/"), let known = MediaTypes.all(kind)[String(type[slash...].dropFirst())],
            MediaTypes.normal(type, kind) != nil
        {
            return known
        }
        return MediaTypes.normal(type, kind)
    }

    /// The ending of a file's name by its type.
    static func ending(of type: String) -> String { MediaTypes.ending(of: type) }

    /// A 400 for a file of another kind; `words` say what it plainly is.
    static func wrongKind(_ field: String, _ kind: Kind, is words: String? = nil) -> APIError {
        .invalidValue(
            field,
            "it must be \(MediaTypes.name(kind)): \(MediaTypes.all(kind).keys.sorted().joined(separator: ", "))."
                + (words.map { " It is \($0)." } ?? "")
        )
    }
}

/// The media types of the files that DashScope reads.
private enum MediaTypes {
    private static let audio: [String: String] = [
        "aac": "audio/aac", "amr": "audio/amr", "avi": "audio/x-msvideo", "flac": "audio/flac", "flv": "audio/x-flv",
        "m4a": "audio/mp4", "mkv": "audio/x-matroska", "mov": "audio/quicktime", "mp3": "audio/mpeg",
        "mp4": "audio/mp4",
        "mpeg": "audio/mpeg", "mpga": "audio/mpeg", "ogg": "audio/ogg", "opus": "audio/opus", "wav": "audio/wav",
        "webm": "audio/webm", "wma": "audio/x-ms-wma", "wmv": "audio/x-ms-wmv",
    ]
    private static let image: [String: String] = [
        "bmp": "image/bmp", "gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg", "png": "image/png",
        "tif": "image/tiff", "tiff": "image/tiff", "webp": "image/webp",
    ]

    private static let video: [String: String] = [
        "avi": "video/x-msvideo", "mkv": "video/x-matroska", "mov": "video/quicktime", "mp4": "video/mp4",
        "webm": "video/webm",
    ]

    static func all(_ kind: FilePlacement.Kind) -> [String: String] {
        switch kind {
        case .audio: audio
        case .image: image
        case .video: video
        }
    }

    static func name(_ kind: FilePlacement.Kind) -> String {
        switch kind {
        case .audio: "a sound"
        case .image: "an image"
        case .video: "a video"
        }
    }

    static func ending(of type: String) -> String {
        let subtype = String(type.split(separator: "/").last ?? "")
        for kind in [FilePlacement.Kind.image, .audio, .video] where type.hasPrefix("\(kind.native)/") {
            let endings = all(kind).filter { $0.value == type }.keys
            if let ending = endings.min(by: { ($0.count, $0) < ($1.count, $1) }) { return ending }
        }
        let letters = subtype.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return letters.isEmpty ? "bin" : String(letters.prefix(16))
    }

    /// A type as DashScope reads it: sound in a container for films is sound; nil for other kinds.
    static func normal(_ type: String, _ kind: FilePlacement.Kind) -> String? {
        switch kind {
        case .image: return type.hasPrefix("image/") ? type == "image/jpg" ? "image/jpeg" : type : nil
        case .video: return type.hasPrefix("video/") ? type : nil
        case .audio:
            if type == "application/ogg" { return "audio/ogg" }
            if type == "audio/x-wav" || type == "audio/wave" || type == "audio/vnd.wave" { return "audio/wav" }
            if type.hasPrefix("audio/") { return type }
            return type.hasPrefix("video/") ? "audio/" + type.dropFirst(6) : nil
        }
    }
}

/// Translates the requests of an endpoint whose requests come as forms with files, too.
package protocol FormTranslating: SplitTranslating {
    /// Where a file goes that stands under a field of the form.
    ///
    /// Names are without `[]`; `texts` are those of the form that are known, `model` among them. Throws a 400 for a model that
    /// is not served here, and for a field that takes no file.
    func placement(of field: String, texts: [String: String]) throws(APIError) -> FilePlacement

    /// Whether a field may hold a list or an object, so that a form may have it as JSON; the name is without `[]`.
    func mayBeJSON(_ field: String) -> Bool
}

extension [RequestField] {
    /// Whether a field of this name is a list or an object; `extra_body` is one everywhere.
    func hasContainer(_ name: String) -> Bool {
        name == "extra_body" || contains { ($0.expects == .array || $0.expects == .object) && "\($0.name)" == name }
    }
}
