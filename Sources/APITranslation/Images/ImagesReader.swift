import ByteWriting
import JSONBytes
import NIOCore

/// Reads one request for images and writes its calls.
///
/// Models of one generation are asked with a message, those of the other with members of `input`; the catalogue says
/// which, and what a model takes. A model that is not known is asked with a message, one image in each call.
struct ImagesReader {
    enum Purpose {
        /// By a text, and by images where there are any.
        case generation
        /// By images; the request may have been a form.
        case edit
    }

    let fields: RequestFields
    let model: ResolvedModel
    let traits: ImageTraits.Values?
    let operation: DashScopeOperation
    let purpose: Purpose
    let maximumImages: Int
    var adjustments = AdjustmentList()
    var parameters = ByteBuffer()
    var resolvesOSS = false
    /// Images that do not stand in the call; their places are those in `input`.
    var uploads: [MediaUpload] = []

    init(
        fields: RequestFields,
        model: ResolvedModel,
        purpose: Purpose = .generation,
        maximumImages: Int
    ) throws(APIError) {
        self.fields = fields
        self.model = model
        self.purpose = purpose
        self.maximumImages = maximumImages
        traits = model.traits.image?.values
        operation = try Self.operation(of: model)
    }

    /// The native path of a model.
    ///
    /// - Throws: A 400 for a model whose requests are like no other's.
    static func operation(of model: ResolvedModel) throws(APIError) -> DashScopeOperation {
        let operation = model.isKnown ? model.traits.operation : .multimodalGeneration
        // What such a model takes stands nowhere but in its own page.
        guard model.traits.image != nil || operation == .multimodalGeneration || operation == .imageGeneration else {
            throw .invalidRequest(
                "`\(model.requestedName)` makes images in a way of its own, which this endpoint does not serve. Use "
                    + "DashScope's own API.",
                param: "model",
                code: "model_not_supported"
            )
        }
        return operation
    }

    /// Whether prompt and images are members of `input`, not parts of a message.
    var usesInput: Bool {
        switch operation {
        case .textToImage, .imageToImage, .outPainting: true
        default: traits?.reference != nil || traits?.inputs.isEmpty == false
        }
    }

    mutating func read(created: Int) throws(APIError) -> SplitRequest {
        try refuseWhatIsNotServed()
        adjustments.addRemovedPrefix(of: model)
        let isStreamed = fields["stream"]?.formBool == true
        let asLinks = try readFormat(isStreamed: isStreamed)
        let isSeries = fields.asksForSeries
        let parts = try divide(isSeries: isSeries)
        let input = try writeInput()
        try writeParameters()
        let seed = try readSeed()
        if let seed, parts.count > 1 {
            adjustments.add(
                "seed",
                from: "\(seed)",
                to: "\(Self.seed(seed, parts[parts.count - 1].lowerBound))",
                reason: "each further call takes the next ones"
            )
        }
        let calls = parts.map { part in
            write(input, count: part.count, seed: seed.map { Self.seed($0, part.lowerBound) })
        }
        return SplitRequest(
            calls: calls,
            model: model.requestedName,
            adjustments: adjustments,
            streamsToClient: isStreamed,
            reply: ImagesReply(
                created: created,
                parts: parts,
                isSeries: isSeries,
                asLinks: asLinks,
                events: isStreamed
                    ? ImageEvents(purpose: purpose, created: created, size: fields["size"]?.string ?? "auto") : nil,
                names: names
            )
        )
    }

    /// The caller's names of what upstream calls otherwise.
    private var names: MemberNames {
        var names = MemberNames(
            fields,
            [
                "num_images_per_prompt": ["n"], "aspect_ratio": ["aspect_ratio", "size"],
                "resolution": ["resolution", "size"], "mask_image_url": ["mask_image_url", "mask"],
                "mask_url": ["mask_url", "mask"], "images": ["images", "image"],
            ],
            files: ["image", "images"],
            text: "prompt"
        )
        for name in ["image", "images"] {
            if let reference = traits?.reference { names.add(reference, name) }
        }
        return names
    }

    private static let largestSeed = 2_147_483_647

    /// The seed of a call whose first image is at this place: one that differs, or all calls would make the same.
    private static func seed(_ seed: Int, _ place: Int) -> Int { (seed + place) % (largestSeed + 1) }

    private func refuseWhatIsNotServed() throws(APIError) {
        if fields.unknown.contains(where: { $0.name.equals("enable_interleave") && $0.value.formBool == true }) {
            throw .invalidRequest(
                "Unsupported value: 'enable_interleave'. Texts between the images have no place in this answer.",
                param: "enable_interleave",
                code: "unsupported_value"
            )
        }
    }

    /// Whether the answer holds links, not images as OpenAI's streams do.
    private func readFormat(isStreamed: Bool) throws(APIError) -> Bool {
        guard let format = fields["response_format"] else { return !isStreamed }
        if format.equals("url") { return true }
        if format.equals("b64_json") { return false }
        throw .invalidValue("response_format", "it must be url or b64_json.")
    }

    // MARK: - How many

    /// The images of each call.
    private func divide(isSeries: Bool) throws(APIError) -> [Range<Int>] {
        let count = fields["n"]?.formInteger ?? 1
        let most = isSeries ? max(maximumImages, traits?.series ?? 0) : maximumImages
        guard count >= 1, count <= most else {
            let isLow = count < 1
            throw .invalidRequest(
                "Invalid 'n': integer \(isLow ? "below minimum" : "above maximum") value. Expected a value "
                    + "\(isLow ? ">= 1" : "<= \(most)"), but got \(count) instead.",
                param: "n",
                code: isLow ? "integer_below_min_value" : "integer_above_max_value"
            )
        }
        // The images of a series belong together.
        let size = isSeries ? count : traits?.count ?? 1
        return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    private func readSeed() throws(APIError) -> Int? {
        guard let value = fields["seed"], let seed = value.formInteger else { return nil }
        guard model.traits.image?.takes(.seed) ?? true else { return nil }
        guard (0...Self.largestSeed).contains(seed) else {
            throw .invalidValue("seed", "it must lie between 0 and \(Self.largestSeed).")
        }
        return seed
    }

    // MARK: - The call

    private func write(_ input: ByteBuffer, count: Int, seed: Int?) -> NativeCall {
        var body = ByteBuffer()
        body.reserveCapacity(
            input.readableBytes + parameters.readableBytes + model.upstreamName.utf8.count + 96
        )
        body.append("{\"model\":")
        body.writeJSON(model.upstreamName)
        body.append(",\"input\":{")
        let uploads = uploads.map { $0.moved(by: body.writerIndex) }
        body.writeImmutableBuffer(input)
        body.append("},\"parameters\":{")
        body.writeImmutableBuffer(parameters)
        var isFirst = parameters.readableBytes == 0
        func add(_ name: StaticString, _ number: Int) {
            body.append(isFirst ? "\"" : ",\"")
            body.append(name)
            body.append("\":")
            body.writeJSON(number)
            isFirst = false
        }
        // Defaults differ; a model without `n` makes one image.
        if traits == nil || traits?.count != nil { add("n", count) }
        if let seed { add("seed", seed) }
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

extension RequestFields {
    /// Whether the images are to belong together; the model then decides how many it makes, up to `n`.
    fileprivate var asksForSeries: Bool {
        unknown.contains {
            $0.name.equals("enable_sequential") && $0.value.formBool == true
                || $0.name.equals("result_type") && $0.value.equals("series")
        }
    }
}
