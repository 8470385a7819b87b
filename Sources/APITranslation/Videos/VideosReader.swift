import ByteWriting
import JSONBytes
import NIOCore

/// Reads one request for a video and writes the native call that makes its task.
///
/// Models of the newest generation take images and videos as elements of `input.media` and a class of resolution; older ones
/// take members of `input` and a size. The catalogue says which. A model that is not known is asked as the newest are.
struct VideosReader {
    let fields: RequestFields
    let model: ResolvedModel
    let traits: VideoTraits.Values?
    let turn: VideosTurn
    private let operation: DashScopeOperation
    var adjustments = AdjustmentList()
    var input = ByteBuffer()
    var parameters = ByteBuffer()
    var resolvesOSS = false
    /// Files that do not stand in the call; their places are those in `input`.
    var uploads: [MediaUpload] = []
    var files: [VideoFile] = []
    /// Elements of the caller's own `media`, which stand first.
    var media: [VideoElement] = []
    var facts = VideoFacts()

    init(fields: RequestFields, model: ResolvedModel, turn: VideosTurn) throws(APIError) {
        self.fields = fields
        self.model = model
        self.turn = turn
        traits = model.traits.video?.values
        guard traits != nil || !model.isKnown else {
            throw .invalidRequest(
                "`\(model.requestedName)` works in a way of its own, which this endpoint does not serve. Use DashScope's own "
                    + "API.",
                param: "model",
                code: "model_not_supported"
            )
        }
        operation = model.isKnown ? model.traits.operation : Self.operation(of: model.upstreamName)
    }

    /// The path of a model that is not known: those of a first and a last frame have one of their own.
    private static func operation(of name: String) -> DashScopeOperation {
        name.contains("kf2v") && !name.contains("/") ? .imageToVideo : .videoSynthesis
    }

    mutating func read(created: Int) throws(APIError) -> SplitRequest {
        adjustments.addRemovedPrefix(of: model)
        facts.model = model.requestedName
        facts.remixedFrom = turn.source?.id
        try writeInput()
        try writeParameters()
        let request = SplitRequest(
            calls: [makeCall()],
            model: model.requestedName,
            adjustments: adjustments,
            reply: VideosReply(facts: facts, created: created, turn: turn, names: names)
        )
        request.awaitsTasks = false
        return request
    }

    /// The caller's names of what upstream calls otherwise.
    private var names: MemberNames {
        let sizes = ["size", "resolution", "ratio", "aspect_ratio", "width"]
        var names = MemberNames(
            fields,
            [
                "duration": ["seconds", "duration"], "size": sizes, "resolution": ["resolution"] + sizes,
                "mode": ["mode", "resolution"] + sizes, "ratio": ["ratio", "aspect_ratio"] + sizes,
                "aspect_ratio": ["ratio", "aspect_ratio"] + sizes,
            ],
            files: VideoRole.allCases.flatMap(\.fields) + ["media"],
            text: "prompt"
        )
        for file in files {
            guard let field = file.field else { continue }
            names.add(file.place, field)
            names.add("media", field)
        }
        for role in VideoRole.allCases {
            for place in role.places {
                for field in role.fields { names.add(place, "\(field)") }
            }
        }
        return names
    }

    private func makeCall() -> NativeCall {
        var body = ByteBuffer()
        body.reserveCapacity(
            input.readableBytes + parameters.readableBytes + model.upstreamName.utf8.count + 64
        )
        body.append("{\"model\":")
        body.writeJSON(model.upstreamName)
        body.append(",\"input\":{")
        let uploads = uploads.map { $0.moved(by: body.writerIndex) }
        body.writeImmutableBuffer(input)
        body.append("},\"parameters\":{")
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

    // MARK: - Input

    mutating func member(_ name: String) {
        if input.readableBytes > 0 { input.append(",") }
        input.writeJSON(name)
        input.append(":")
    }

    private mutating func writeInput() throws(APIError) {
        try readPrompt()
        try readFiles()
        try checkNeeds()
        for option in [VideoTraits.Option.negativePrompt, .template] {
            guard let value = fields.value(of: option) else { continue }
            guard takes(option) else {
                leaveOut(option.rawValue, value, reason: "the model does not take it")
                continue
            }
            member(option.rawValue)
            input.writeJSON(value)
        }
        for unknown in fields.unknown where isInput(unknown.name) {
            let name = unknown.name.string ?? ""
            member(name)
            guard name.hasSuffix("_url") else {
                input.writeJSON(unknown.value)
                continue
            }
            let link = try VideoLink(unknown.value, .named(name), name)
            noteOSS(unknown.value)
            write(link)
        }
        writeFiles()
    }

    private mutating func readPrompt() throws(APIError) {
        let prompt = fields["prompt"]
        if let prompt {
            facts.prompt = ByteBuffer(bytes: prompt.text)
            if traits?.prompt == VideoTraits.Prompt.none {
                return leaveOut("prompt", prompt, reason: "the model takes no prompt")
            }
            guard !prompt.isEmptyString else { throw .invalidValue("prompt", "it is empty.") }
            if let limit = traits?.promptLimit, prompt.text.count > limit, let count = prompt.string?.count,
                count > limit
            {
                adjustments.add(
                    "prompt",
                    from: "\(count) characters",
                    to: "\(limit)",
                    reason: "the model reads no more"
                )
            }
            member("prompt")
            input.writeJSON(prompt)
        } else if traits == nil || traits?.prompt == .required {
            throw .missing("prompt")
        }
    }

    /// What the model cannot do without.
    private func checkNeeds() throws(APIError) {
        for need in traits?.needs ?? [] {
            switch need {
            case "seconds" where fields["seconds"] == nil && fields["duration"] == nil: throw .missing("seconds")
            case "size" where try wish().isEmpty: throw .missing("size")
            case "seconds", "size": continue
            default:
                let names = need.split(separator: "|").map { String($0) }
                let isThere = names.contains { name in
                    files.contains { $0.place == name } || media.contains { $0.type == name }
                        || fields.unknown.contains { $0.name.string == name }
                }
                if !isThere { throw missing(names[0]) }
            }
        }
        // Without a prompt there is nothing else to go by.
        if traits?.prompt == .optional, fields["prompt"] == nil, files.isEmpty, media.isEmpty, fields.unknown.isEmpty {
            throw .missing("prompt")
        }
    }

    private func missing(_ place: String) -> APIError {
        let isPlace =
            traits?.media?.contains { $0.name == place } == true
            || traits?.members.contains { $0.name == place } == true
        guard isPlace else { return .missing(place) }
        let field = VideoRole.field(ofPlace: place)
        var error = APIError.missing(field)
        let what = field == "audio_url" ? "a sound" : field == "video" ? "a video" : "an image"
        error.message += " `\(model.requestedName)` needs \(what) to go by."
        return error
    }

    /// Whether a field that only this model has belongs into `input`.
    func isInput(_ name: JSONValue) -> Bool {
        guard let inputs = traits?.inputs, !inputs.isEmpty, let name = name.string else { return false }
        return inputs.contains(name)
    }

    mutating func noteOSS(_ value: JSONValue) {
        resolvesOSS = resolvesOSS || value.escapedContent.map(InlineMedia.isStored) == true
    }

    // MARK: - Reports

    func takes(_ option: VideoTraits.Option) -> Bool { traits?.options?.contains(option) ?? true }

    mutating func leaveOut(_ name: String, _ value: JSONValue, to: String = "none", reason: String) {
        adjustments.add(name, from: GenerationWriter.short(value), to: to, reason: reason)
    }
}

extension RequestFields {
    func value(of option: VideoTraits.Option) -> JSONValue? {
        switch option {
        case .negativePrompt: self["negative_prompt"]
        case .promptExtend: self["prompt_extend"]
        case .seed: self["seed"]
        case .watermark: self["watermark"]
        case .audio: self["audio"]
        case .shotType: self["shot_type"]
        case .template: self["template"]
        case .audioSetting: self["audio_setting"]
        }
    }
}
