package import APITranslation
import AdmissionControl
import NIOCore

/// The settings that a reload can change, made ready for use.
///
/// They are replaced as a whole; a request keeps those it began with.
package final class LiveSettings: Sendable {
    package let configuration: GatewayConfiguration
    package let catalog: ModelCatalog
    let translator: ChatRequestTranslator
    let messagesTranslator: MessagesRequestTranslator
    let embeddingsTranslator: EmbeddingsTranslator
    let rerankTranslator: RerankTranslator
    let completionsTranslator: CompletionsTranslator
    let responsesTranslator: ResponsesRequestTranslator
    let imagesTranslator: ImagesTranslator
    let imageEditsTranslator: ImageEditsTranslator
    let transcriptionTranslator: TranscriptionTranslator
    let speechTranslationTranslator: TranscriptionTranslator
    let videosTranslator: VideosTranslator
    let speechTranslator: SpeechTranslator
    let callLimits: CallStateMachine.Limits
    let taskLimits: TaskStateMachine.Limits
    let access: AddressPolicy
    /// Whether ``access`` has to be asked at all.
    let restrictsAddresses: Bool
    let proxies: TrustedProxies
    let crossOrigin: CrossOriginPolicy
    /// The server's own key, where callers may come without one.
    let serverKey: String?
    /// Whether that key is a credential of systemd's, which a reload does not read anew.
    let serverKeyIsCredential: Bool
    /// Keys that this version does not know and that the operator lets pass.
    let ignoredSettings: [String]
    /// The value of `x-gateway-version`, or nil for none.
    let versionHeader: String?
    /// Whether the steps of a request are logged.
    let tellsSteps: Bool

    /// Prepares a checked configuration; `credentials` is the folder of systemd's credentials.
    ///
    /// - Throws: ``ConfigurationProblems`` for what only shows now, such as a key file that cannot be read.
    package init(
        configuration: GatewayConfiguration,
        catalog: ModelCatalog,
        credentials: String? = nil,
        ignoredSettings: [String] = []
    ) throws {
        self.configuration = configuration
        self.ignoredSettings = ignoredSettings
        self.catalog = catalog
        tellsSteps = ["trace", "debug"].contains(configuration.log.level)
        translator = ChatRequestTranslator(
            catalog: catalog,
            options: TranslationOptions(configuration)
        )
        messagesTranslator = MessagesRequestTranslator(
            catalog: catalog,
            options: TranslationOptions(configuration)
        )
        embeddingsTranslator = EmbeddingsTranslator(catalog: catalog, options: TranslationOptions(configuration))
        rerankTranslator = RerankTranslator(catalog: catalog, options: TranslationOptions(configuration))
        completionsTranslator = CompletionsTranslator(catalog: catalog, options: TranslationOptions(configuration))
        responsesTranslator = ResponsesRequestTranslator(
            catalog: catalog,
            options: TranslationOptions(configuration)
        )
        imagesTranslator = ImagesTranslator(catalog: catalog, options: TranslationOptions(configuration))
        imageEditsTranslator = ImageEditsTranslator(catalog: catalog, options: TranslationOptions(configuration))
        transcriptionTranslator = TranscriptionTranslator(catalog: catalog, options: TranslationOptions(configuration))
        speechTranslationTranslator = TranscriptionTranslator(
            catalog: catalog,
            options: TranslationOptions(configuration),
            purpose: .translation
        )
        videosTranslator = VideosTranslator(catalog: catalog, options: TranslationOptions(configuration))
        speechTranslator = SpeechTranslator(catalog: catalog, options: TranslationOptions(configuration))
        taskLimits = configuration.tasks.limits
        callLimits = CallStateMachine.Limits(
            firstEvent: configuration.upstream.firstEventTimeout,
            idle: configuration.upstream.idleTimeout,
            total: configuration.upstream.totalTimeout,
            retry: configuration.upstream.retry
        )
        access = AddressPolicy(
            allowed: try AddressRangeList(configuration.access.allow),
            denied: try AddressRangeList(configuration.access.deny)
        )
        restrictsAddresses = !configuration.access.allow.isEmpty || !configuration.access.deny.isEmpty
        let trusted = configuration.server.trustedProxies
        proxies = TrustedProxies(
            ranges: try AddressRangeList(trusted.filter { $0 != "unix" }),
            header: ForwardingHeader(rawValue: configuration.server.forwardingHeader) ?? .xForwardedFor,
            trustsUnixSocketPeers: trusted.contains("unix")
        )
        crossOrigin = CrossOriginPolicy(configuration.cors)
        let key = try ServerKey.read(configuration, credentials: credentials)
        serverKey = key?.text
        serverKeyIsCredential = key?.isCredential ?? false
        switch configuration.server.versionHeader {
        case "full": versionHeader = GatewayVersion.current
        case "major": versionHeader = String(GatewayVersion.current.prefix { $0 != "." })
        default: versionHeader = nil
        }
    }
}
