import ByteWriting
import JSONBytes

/// Documents that are uploaded files: qwen-long reads them by a system message that names them.
extension MessagesReader {
    func isFile(_ block: JSONValue) -> Bool {
        guard let source = block.present("source"), source.kind == .object else { return false }
        return source.present("type")?.equals("file") == true
    }

    /// Whether a document has words of its own beside the file.
    func hasTexts(_ block: JSONValue) -> Bool {
        let names: [StaticString] = ["title", "context"]
        return names.contains { block.present($0)?.isEmptyString == false }
    }

    /// Writes the message that names the files of these turns, in front of theirs.
    ///
    /// - Throws: A 400 that names the place, for a model that reads no files and for a file without an id.
    mutating func writeFileReferences(_ turns: ArraySlice<MessagesTurn>) throws(APIError) {
        var files: [String] = []
        for turn in turns where turn.role == .user {
            for (index, block) in turn.blocks.enumerated() {
                guard block.present("type")?.equals("document") == true, isFile(block) else { continue }
                let place = "messages.\(turn.index).content.\(index).source.file_id"
                guard let source = block.present("source"),
                    let id = try Self.optionalString(source, "file_id", place.dropLast(".file_id".count).description)
                else { throw .missing(place) }
                guard traits.readsFiles || isCounting else {
                    throw .messages(
                        place,
                        "the model `\(out.model.requestedName)` reads no uploaded files; use qwen-long, or send the text of "
                            + "the document"
                    )
                }
                files.append("fileid://\(id.string ?? "")")
            }
        }
        guard !files.isEmpty else { return }
        if !isFirstMessage { out.body.append(",") }
        isFirstMessage = false
        out.writeSystemMessage(files.joined(separator: ","))
    }

    /// Reports what is not known of a document that is a file and nothing else.
    mutating func reportUnknown(ofFile block: JSONValue, _ place: String) {
        reportUnknown(of: block, MessagesMembers.document, "messages[*].content[*]", at: place)
        guard let source = block.present("source") else { return }
        reportUnknown(of: source, MessagesMembers.source, "messages[*].content[*].source", at: "\(place).source")
    }
}
