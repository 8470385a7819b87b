package import JSONBytes
package import NIOCore

/// Translates a request for a video into the native call that makes its task.
package final class VideosTranslator: FormTranslating {
    private let catalog: ModelCatalog
    private let options: TranslationOptions
    private let turn: VideosTurn

    package init(
        catalog: ModelCatalog,
        options: TranslationOptions = TranslationOptions(),
        turn: VideosTurn = VideosTurn()
    ) {
        self.catalog = catalog
        self.options = options
        self.turn = turn
    }

    /// The same translator for one request.
    package func with(_ turn: VideosTurn) -> VideosTranslator {
        VideosTranslator(catalog: catalog, options: options, turn: turn)
    }

    package var operationName: String { "video_generation" }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest {
        try RequestBody.split(
            body,
            tape: tape,
            options: options,
            strict: strict,
            VideosFields.all,
            isForm: true,
            nested: "metadata"
        ) { (fields, adjustments) throws(APIError) -> SplitRequest in
            do throws(APIError) {
                var reader = try VideosReader(fields: fields, model: try model(fields["model"]), turn: turn)
                reader.adjustments.add(adjustments)
                return try reader.read(created: created)
            } catch {
                throw fields.located(error, in: "metadata")
            }
        }
    }

    /// What DashScope takes of each kind; small images go into the call.
    package func placement(of field: String, texts: [String: String]) throws(APIError) -> FilePlacement {
        guard let role = VideoRole(field: field) else {
            throw .invalidRequest(
                "Invalid value for '\(field)': it takes no file.",
                param: field,
                code: "invalid_value"
            )
        }
        guard let name = texts["model"], !name.isEmpty else { throw .missing("model") }
        let model = catalog.resolve(name)
        let traits = model.traits.video?.values
        let storage = FilePlacement.Storage(
            model: model.upstreamName,
            maximumBytes: VideoLink.limit(of: role.kind)
        )
        guard role.mayBeInline else { return FilePlacement(field: field, kind: role.kind, place: .storage(storage)) }
        let most = role == .images ? role.place(of: traits, named: field).map { min($0.most, 16) } ?? 1 : 1
        return FilePlacement(
            field: field,
            kind: .image,
            place: .inline(maximumBytes: VideoLink.longestInline, otherwise: storage),
            maximumFiles: most
        )
    }

    package func mayBeJSON(_ field: String) -> Bool {
        VideoRole(field: field) != nil || VideosFields.all.hasContainer(field)
    }

    private func model(_ value: JSONValue?) throws(APIError) -> ResolvedModel {
        if value == nil, let source = turn.source {
            let name = source.model.map { catalog.resolve($0) }
            // What made the video may not be able to make it anew.
            guard let name, !name.isKnown || name.traits.video?.values.remix != nil else { throw noRemix(source.model) }
            return name
        }
        let model = try RequestedModel.resolve(value, serving: .video, in: catalog, endpoint: "v1/videos")
        guard turn.source == nil || !model.isKnown || model.traits.video?.values.remix != nil else {
            throw noRemix(model.requestedName)
        }
        return model
    }

    private func noRemix(_ name: String?) -> APIError {
        let able = catalog.table.entries.filter { $0.isListed && $0.video?.values.remix != nil }.map { "`\($0.id)`" }
        let subject = name.map { "`\($0)` makes no video of another." } ?? "It is not known which model made the video."
        return .invalidRequest(
            "\(subject) Name a model in `model` that does: \(able.joined(separator: ", ")).",
            param: "model",
            code: "model_not_supported"
        )
    }
}
