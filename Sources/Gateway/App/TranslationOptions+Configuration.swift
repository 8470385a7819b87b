import APITranslation

extension TranslationOptions {
    /// The operator's settings of the translation.
    init(_ configuration: GatewayConfiguration) {
        self.init()
        maximumValues = configuration.server.maximumBodyValues
        alwaysIncludesUsage = configuration.stream.alwaysIncludeUsage
        maximumInputs = configuration.translation.maximumInputs
        maximumPrompts = configuration.translation.maximumPrompts
        maximumInline = configuration.translation.maximumInlineBytes
        maximumImages = configuration.translation.maximumImages
        speechTranslationModel = configuration.translation.speechTranslationModel
        maximumSpeechCharacters = configuration.speech.maximumCharacters
        keepsMessageNames = configuration.translation.keepMessageNames
    }
}
