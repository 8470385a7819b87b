import ByteWriting
package import JSONBytes
package import NIOCore

/// Translates requests for rerank, in the form that Cohere and Jina share, into one native call.
package final class RerankTranslator: SplitTranslating {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    package var operationName: String { "rerank" }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest {
        try RequestBody.split(body, tape: tape, options: options, strict: strict, RerankFields.all) {
            (fields, adjustments) throws(APIError) -> SplitRequest in
            let model = try RequestedModel.resolve(
                fields["model"],
                serving: .rerank,
                in: catalog,
                endpoint: "v1/rerank"
            )
            var reader = RerankReader(fields: fields, model: model)
            reader.adjustments.add(adjustments)
            return try reader.read()
        }
    }
}

/// Reads one request for rerank and writes its call.
private struct RerankReader {
    let fields: RequestFields
    let model: ResolvedModel
    var adjustments = AdjustmentList()

    init(fields: RequestFields, model: ResolvedModel) {
        self.fields = fields
        self.model = model
    }

    private var takesMedia: Bool {
        model.traits.takesMedia ?? (!model.isKnown && ModelName(model.upstreamName).holds("vl"))
    }

    mutating func read() throws(APIError) -> SplitRequest {
        adjustments.addRemovedPrefix(of: model)
        reportIgnored()
        var body = ByteBuffer()
        body.append("{\"model\":")
        body.writeJSON(model.upstreamName)
        body.append(",\"input\":{\"query\":")
        var resolvesOSS = false
        try write(try query(), at: "query", resolvesOSS: &resolvesOSS, into: &body)
        let documents = try documents()
        let keeps = fields["return_documents"]?.bool == true
        var kept: [ByteBuffer] = []
        body.append(",\"documents\":[")
        for (position, document) in documents.elements.enumerated() {
            if position > 0 { body.append(",") }
            try write(document, at: "documents[\(position)]", resolvesOSS: &resolvesOSS, into: &body)
            if keeps { kept.append(Self.shown(document)) }
        }
        body.append("]},\"parameters\":{")
        try writeParameters(into: &body)
        body.append("}}")
        let call = NativeCall(
            operation: .rerank,
            upstreamModel: model.upstreamName,
            body: body,
            resolvesOSS: resolvesOSS
        )
        let count = documents.elements.reduce(0) { count, _ in count + 1 }
        return SplitRequest(
            calls: [call],
            model: model.requestedName,
            adjustments: adjustments,
            reply: RerankReply(model: model.requestedName, count: count, documents: keeps ? kept : nil)
        )
    }

    private func query() throws(APIError) -> JSONValue {
        guard let query = fields["query"] else { throw .missing("query") }
        guard !query.isEmptyString else { throw .invalidValue("query", "it is empty.") }
        return query
    }

    private func documents() throws(APIError) -> JSONValue {
        guard let documents = fields["documents"] else { throw .missing("documents") }
        guard !documents.isEmptyContainer else {
            throw .invalidRequest(
                "Invalid 'documents': empty array. Expected at least one document.",
                param: "documents",
                code: "empty_array"
            )
        }
        if let most = model.traits.vectors?.maximumItems {
            let count = documents.elements.reduce(0) { count, _ in count + 1 }
            guard count <= most else {
                throw .invalidRequest(
                    "Invalid 'documents': array too long. `\(model.requestedName)` ranks at most \(most) documents, but got "
                        + "\(count).",
                    param: "documents",
                    code: "array_above_max_length"
                )
            }
        }
        return documents
    }

    /// Writes a query or a document: a text, or an object for models that see.
    private func write(
        _ value: JSONValue,
        at place: @autoclosure () -> String,
        resolvesOSS: inout Bool,
        into body: inout ByteBuffer
    ) throws(APIError) {
        if value.kind == .string { return body.writeJSON(value) }
        guard value.kind == .object else { throw .wrongType(place(), expected: "string or object", got: value) }
        let kind: FilePlacement.Kind = value.present("image") != nil ? .image : .video
        if let media = value.present("image") ?? value.present("video"), takesMedia {
            guard let content = media.escapedContent, !content.isEmpty else {
                throw .wrongType(place(), expected: "string", got: media)
            }
            let inline = try InlineMedia(content, kind, "\(place()).\(kind.native)")
            resolvesOSS = resolvesOSS || InlineMedia.isStored(content)
            body.append("{\"")
            body.append(kind.native)
            body.append("\":")
            if let inline { inline.write(media, into: &body) } else { body.writeJSON(media) }
            body.append("}")
            return
        }
        guard let text = value.present("text"), text.kind == .string else {
            throw .invalidValue(
                place(),
                takesMedia
                    ? "it has none of text, image and video." : "`\(model.requestedName)` reads text: it has no `text`."
            )
        }
        if takesMedia { body.append("{\"text\":") }
        body.writeJSON(text)
        if takesMedia { body.append("}") }
    }

    private mutating func writeParameters(into body: inout ByteBuffer) throws(APIError) {
        var isFirst = true
        func separate() {
            if !isFirst { body.append(",") }
            isFirst = false
        }
        if let number = fields["top_n"]?.integer {
            guard number > 0 else {
                throw .invalidRequest(
                    "Invalid 'top_n': integer below minimum value. Expected a value >= 1, but got \(number) instead.",
                    param: "top_n",
                    code: "integer_below_min_value"
                )
            }
            separate()
            body.append("\"top_n\":")
            body.writeJSON(number)
        }
        for name: StaticString in ["instruct", "fps"] {
            guard let value = fields[name] else { continue }
            separate()
            body.append("\"")
            body.append(name)
            body.append("\":")
            body.writeJSON(value)
        }
        for member in fields.unknown {
            separate()
            body.writeJSON(member.name)
            body.append(":")
            body.writeJSON(member.value)
        }
    }

    private mutating func reportIgnored() {
        for name: StaticString in ["rank_fields", "max_chunks_per_doc", "max_tokens_per_doc"] {
            guard let value = fields[name] else { continue }
            adjustments.add(
                "\(name)",
                from: GenerationWriter.short(value),
                to: "none",
                reason: "no counterpart upstream"
            )
        }
    }

    /// A document as a result shows it: an object, as it stands in the request or around the text.
    private static func shown(_ document: JSONValue) -> ByteBuffer {
        var bytes = ByteBuffer()
        if document.kind == .object {
            bytes.writeJSON(document)
        } else {
            bytes.append("{\"text\":")
            bytes.writeJSON(document)
            bytes.append("}")
        }
        return bytes
    }
}
