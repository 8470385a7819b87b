package import NIOCore

/// The media type of a file whose sender did not tell it.
package enum MediaType {
    private static let byExtension: [String: String] = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
        "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff", "wav": "audio/wav", "mp3": "audio/mpeg",
        "mpga": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "flac": "audio/flac", "ogg": "audio/ogg",
        "oga": "audio/ogg", "opus": "audio/opus", "amr": "audio/amr", "wma": "audio/x-ms-wma", "mp4": "video/mp4",
        "mov": "video/quicktime", "mkv": "video/x-matroska", "avi": "video/x-msvideo", "webm": "video/webm",
        "mpeg": "video/mpeg", "pdf": "application/pdf", "txt": "text/plain", "jsonl": "application/jsonl",
    ]

    /// The type of a file: as it was told, else by its name, else by its first bytes.
    package static func of(_ part: MultipartPart, _ bytes: ByteBuffer) -> String {
        if let told = part.contentType, told != "application/octet-stream", isType(told) { return told }
        let name = part.safeFilename
        if let dot = name.lastIndex(of: "."), let type = byExtension[name[name.index(after: dot)...].lowercased()] {
            return type
        }
        return sniffed(bytes) ?? "application/octet-stream"
    }

    /// Whether a text can stand in a data URL and a header as a type.
    private static func isType(_ text: String) -> Bool {
        text.utf8.count <= 127 && text.utf8.filter { $0 == UInt8(ascii: "/") }.count == 1
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "/.+-_".utf8.contains(byte)
            }
    }

    private static func sniffed(_ bytes: ByteBuffer) -> String? {
        let start = Array(bytes.readableBytesView.prefix(12))
        func begins(_ text: String, at offset: Int = 0) -> Bool { start.dropFirst(offset).starts(with: text.utf8) }
        if start.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if begins("GIF8") { return "image/gif" }
        if begins("RIFF") { return begins("WAVE", at: 8) ? "audio/wav" : begins("WEBP", at: 8) ? "image/webp" : nil }
        if begins("ID3") || start.starts(with: [0xFF, 0xFB]) { return "audio/mpeg" }
        if begins("fLaC") { return "audio/flac" }
        if begins("OggS") { return "audio/ogg" }
        if begins("ftyp", at: 4) { return begins("M4A", at: 8) ? "audio/mp4" : "video/mp4" }
        if start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return "video/webm" }
        if begins("BM") { return "image/bmp" }
        return nil
    }
}
