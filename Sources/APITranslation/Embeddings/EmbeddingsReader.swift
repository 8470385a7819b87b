import ByteWriting
import JSONBytes
import NIOCore

/// Reads one request for embeddings and writes its calls.
struct EmbeddingsReader {
    /// One text or content, as it stands in the native call.
    struct Item {
        var text = ByteBuffer()
        var resolvesOSS = false
        /// What is stored first; the places are in ``text``.
        var uploads: [MediaUpload] = []

        /// More tokens than it probably has: a token is seldom less than three bytes.
        var estimatedTokens: Int { text.readableBytes / 3 + 1 }
    }

    /// A call of a model whose limit is unknown has no more texts than this: the smallest of the known limits.
    private static let cautiousItems = 10

    let fields: RequestFields
    let model: ResolvedModel
    let options: TranslationOptions
    var adjustments = AdjustmentList()
    private var items: [Item] = []

    init(fields: RequestFields, model: ResolvedModel, options: TranslationOptions) {
        self.fields = fields
        self.model = model
        self.options = options
    }

    private var traits: VectorTraits? { model.traits.vectors }

    private var operation: DashScopeOperation {
        guard !model.isKnown else { return model.traits.operation }
        let name = ModelName(model.upstreamName)
        let seesMedia = name.holds("vl") || name.holds("vision") || name.holds("multimodal")
        return seesMedia ? .multimodalEmbedding : .textEmbedding
    }

    var isMultimodal: Bool { operation == .multimodalEmbedding }

    private var fuses: Bool { traits?.fuses == true || fields["enable_fusion"]?.bool == true }

    mutating func read() throws(APIError) -> SplitRequest {
        if traits?.isBatchOnly == true {
            throw .invalidRequest(
                "`\(model.requestedName)` reads files of texts in batches and answers no single request. Use "
                    + "text-embedding-v4, or a batch of DashScope's own API.",
                param: "model",
                code: "model_not_supported"
            )
        }
        adjustments.addRemovedPrefix(of: model)
        let encoding = try readEncoding()
        let parameters = try writeParameters()
        try readInputs()
        let parts = try divide()
        var calls: [NativeCall] = []
        calls.reserveCapacity(parts.count)
        for part in parts { calls.append(write(part, parameters)) }
        return SplitRequest(
            calls: calls,
            model: model.requestedName,
            adjustments: adjustments,
            reply: EmbeddingsReply(model: model.requestedName, encoding: encoding, parts: parts, fuses: fuses)
        )
    }

    private func readEncoding() throws(APIError) -> EmbeddingsReply.Encoding {
        guard let format = fields["encoding_format"] else { return .float }
        if format.equals("float") { return .float }
        if format.equals("base64") { return .base64 }
        throw .invalidValue("encoding_format", "it must be float or base64.")
    }

    // MARK: - Inputs

    private mutating func readInputs() throws(APIError) {
        let input = fields["input"]
        if let input {
            switch input.kind {
            case .string: try add(input, at: "input")
            case .array: try readList(input)
            case .object where isMultimodal: try add(input, at: "input")
            default: throw .wrongType("input", expected: "string or array", got: input)
            }
        }
        for name: StaticString in ["image", "video", "multi_images"] {
            guard let value = fields[name] else { continue }
            guard isMultimodal else {
                throw .invalidValue("\(name)", "`\(model.requestedName)` reads text only.")
            }
            if value.kind == .string || name.utf8CodeUnitCount > 5 {
                try checkMedia(value, "\(name)")
                try addContent(name, value, "\(name)")
            } else {
                var position = 0
                for element in value.elements {
                    try checkMedia(element, "\(name)[\(position)]")
                    try addContent(name, element, "\(name)[\(position)]")
                    position += 1
                }
            }
        }
        guard !items.isEmpty else { throw .missing("input") }
    }

    private mutating func readList(_ list: JSONValue) throws(APIError) {
        guard !list.isEmptyContainer else {
            throw .invalidRequest(
                "Invalid 'input': empty array. Expected at least one text.",
                param: "input",
                code: "empty_array"
            )
        }
        var position = 0
        for element in list.elements {
            guard position < options.maximumInputs else {
                throw .invalidRequest(
                    "Invalid 'input': array too long. Expected an array with maximum length \(options.maximumInputs).",
                    param: "input",
                    code: "array_above_max_length"
                )
            }
            if element.kind == .number || element.kind == .array { throw Self.tokenIDs }
            try add(element, at: "input[\(position)]")
            position += 1
        }
    }

    private static let tokenIDs = APIError.invalidRequest(
        "Invalid 'input': token ids are those of another tokenizer; send the text. LangChain's OpenAIEmbeddings sends "
            + "text with check_embedding_ctx_length=False.",
        param: "input",
        code: "invalid_type"
    )

    private mutating func add(_ value: JSONValue, at place: @autoclosure () -> String) throws(APIError) {
        guard value.kind == .string else { return try addObject(value, at: place()) }
        guard !value.isEmptyString else { throw .invalidValue(place(), "it is empty.") }
        addText(value)
    }

    private mutating func addText(_ text: JSONValue) {
        var bytes = ByteBuffer()
        if isMultimodal { bytes.append("{\"text\":") }
        bytes.writeJSON(text)
        if isMultimodal { bytes.append("}") }
        items.append(Item(text: bytes))
    }

    private mutating func addContent(
        _ name: StaticString,
        _ value: JSONValue,
        _ place: @autoclosure () -> String
    ) throws(APIError) {
        var item = Item()
        item.text.append("{\"")
        item.text.append(name)
        item.text.append("\":")
        try write(value, Self.kind(of: name), place(), into: &item)
        item.text.append("}")
        items.append(item)
    }

    private static func kind(of name: StaticString) -> FilePlacement.Kind {
        switch name.utf8Start.pointee {
        case UInt8(ascii: "v"): .video
        case UInt8(ascii: "a"): .audio
        default: .image
        }
    }

    /// Writes a link or a list of them; the place of inline data that are too large stays empty for theirs.
    private func write(
        _ value: JSONValue,
        _ kind: FilePlacement.Kind,
        _ place: @autoclosure () -> String,
        into item: inout Item
    ) throws(APIError) {
        guard value.kind == .array else { return try writeLink(value, kind, place(), into: &item) }
        item.text.append("[")
        var position = 0
        for element in value.elements {
            if position > 0 { item.text.append(",") }
            try writeLink(element, kind, "\(place())[\(position)]", into: &item)
            position += 1
        }
        item.text.append("]")
    }

    private func writeLink(
        _ value: JSONValue,
        _ kind: FilePlacement.Kind,
        _ place: @autoclosure () -> String,
        into item: inout Item
    ) throws(APIError) {
        guard let content = value.escapedContent else { return item.text.writeJSON(value) }
        guard let media = try InlineMedia(content, kind, place()) else {
            if InlineMedia.isStored(content) { item.resolvesOSS = true }
            return item.text.writeJSON(value)
        }
        guard MediaUpload.isNeeded(for: content, longest: options.maximumInline) else {
            return media.write(value, into: &item.text)
        }
        item.resolvesOSS = true
        item.uploads.append(try MediaUpload(dataURL: value, media, kind, place(), place: item.text.writerIndex))
    }

    /// An object with native members, or a part of a chat message.
    private mutating func addObject(_ object: JSONValue, at place: @autoclosure () -> String) throws(APIError) {
        guard object.kind == .object else { throw .wrongType(place(), expected: "string", got: object) }
        let type = object.present("type")
        let name: StaticString =
            type?.equals("image_url") == true ? "image" : type?.equals("video_url") == true ? "video" : "text"
        if type != nil || object["text"] != nil && !isMultimodal {
            let member: JSONValue? = name.utf8CodeUnitCount == 4 ? object.present("text") : Self.url(object)
            guard let member, member.kind == .string, !member.isEmptyString else {
                throw .invalidValue(place(), "it holds neither a text nor the URL of an image or a video.")
            }
            if name.utf8CodeUnitCount == 4 { return addText(member) }
            guard isMultimodal else { throw .invalidValue(place(), "`\(model.requestedName)` reads text only.") }
            return try addContent(name, member, "\(place())\(Self.path(object))")
        }
        guard isMultimodal else { throw .invalidValue(place(), "`\(model.requestedName)` reads text only.") }
        var item = Item()
        var hasContent = false
        for member in object.members where !member.value.isNull {
            item.text.append(item.text.readableBytes == 0 ? "{" : ",")
            item.text.writeJSON(member.name)
            item.text.append(":")
            guard let name = Self.contents.first(where: { member.name.equals($0) }) else {
                item.text.writeJSON(member.value)
                continue
            }
            try checkMedia(member.value, "\(place()).\(name)")
            hasContent = true
            if member.name.equals("text") {
                item.text.writeJSON(member.value)
            } else {
                try write(member.value, Self.kind(of: name), "\(place()).\(name)", into: &item)
            }
        }
        guard hasContent else {
            throw .invalidValue(place(), "it has none of text, image, video and multi_images.")
        }
        item.text.append("}")
        items.append(item)
    }

    private static let contents: [StaticString] = ["text", "image", "video", "audio", "multi_images"]

    /// Where the URL of a part of a chat message stands.
    private static func path(_ part: JSONValue) -> String {
        let isImage = part.present("image_url") != nil
        let value = part.present(isImage ? "image_url" : "video_url")
        return (isImage ? ".image_url" : ".video_url") + (value?.kind == .object ? ".url" : "")
    }

    /// The URL of a part of a chat message, which may stand in an object.
    private static func url(_ part: JSONValue) -> JSONValue? {
        let value = part.present("image_url") ?? part.present("video_url")
        return value?.kind == .object ? value?.present("url") : value
    }

    private func checkMedia(_ value: JSONValue, _ place: @autoclosure () -> String) throws(APIError) {
        if value.kind == .string, !value.isEmptyString { return }
        if value.kind == .array, !value.isEmptyContainer { return }
        if value.kind == .string || value.kind == .array { throw .invalidValue(place(), "it is empty.") }
        throw .wrongType(place(), expected: "string", got: value)
    }

    // MARK: - Calls

    /// The inputs of each call, by count and by tokens.
    private func divide() throws(APIError) -> [Range<Int>] {
        guard !fuses else { return [0..<items.count] }
        let most = traits?.maximumItems ?? (isMultimodal ? Int.max : Self.cautiousItems)
        let mostTokens = traits?.maximumRequestTokens ?? Int.max
        var parts: [Range<Int>] = []
        var (start, tokens) = (0, 0)
        for (position, item) in items.enumerated() {
            let more = item.estimatedTokens
            if position > start, position - start >= most || tokens + more > mostTokens {
                parts.append(start..<position)
                (start, tokens) = (position, 0)
            }
            tokens += more
        }
        parts.append(start..<items.count)
        return parts
    }

    private func writeParameters() throws(APIError) -> ByteBuffer {
        var parameters = ByteBuffer()
        func name(_ name: StaticString) {
            if parameters.readableBytes > 0 { parameters.append(",") }
            parameters.append("\"")
            parameters.append(name)
            parameters.append("\":")
        }
        if let dimension = try readDimensions() {
            name("dimension")
            parameters.writeJSON(dimension)
        }
        for field in EmbeddingsFields.carried {
            guard let value = fields[field] else { continue }
            name(field)
            parameters.writeJSON(value)
        }
        for member in fields.unknown {
            if parameters.readableBytes > 0 { parameters.append(",") }
            parameters.writeJSON(member.name)
            parameters.append(":")
            parameters.writeJSON(member.value)
        }
        return parameters
    }

    /// The length to ask for; nil where none was asked for, or where the model has that one only and takes no parameter.
    private func readDimensions() throws(APIError) -> Int? {
        guard let number = fields["dimensions"]?.integer ?? fields["dimension"]?.integer else { return nil }
        guard number > 0 else {
            throw .invalidRequest(
                "Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got \(number) instead.",
                param: "dimensions",
                code: "integer_below_min_value"
            )
        }
        guard let known = traits?.dimensions, !known.isEmpty else { return number }
        guard known.contains(number) else {
            throw .invalidValue(
                "dimensions",
                "`\(model.requestedName)` has vectors of \(known.map(String.init).joined(separator: ", ")) dimensions."
            )
        }
        return known.count == 1 ? nil : number
    }

    private func write(_ part: Range<Int>, _ parameters: ByteBuffer) -> NativeCall {
        var body = ByteBuffer()
        let length = items[part].reduce(0) { $0 + $1.text.readableBytes + 1 }
        body.reserveCapacity(length + parameters.readableBytes + model.upstreamName.utf8.count + 64)
        body.append("{\"model\":")
        body.writeJSON(model.upstreamName)
        body.append(isMultimodal ? ",\"input\":{\"contents\":[" : ",\"input\":{\"texts\":[")
        var resolvesOSS = false
        var uploads: [MediaUpload] = []
        for position in part {
            if position > part.lowerBound { body.append(",") }
            uploads += items[position].uploads.map { $0.moved(by: body.writerIndex) }
            body.writeImmutableBuffer(items[position].text)
            resolvesOSS = resolvesOSS || items[position].resolvesOSS
        }
        body.append("]},\"parameters\":{")
        body.writeImmutableBuffer(parameters)
        body.append("}}")
        return NativeCall(
            operation: operation,
            upstreamModel: model.upstreamName,
            body: body,
            resolvesOSS: resolvesOSS,
            uploads: uploads
        )
    }
}
