import ByteWriting
package import JSONBytes
package import NIOCore

/// Translates requests for images into as many native calls as the model needs for them.
package final class ImagesTranslator: SplitTranslating {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    package var operationName: String { "image_generation" }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest {
        try RequestBody.split(body, tape: tape, options: options, strict: strict, ImagesFields.all) {
            (fields, adjustments) throws(APIError) -> SplitRequest in
            let model = try RequestedModel.resolve(
                fields["model"],
                serving: .image,
                in: catalog,
                endpoint: "v1/images/generations"
            )
            var reader = try ImagesReader(fields: fields, model: model, maximumImages: options.maximumImages)
            reader.adjustments.add(adjustments)
            return try reader.read(created: created)
        }
    }
}
