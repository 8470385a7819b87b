import ByteWriting
import JSONBytes
import NIOCore

/// An image, a video or a sound of the request, in its place.
struct VideoFile {
    /// The native name of the place.
    var place: String
    /// The address as JSON.
    var link: ByteBuffer
}

extension VideosReader {
    mutating func readFiles() throws(APIError) {
        try readMedia()
        if let source = turn.source {
            var link = ByteBuffer()
            link.writeJSON(source.link)
            files.append(VideoFile(place: traits?.remix ?? "reference_video", link: link))
        }
        for role in VideoRole.allCases {
            for name in role.fields {
                guard let value = fields[name] else { continue }
                try add(value, as: role, named: "\(name)")
            }
        }
        try checkCounts()
    }

    private mutating func add(_ value: JSONValue, as role: VideoRole, named name: String) throws(APIError) {
        var links: [ByteBuffer] = []
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
            files.append(VideoFile(place: place, link: link))
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
        var references = 0
        for place in places {
            let count =
                files.reduce(0) { $1.place == place.name ? $0 + 1 : $0 }
                + media.reduce(0) { $1["type"]?.string == place.name ? $0 + 1 : $0 }
            if place.name.hasPrefix("reference") { references += count }
            guard count <= place.most else { throw tooMany(place.name, count, most: place.most) }
        }
        if let most = traits.references, references > most { throw tooMany("reference_image", references, most: most) }
    }

    private func tooMany(_ place: String, _ count: Int, most: Int) -> APIError {
        .invalidRequest(
            "Invalid '\(VideoRole.field(ofPlace: place))': array too long. `\(model.requestedName)` takes at most \(most) as "
                + "`\(place)`, but got \(count).",
            param: VideoRole.field(ofPlace: place),
            code: "array_above_max_length"
        )
    }

    // MARK: - Links

    /// The address of a file, which may stand in an object as chat has it.
    private mutating func link(_ value: JSONValue, _ role: VideoRole, at place: String) throws(APIError) -> ByteBuffer {
        var link = value
        if link.kind == .object {
            if link.present("file_id") != nil, link.present("image_url") == nil {
                throw .invalidValue(
                    place,
                    "files that were uploaded cannot be used here; send a URL, a data URL or an oss:// link."
                )
            }
            link = link.present("image_url") ?? link.present("video_url") ?? link.present("url") ?? link
        }
        if link.kind == .object { link = link.present("url") ?? link }
        guard link.kind == .string else { throw .wrongType(place, expected: "string", got: value) }
        guard let text = link.escapedContent, !text.isEmpty else { throw .invalidValue(place, "it is empty.") }
        var output = ByteBuffer()
        if ["https:", "http:", "oss:"].contains(where: { text.starts(with: $0.utf8) }) {
            noteOSS(link)
        } else if role.mayBeInline {
            if !text.starts(with: "data:".utf8) {
                guard let type = Self.imageType(text) else {
                    throw .invalidValue(place, "it must be a URL (https, http, oss) or a data URL.")
                }
                output.append("\"data:")
                output.append(text: type)
                output.append(";base64,")
                output.append(bytes: text)
                output.append("\"")
                return output
            }
        } else {
            throw .invalidValue(
                place,
                "it must be a URL (https, http, oss); only images may stand in the request itself."
            )
        }
        output.writeJSON(link)
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
        for (position, element) in list.elements.enumerated() {
            let place = "media[\(position)]"
            guard element.kind == .object else { throw .wrongType(place, expected: "object", got: element) }
            guard let type = element["type"], type.kind == .string else { throw .missing("\(place).type") }
            guard let url = element["url"], url.kind == .string else { throw .missing("\(place).url") }
            if traits == nil || traits?.media != nil {
                noteOSS(url)
                media.append(element)
                continue
            }
            guard let role = VideoRole(media: type.string ?? ""), let native = role.place(of: traits, named: "") else {
                throw .invalidValue("\(place).type", "`\(model.requestedName)` takes none of this type.")
            }
            files.append(VideoFile(place: native.name, link: try link(url, role, at: "\(place).url")))
        }
    }

    // MARK: - Writing

    mutating func writeFiles() {
        let members = files.filter { file in traits?.members.contains { $0.name == file.place } == true }
        let elements = files.filter { file in traits?.members.contains { $0.name == file.place } != true }
        if !elements.isEmpty || !media.isEmpty {
            member("media")
            input.append("[")
            for (position, element) in media.enumerated() {
                if position > 0 { input.append(",") }
                input.writeJSON(element)
            }
            for (position, file) in elements.enumerated() {
                if position > 0 || !media.isEmpty { input.append(",") }
                input.append("{\"type\":")
                input.writeJSON(file.place)
                input.append(",\"url\":")
                input.writeImmutableBuffer(file.link)
                input.append("}")
            }
            input.append("]")
        }
        for place in traits?.members ?? [] {
            let own = members.filter { $0.place == place.name }
            guard let first = own.first else { continue }
            member(place.name)
            guard ["reference_urls", "ref_images_url"].contains(place.name) else {
                input.writeImmutableBuffer(first.link)
                continue
            }
            input.append("[")
            for (position, file) in own.enumerated() {
                if position > 0 { input.append(",") }
                input.writeImmutableBuffer(file.link)
            }
            input.append("]")
        }
    }
}
