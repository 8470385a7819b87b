import ByteWriting
import JSONBytes
import NIOCore

/// The events of a stream of images: one for each image, when it is there.
///
/// Source: OpenAI's `image_generation.completed` and `image_edit.completed`. DashScope has no parts of an image.
struct ImageEvents {
    let purpose: ImagesReader.Purpose
    let created: Int
    /// The client's `size`, for an image whose own size cannot be read.
    let size: String

    private var name: StaticString {
        switch purpose {
        case .generation: "image_generation.completed"
        case .edit: "image_edit.completed"
        }
    }

    /// Writes one event; `members` writes the image with a comma behind it.
    func write(
        _ facts: ImageFileFacts?,
        usage: ImagesUsage,
        into output: inout ByteBuffer,
        members: (inout ByteBuffer) -> Void
    ) {
        output.append("event: ")
        output.append(name)
        output.append("\ndata: {\"type\":\"")
        output.append(name)
        output.append("\",")
        members(&output)
        output.append("\"created_at\":")
        output.writeJSON(created)
        output.append(",\"size\":")
        output.writeJSON(facts?.size ?? size)
        output.append(",\"quality\":\"auto\",\"background\":\"auto\",\"output_format\":\"")
        output.append(facts?.format ?? "png")
        output.append("\",\"usage\":")
        usage.write(into: &output)
        output.append("}\n\n")
    }
}

/// What the first bytes of an image tell.
struct ImageFileFacts {
    /// OpenAI's word for the format.
    let format: StaticString
    /// `WIDTHxHEIGHT`, where the format has it at its beginning.
    let size: String?

    /// Reads the bytes of a file; nil where they are of no format that is known here.
    init?(_ file: ByteBuffer) {
        func starts(_ bytes: [UInt8], at offset: Int = 0) -> Bool {
            file.getBytes(at: file.readerIndex + offset, length: bytes.count) == bytes
        }
        if starts([0x89, 0x50, 0x4E, 0x47]) {
            format = "png"
            // The header chunk comes first.
            let width = file.getInteger(at: file.readerIndex + 16, as: UInt32.self)
            let height = file.getInteger(at: file.readerIndex + 20, as: UInt32.self)
            if let width, let height { size = "\(width)x\(height)" } else { size = nil }
        } else if starts([0xFF, 0xD8, 0xFF]) {
            format = "jpeg"
            size = nil
        } else if starts(Array("RIFF".utf8)), starts(Array("WEBP".utf8), at: 8) {
            format = "webp"
            size = nil
        } else {
            return nil
        }
    }
}
