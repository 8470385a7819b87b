import APITranslation

extension TranslationOptions {
    /// What the operator has set.
    init(_ configuration: GatewayConfiguration) {
        self.init()
        maximumValues = configuration.server.maximumBodyValues
        alwaysIncludesUsage = configuration.stream.alwaysIncludeUsage
        maximumInputs = configuration.translation.maximumInputs
        keepsMessageNames = configuration.translation.keepMessageNames
    }
}
