package import NIOCore

/// What a file is by its first bytes, whatever its name and its sender call it.
package enum MediaSignature: Equatable, Sendable {
    /// One of a kind, by its media type.
    case media(FilePlacement.Kind, type: String)
    /// A container of films, which may hold nothing but sound: the second half of its media types.
    case container(String)
    /// Plainly no media, in words.
    case other(String)
    /// What most files of text are, and some of sound.
    case unknown

    /// So many bytes are looked at.
    package static let length = 64

    package init(_ bytes: some Collection<UInt8>) { self = Self.find(Array(bytes.prefix(Self.length))) }

    package init(_ buffer: ByteBuffer) { self.init(buffer.readableBytesView) }

    /// The media type as a file of this kind; nil for a file of another, and for one that is not known.
    package func type(as kind: FilePlacement.Kind) -> String? {
        switch self {
        case .media(kind, let type): type
        case .container(let subtype) where kind != .image: "\(kind.native)/\(subtype)"
        case .media, .container, .other, .unknown: nil
        }
    }

    /// What it is in words, where it is plainly of another kind.
    package func contradiction(to kind: FilePlacement.Kind) -> String? {
        switch self {
        case .unknown: nil
        case .other(let words): words
        case .media(let own, let type): own == kind ? nil : type
        case .container(let subtype): kind == .image ? "video/\(subtype)" : nil
        }
    }

    /// Whether a `Content-Type` is that of a page or a document of words, such as servers send in the place of a file.
    package static func isPage(_ contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
        return ["text/html", "text/xml", "application/xml", "application/xhtml+xml", "application/json"].contains(type)
    }

    // MARK: - Signatures

    private static func find(_ bytes: [UInt8]) -> MediaSignature {
        func starts(_ text: StaticString, at place: Int = 0) -> Bool { has(bytes, text, at: place) }
        if starts("RIFF") || starts("RF64") {
            if starts("WAVE", at: 8) { return .media(.audio, type: "audio/wav") }
            if starts("WEBP", at: 8) { return .media(.image, type: "image/webp") }
            return starts("AVI ", at: 8) ? .container("x-msvideo") : .unknown
        }
        if starts("ftyp", at: 4) { return isoFile(bytes) }
        return picture(bytes) ?? sound(bytes) ?? film(bytes) ?? other(bytes) ?? .unknown
    }

    private static func picture(_ bytes: [UInt8]) -> MediaSignature? {
        let type: String
        if has(bytes, [0x89, 0x50, 0x4E, 0x47]) {
            type = "png"
        } else if has(bytes, [0xFF, 0xD8, 0xFF]) {
            type = "jpeg"
        } else if has(bytes, "GIF8") {
            type = "gif"
        } else if has(bytes, [0x49, 0x49, 0x2A, 0]) || has(bytes, [0x4D, 0x4D, 0, 0x2A]) {
            type = "tiff"
        } else if has(bytes, "BM"), bytes.count > 18, bytes[6..<10].allSatisfy({ $0 == 0 }),
            [12, 16, 40, 52, 56, 64, 108, 124].contains(bytes[14]), bytes[15..<18].allSatisfy({ $0 == 0 })
        {
            type = "bmp"
        } else {
            return nil
        }
        return .media(.image, type: "image/\(type)")
    }

    private static func sound(_ bytes: [UInt8]) -> MediaSignature? {
        let type: String
        if has(bytes, "ID3") {
            type = "mpeg"
        } else if has(bytes, "fLaC") {
            type = "flac"
        } else if has(bytes, "#!AMR") {
            type = "amr"
        } else if has(bytes, "ADIF") {
            type = "aac"
        } else if bytes.count > 2, bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0 {
            type = "aac"
        } else if bytes.count > 2, bytes[0] == 0xFF, bytes[1] & 0xE0 == 0xE0, isFrame(bytes[1], bytes[2]) {
            type = "mpeg"
        } else {
            // Films are in such a file, too.
            return has(bytes, "OggS") ? .container("ogg") : nil
        }
        return .media(.audio, type: "audio/\(type)")
    }

    /// Whether the head of a frame is one of MPEG's second or third layer.
    private static func isFrame(_ second: UInt8, _ third: UInt8) -> Bool {
        let (version, layer) = (second >> 3 & 3, second >> 1 & 3)
        return version != 1 && (layer == 1 || layer == 2) && third >> 4 != 15 && third >> 2 & 3 != 3
    }

    private static func film(_ bytes: [UInt8]) -> MediaSignature? {
        if has(bytes, [0x1A, 0x45, 0xDF, 0xA3]) {
            let webm = Array("webm".utf8)
            return .container(bytes.firstRange(of: webm) != nil ? "webm" : "x-matroska")
        }
        if has(bytes, [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) { return .container("x-ms-wmv") }
        if has(bytes, [0x46, 0x4C, 0x56, 1]) { return .container("x-flv") }
        return has(bytes, [0, 0, 1, 0xBA]) || has(bytes, [0, 0, 1, 0xB3]) ? .container("mpeg") : nil
    }

    /// MP4 and its relatives, by their brand.
    private static func isoFile(_ bytes: [UInt8]) -> MediaSignature {
        let end = min(bytes.count, bytes[..<4].reduce(0) { $0 << 8 | Int($1) })
        var brands = [String(decoding: bytes.dropFirst(8).prefix(4), as: UTF8.self)]
        switch brands[0] {
        case "M4A ", "M4B ", "M4P ": return .media(.audio, type: "audio/mp4")
        case "qt  ": return .container("quicktime")
        default: break
        }
        // The brands that it is compatible with stand behind the version.
        for place in stride(from: 16, to: max(16, end - 3), by: 4) {
            brands.append(String(decoding: bytes[place..<place + 4], as: UTF8.self))
        }
        if brands.contains(where: ["avif", "avis"].contains) { return .media(.image, type: "image/avif") }
        let pictures = ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "mif2", "msf1", "miaf"]
        return brands.contains(where: pictures.contains) ? .media(.image, type: "image/heic") : .container("mp4")
    }

    /// Pages and documents, as senders take them for media by mistake.
    private static func other(_ bytes: [UInt8]) -> MediaSignature? {
        if has(bytes, "%PDF-") { return .other("a PDF document") }
        if has(bytes, [0x50, 0x4B, 3, 4]) { return .other("a ZIP archive") }
        if has(bytes, [0x1F, 0x8B, 8]) { return .other("a gzip archive") }
        if has(bytes, [0x7F, 0x45, 0x4C, 0x46]) { return .other("a program") }
        // Samples of sound may begin as a text does; they do not go on as one.
        guard bytes.allSatisfy({ $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }) else { return nil }
        let mark = has(bytes, [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let text = bytes.dropFirst(mark).drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let first = text.first, text.count > 1 else { return nil }
        let second = text[text.startIndex + 1]
        if first == UInt8(ascii: "<"), second == UInt8(ascii: "!") || second == UInt8(ascii: "?") || isLetter(second) {
            let isPage = String(decoding: text.prefix(14), as: UTF8.self).lowercased()
            return .other(
                isPage.hasPrefix("<!doctype html") || isPage.hasPrefix("<html") ? "an HTML page" : "an XML document"
            )
        }
        let opens = [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(first)
        let rest = text.dropFirst().drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let quote = rest.first.map { [UInt8(ascii: "\""), UInt8(ascii: "{")].contains($0) }
        return opens && quote == true ? .other("JSON") : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private static func has(_ bytes: [UInt8], _ text: StaticString, at place: Int = 0) -> Bool {
        bytes.count >= place + text.utf8CodeUnitCount
            && text.withUTF8Buffer { bytes[place..<place + $0.count].elementsEqual($0) }
    }

    private static func has(_ bytes: [UInt8], _ start: [UInt8]) -> Bool { bytes.starts(with: start) }
}
