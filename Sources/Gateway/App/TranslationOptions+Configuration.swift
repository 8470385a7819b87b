import APITranslation

extension TranslationOptions {
    /// What the operator has set.
    init(_ configuration: GatewayConfiguration) {
        self.init()
        maximumValues = configuration.server.maximumBodyValues
        alwaysIncludesUsage = configuration.stream.alwaysIncludeUsage
        keepsMessageNames = configuration.translation.keepMessageNames
    }
}
