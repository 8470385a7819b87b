package import JSONBytes
package import NIOCore

/// Translates requests to edit images into as many native calls as the model needs for them.
package final class ImageEditsTranslator: FormTranslating {
    private static let endpoint: StaticString = "v1/images/edits"

    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    package var operationName: String { "image_edit" }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest {
        try RequestBody.split(body, tape: tape, options: options, strict: strict, ImageEditsFields.all, isForm: true) {
            (fields, adjustments) throws(APIError) -> SplitRequest in
            let model = try RequestedModel.resolve(
                fields["model"],
                serving: .image,
                in: catalog,
                endpoint: Self.endpoint
            )
            try check(model)
            if fields["mask"] != nil { try checkMask(model) }
            var reader = try ImagesReader(
                fields: fields,
                model: model,
                purpose: .edit,
                maximumImages: options.maximumImages
            )
            reader.adjustments.add(adjustments)
            return try reader.read(created: created)
        }
    }

    /// Small images go into the call, others into the storage.
    package func placement(of field: String, texts: [String: String]) throws(APIError) -> FilePlacement {
        guard let name = texts["model"], !name.isEmpty else { throw .missing("model") }
        let model = catalog.resolve(name)
        guard model.traits.kind == .image || !model.isKnown else {
            throw RequestedModel.unsupported(name, "an image model", Self.endpoint)
        }
        try check(model)
        let traits = model.traits.image?.values
        let most = min(traits?.mostImages ?? ImagesReader.mostFiles, ImagesReader.mostFiles)
        let isImage = field == "image" || field == "images"
        if field == "mask" {
            try checkMask(model)
        } else if !isImage, !field.hasSuffix("_url") || traits?.inputs.contains(field) != true {
            throw .invalidValue(field, "it takes no file.")
        }
        return FilePlacement(
            field: field,
            kind: .image,
            place: .inline(
                maximumBytes: ImagesReader.longestInline(traits),
                otherwise: FilePlacement.Storage(
                    model: model.upstreamName,
                    maximumBytes: (traits?.referenceMegabytes ?? ImagesReader.referenceMegabytes) << 20
                )
            ),
            maximumFiles: isImage ? most : 1
        )
    }

    package func mayBeJSON(_ field: String) -> Bool { field == "image" || ImageEditsFields.all.hasContainer(field) }

    // MARK: - Models

    private func check(_ model: ResolvedModel) throws(APIError) {
        _ = try ImagesReader.operation(of: model)
        guard let traits = model.traits.image?.values, !traits.takesImages else { return }
        throw .invalidRequest(
            "`\(model.requestedName)` makes no images of others. Name a model in `model` that does: "
                + names { ($0.references?.lowerBound ?? 0) > 0 && $0.prompt == .required } + ".",
            param: "model",
            code: "model_not_supported"
        )
    }

    private func checkMask(_ model: ResolvedModel) throws(APIError) {
        guard model.traits.image?.values.mask == nil else { return }
        throw .invalidRequest(
            "Unsupported parameter: 'mask'. `\(model.requestedName)` takes none; say in the prompt what is to change, or "
                + "name a model that takes one: \(names { $0.mask != nil && $0.prompt == .required }).",
            param: "mask",
            code: "unsupported_parameter"
        )
    }

    private func names(_ isMeant: (ImageTraits.Values) -> Bool) -> String {
        catalog.table.entries.filter { $0.isListed && $0.image.map { isMeant($0.values) } == true }
            .map { "`\($0.id)`" }.joined(separator: ", ")
    }
}
