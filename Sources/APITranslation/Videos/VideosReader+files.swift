import ByteWriting
import JSONBytes
import NIOCore

/// An image, a video or a sound of the request, in its place.
struct VideoFile {
    /// The native name of the place.
    var place: String
    /// The caller's name for it; nil for the video that is made anew.
    var field: String?
    var link: VideoLink
}

/// The address of a file.
struct VideoLink {
    /// Images up to this size stand in the call.
    static let longestInline = 4 << 20
    /// The largest image that models take.
    static let longestImage = 20 << 20
    /// The largest video.
    static let longestVideo = 100 << 20
    /// The largest sound.
    static let longestSound = 15 << 20

    /// As JSON; empty for a file that is stored first.
    var json = ByteBuffer()
    var upload: MediaUpload?

    init(json: ByteBuffer) { self.json = json }

    /// An address as it stands in the request, a data URL among them, which is stored where it is large.
    ///
    /// DashScope takes images inline, videos and sound behind links only.
    init(_ value: JSONValue, _ kind: FilePlacement.Kind, _ place: String) throws(APIError) {
        guard let content = value.escapedContent, let media = try InlineMedia(content, kind, place) else {
            json.writeJSON(value)
            return
        }
        let longest = kind == .image ? FilePlacement.text(of: Self.longestInline) : 0
        if MediaUpload.isNeeded(for: content, longest: longest) {
            upload = try MediaUpload(dataURL: value, media, kind, place, maximumBytes: Self.limit(of: kind))
        } else {
            media.write(value, into: &json)
        }
    }

    static func limit(of kind: FilePlacement.Kind) -> Int {
        switch kind {
        case .image: longestImage
        case .video: longestVideo
        case .audio: longestSound
        }
    }
}

/// An element of the caller's own `media`.
struct VideoElement {
    var type: String
    /// As JSON, whose `url` is a file that is stored first where there is an upload: its place is in here.
    var json = ByteBuffer()
    var upload: MediaUpload?

    init(_ element: JSONValue, type: String, url: JSONValue, at place: String) throws(APIError) {
        self.type = type
        let link = try VideoLink(url, .named(type), "\(place).url")
        json.append("{")
        for member in element.members {
            if json.readableBytes > 1 { json.append(",") }
            json.writeJSON(member.name)
            json.append(":")
            if member.name.equals("url") {
                upload = link.upload?.moved(by: json.writerIndex)
                json.writeImmutableBuffer(link.json)
            } else {
                json.writeJSON(member.value)
            }
        }
        json.append("}")
    }
}

extension FilePlacement.Kind {
    /// What stands at a place, by DashScope's name for it.
    static func named(_ place: String) -> FilePlacement.Kind {
        if place.contains("audio") { return .audio }
        return ["video", "clip", "base", "feature"].contains(where: place.contains) ? .video : .image
    }
}

extension VideosReader {
    mutating func readFiles() throws(APIError) {
        try readMedia()
        if let source = turn.source {
            var link = ByteBuffer()
            link.writeJSON(source.link)
            files.append(
                VideoFile(place: traits?.remix ?? "reference_video", field: nil, link: VideoLink(json: link))
            )
        }
        for role in VideoRole.allCases {
            let names = role.fields.filter { fields[$0] != nil }
            let isSaid = role.isOne && names.contains { !fields.isNested($0) }
            for name in names {
                guard let value = fields[name] else { continue }
                if isSaid, fields.isNested(name) {
                    leaveOut("metadata.\(name)", value, reason: "the request has it twice")
                    continue
                }
                try add(value, as: role, named: "\(name)")
            }
        }
        try checkCounts()
    }

    private mutating func add(_ value: JSONValue, as role: VideoRole, named name: String) throws(APIError) {
        var links: [VideoLink] = []
        if value.kind == .array {
            for (position, element) in value.elements.enumerated() {
                links.append(try link(element, role, at: "\(name)[\(position)]"))
            }
        } else {
            links.append(try link(value, role, at: name))
        }
        for (position, link) in links.enumerated() {
            guard let place = place(of: role, named: name, position) else {
                throw .invalidValue(name, "`\(model.requestedName)` takes none under this name.")
            }
            files.append(VideoFile(place: place, field: name, link: link))
        }
    }

    /// Several images are the first and the last frame where the model goes by none besides.
    private func place(of role: VideoRole, named name: String, _ position: Int) -> String? {
        if role == .first, let needed = firstNeeded(unless: name) { return needed }
        if let place = role.place(of: traits, named: name) { return place.name }
        guard role == .images, name == "images", position < 2 else { return nil }
        return (position == 0 ? VideoRole.first : .last).place(of: traits, named: name)?.name
    }

    /// An image that the model cannot do without is what is meant, unless its place is named; so is one beside references
    /// for a model that takes no frames with them.
    private func firstNeeded(unless name: String) -> String? {
        let isNamed = (traits?.media ?? traits?.members)?.contains { $0.name == name } == true
        guard !isNamed else { return nil }
        if traits?.needs.contains("reference_image|reference_video") == true { return "reference_image" }
        guard traits?.remix == "reference_video" else { return nil }
        let roles: [VideoRole] = [.images, .videos, .audio]
        let hasReferences = turn.source != nil || roles.contains { $0.fields.contains { fields[$0] != nil } }
        return hasReferences ? "reference_image" : nil
    }

    private func checkCounts() throws(APIError) {
        guard let traits else { return }
        var places = traits.media ?? []
        places += traits.members
        // The caller's names, in the order of the call.
        var given = media.map { (place: $0.type, field: "media") }
        given += files.map { (place: $0.place, field: $0.field ?? "video") }
        for place in places {
            try check(given.filter { $0.place == place.name }.map(\.field), place.name, most: place.most)
        }
        if let most = traits.references {
            let names = places.filter { $0.name.hasPrefix("reference") }.map(\.name)
            try check(given.filter { names.contains($0.place) }.map(\.field), "reference_image", most: most)
        }
    }

    private func check(_ fields: [String], _ place: String, most: Int) throws(APIError) {
        guard fields.count > most else { return }
        throw .invalidRequest(
            "Invalid '\(fields[most])': array too long. `\(model.requestedName)` takes at most \(most) as `\(place)`, but got "
                + "\(fields.count).",
            param: fields[most],
            code: "array_above_max_length"
        )
    }

    // MARK: - Links

    /// The address of a file, which may stand in an object as chat has it.
    private mutating func link(_ value: JSONValue, _ role: VideoRole, at place: String) throws(APIError) -> VideoLink {
        var (link, path) = (value, place)
        func open(_ name: StaticString) {
            guard link.kind == .object, let inner = link.present(name) else { return }
            adjustments.leaveOut(othersOf: link, besides: name, at: path)
            (link, path) = (inner, "\(path).\(name)")
        }
        if link.kind == .object {
            if link.present("file_id") != nil, link.present("image_url") == nil {
                throw .invalidValue(
                    place,
                    "files that were uploaded cannot be used here; send a URL, a data URL or an oss:// link."
                )
            }
            let name: StaticString? = ["image_url", "video_url"].first { link.present($0) != nil }
            if let name { open(name) }
            open("url")
        }
        guard link.kind == .string else { throw .wrongType(place, expected: "string", got: value) }
        guard let text = link.escapedContent, !text.isEmpty else { throw .invalidValue(path, "it is empty.") }
        guard role.mayBeInline, let type = Self.imageType(text) else {
            noteOSS(link)
            return try VideoLink(link, role.kind, path)
        }
        try InlineMedia.check(text, .image, path)
        var output = VideoLink(json: ByteBuffer())
        guard text.count <= FilePlacement.text(of: VideoLink.longestInline) else {
            output.upload = try MediaUpload(
                base64: link,
                .image,
                type: type,
                path,
                maximumBytes: VideoLink.longestImage
            )
            return output
        }
        output.json.append("\"data:")
        output.json.append(text: type)
        output.json.append(";base64,")
        InlineMedia.write(text, into: &output.json)
        output.json.append("\"")
        return output
    }

    /// The type of an image that is given as base64 alone, by its first bytes.
    private static func imageType(_ text: UnsafeRawBufferPointer) -> String? {
        let types = [
            ("iVBORw0KGgo", "image/png"), ("/9j/", "image/jpeg"), ("UklGR", "image/webp"), ("Qk", "image/bmp"),
        ]
        guard text.count >= 64, text.prefix(64).allSatisfy(isBase64) else { return nil }
        return types.first { text.starts(with: $0.0.utf8) }?.1
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: "=")
    }

    // MARK: - `media`

    /// The caller's own `media`: as it is, or taken apart for a model that has members of `input` instead.
    private mutating func readMedia() throws(APIError) {
        guard let list = fields["media"] else { return }
        guard list.kind == .array else { throw .wrongType("media", expected: "array", got: list) }
        for (position, element) in list.elements.enumerated() {
            let place = "media[\(position)]"
            guard element.kind == .object else { throw .wrongType(place, expected: "object", got: element) }
            let type = try text("type", of: element, at: place)
            let url = try text("url", of: element, at: place)
            if traits == nil || traits?.media != nil {
                try check(type, at: "\(place).type")
                noteOSS(url)
                media.append(try VideoElement(element, type: type.string ?? "", url: url, at: place))
                continue
            }
            guard let role = VideoRole(media: type.string ?? ""), let native = role.place(of: traits, named: "") else {
                throw .invalidValue("\(place).type", "`\(model.requestedName)` takes none of this type.")
            }
            files.append(VideoFile(place: native.name, field: "media", link: try link(url, role, at: "\(place).url")))
        }
    }

    /// A member that an element must have.
    private func text(_ name: StaticString, of element: JSONValue, at place: String) throws(APIError) -> JSONValue {
        guard let value = element.present(name) else { throw .missing("\(place).\(name)") }
        guard value.kind == .string else { throw .wrongType("\(place).\(name)", expected: "string", got: value) }
        return value
    }

    private func check(_ type: JSONValue, at place: String) throws(APIError) {
        guard let known = traits?.media, let name = type.string, !known.contains(where: { $0.name == name }) else {
            return
        }
        throw .invalidValue(
            place,
            "`\(model.requestedName)` takes \(known.map { "`\($0.name)`" }.joined(separator: ", "))."
        )
    }

    // MARK: - Writing

    mutating func write(_ link: VideoLink) {
        if let upload = link.upload { store(upload.moved(by: input.writerIndex)) }
        input.writeImmutableBuffer(link.json)
    }

    private mutating func store(_ upload: MediaUpload) {
        uploads.append(upload)
        resolvesOSS = true
    }

    mutating func writeFiles() {
        let members = files.filter { file in traits?.members.contains { $0.name == file.place } == true }
        let elements = files.filter { file in traits?.members.contains { $0.name == file.place } != true }
        if !elements.isEmpty || !media.isEmpty {
            member("media")
            input.append("[")
            for (position, element) in media.enumerated() {
                if position > 0 { input.append(",") }
                let start = input.writerIndex
                if let upload = element.upload { store(upload.moved(by: start)) }
                input.writeImmutableBuffer(element.json)
            }
            for (position, file) in elements.enumerated() {
                if position > 0 || !media.isEmpty { input.append(",") }
                input.append("{\"type\":")
                input.writeJSON(file.place)
                input.append(",\"url\":")
                write(file.link)
                input.append("}")
            }
            input.append("]")
        }
        for place in traits?.members ?? [] {
            let own = members.filter { $0.place == place.name }
            guard let first = own.first else { continue }
            member(place.name)
            guard ["reference_urls", "ref_images_url"].contains(place.name) else {
                write(first.link)
                continue
            }
            input.append("[")
            for (position, file) in own.enumerated() {
                if position > 0 { input.append(",") }
                write(file.link)
            }
            input.append("]")
        }
    }
}
