import ByteWriting
package import JSONBytes
package import NIOCore

/// Translates requests to write down speech: in its own language, or in English.
package final class TranscriptionTranslator: SplitTranslating {
    package enum Purpose: Sendable {
        case transcription, translation

        var endpoint: StaticString {
            switch self {
            case .transcription: "v1/audio/transcriptions"
            case .translation: "v1/audio/translations"
            }
        }
    }

    let catalog: ModelCatalog
    private let options: TranslationOptions
    let purpose: Purpose

    package init(
        catalog: ModelCatalog,
        options: TranslationOptions = TranslationOptions(),
        purpose: Purpose = .transcription
    ) {
        self.catalog = catalog
        self.options = options
        self.purpose = purpose
    }

    package var operationName: String {
        switch purpose {
        case .transcription: "audio_transcription"
        case .translation: "audio_translation"
        }
    }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest {
        try RequestBody.split(body, tape: tape, options: options, strict: strict, TranscriptionFields.all, isForm: true)
        {
            (fields, adjustments) throws(APIError) -> SplitRequest in
            var reader = TranscriptionReader(
                fields: fields,
                purpose: purpose,
                model: try TranscriptionModel(RequestedModel.find(fields["model"], in: catalog).0, purpose),
                options: options
            )
            reader.adjustments.add(adjustments)
            return try reader.read(catalog: catalog)
        }
    }
}
