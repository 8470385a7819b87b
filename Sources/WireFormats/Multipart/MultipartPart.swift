/// The head of one part of a form.
package struct MultipartPart: Equatable, Sendable {
    /// The name of the form's field.
    package var name: String
    /// The file's name as the client gave it; nil where the part is no file.
    package var filename: String?
    /// The `Content-Type` of the part, without its parameters, in lower case.
    package var contentType: String?

    package init(name: String, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }

    /// The last component of the file's name with letters that no storage and no header misunderstands, at most 128
    /// bytes long; `file` where nothing is left of it.
    package var safeFilename: String {
        var name = String(
            String.UnicodeScalarView(
                lastComponent.unicodeScalars.map { scalar in
                    let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    return isPlain || "._- ()".unicodeScalars.contains(scalar) ? scalar : "_"
                }
            )
        )
        while name.hasPrefix(".") { name.removeFirst() }
        // The end says what kind of file it is.
        while name.utf8.count > 128 { name.removeFirst() }
        return name.isEmpty ? "file" : name
    }

    /// The file's name without the folders that some clients put in front of it.
    private var lastComponent: Substring {
        (filename ?? "").split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    }

    /// The last component of the file's name as the head of a part may hold it: quotes and line breaks are
    /// percent-encoded, as browsers do.
    package var quotedFilename: String {
        var name = ""
        for scalar in lastComponent.unicodeScalars {
            switch scalar {
            case "\"": name += "%22"
            case "\r": name += "%0D"
            case "\n": name += "%0A"
            default: if scalar.value >= 0x20, scalar.value != 0x7F { name.unicodeScalars.append(scalar) }
            }
        }
        return name
    }
}
