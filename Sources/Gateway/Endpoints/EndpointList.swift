import APITranslation
import NIOHTTP1

/// Every path the gateway serves: the one place where an endpoint is entered.
enum EndpointList {
    static let all: [RouteDescription] = models + responses + videos + files + uploads + catalogue

    /// The endpoints that call models.
    private static let models: [RouteDescription] = [
        RouteDescription(
            pattern: "/v1/chat/completions",
            endpoints: [
                .keyed(
                    .POST,
                    "Chat, whole and streamed: text, images, audio, video, tools, structured output, thinking, web search",
                    operation: OperationDescriptions.v1ChatCompletions
                ) { ticket, caller in
                    ChatRelay.begin(ticket, caller: caller, translator: ticket.settings.translator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/messages",
            errorForm: .anthropic,
            endpoints: [
                .keyed(
                    .POST,
                    "Anthropic's Messages: whole and streamed, tools, thinking, images, prompt cache, web search",
                    operation: OperationDescriptions.v1Messages
                ) { ticket, caller in
                    ChatRelay.begin(ticket, caller: caller, translator: ticket.settings.messagesTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/messages/count_tokens",
            errorForm: .anthropic,
            endpoints: [
                .keyed(
                    .POST,
                    "An estimate of the input tokens of a Messages request; no call upstream",
                    operation: OperationDescriptions.v1MessagesCountTokens
                ) { ticket, _ in
                    TokenCountEndpoint.begin(ticket, .messages)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/completions",
            endpoints: [
                .keyed(
                    .POST,
                    "Text completions: one prompt or a list, whole and streamed, fill-in-the-middle, log probabilities",
                    operation: OperationDescriptions.v1Completions
                ) { ticket, caller in
                    FanOut.begin(ticket, caller: caller, translator: ticket.settings.completionsTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/embeddings",
            endpoints: [
                .keyed(
                    .POST,
                    "Embeddings: text and multimodal models, dense and sparse, long lists divided among calls",
                    operation: OperationDescriptions.v1Embeddings
                ) { ticket, caller in
                    FanOut.begin(ticket, caller: caller, translator: ticket.settings.embeddingsTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/images/generations",
            endpoints: [
                .keyed(
                    .POST,
                    "Images of a text or by other images: models that answer at once and by tasks; links or base64",
                    operation: OperationDescriptions.v1ImagesGenerations
                ) { ticket, caller in
                    FanOut.begin(ticket, caller: caller, translator: ticket.settings.imagesTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/images/edits",
            endpoints: [
                .streamed(
                    .POST,
                    "Edits of images by a text, as a form or JSON; large files go into DashScope's temporary storage",
                    operation: OperationDescriptions.v1ImagesEdits
                ) { ticket, caller in
                    FormRequest.begin(ticket, caller: caller, translator: ticket.settings.imageEditsTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/images/variations",
            isListed: false,
            endpoints: [
                .keyed(
                    .POST,
                    "Always refused: no model makes variations of an image alone",
                    operation: OperationDescriptions.v1ImagesVariations
                ) { ticket, _ in
                    ticket.refuse(.noVariations)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/audio/speech",
            endpoints: [
                .keyed(
                    .POST,
                    "Speech of a text, as audio or as events while it is made; long texts divided among calls",
                    operation: OperationDescriptions.v1AudioSpeech
                ) { ticket, caller in
                    SpeechRelay.begin(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/audio/transcriptions",
            endpoints: [
                .streamed(
                    .POST,
                    "Speech written down: short files at once, long ones by tasks; times, subtitles, speakers, streams",
                    operation: OperationDescriptions.v1AudioTranscriptions
                ) { ticket, caller in
                    FormRequest.begin(ticket, caller: caller, translator: ticket.settings.transcriptionTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/audio/translations",
            endpoints: [
                .streamed(
                    .POST,
                    "Speech written down in English: a transcription, then a translation of its text",
                    operation: OperationDescriptions.v1AudioTranslations
                ) { ticket, caller in
                    FormRequest.begin(ticket, caller: caller, translator: ticket.settings.speechTranslationTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/rerank",
            endpoints: [
                .keyed(
                    .POST,
                    "Documents in the order of their relevance to a query, in the form of Cohere and Jina",
                    operation: OperationDescriptions.v1Rerank
                ) { ticket, caller in
                    FanOut.begin(ticket, caller: caller, translator: ticket.settings.rerankTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v2/rerank",
            endpoints: [
                .keyed(
                    .POST,
                    "The same for clients of Cohere's second version",
                    operation: OperationDescriptions.v1Rerank
                ) { ticket, caller in
                    FanOut.begin(ticket, caller: caller, translator: ticket.settings.rerankTranslator)
                }
            ]
        ),
        RouteDescription(
            pattern: "/rerank",
            endpoints: [
                .keyed(
                    .POST,
                    "The same for clients whose base URL has no version",
                    operation: OperationDescriptions.v1Rerank
                ) { ticket, caller in
                    FanOut.begin(ticket, caller: caller, translator: ticket.settings.rerankTranslator)
                }
            ]
        ),
    ]

    /// The catalogue and the service itself.
    private static let catalogue: [RouteDescription] = [
        RouteDescription(
            pattern: "/v1/models",
            isSharedWithAnthropic: true,
            endpoints: [
                .keyed(
                    .GET,
                    "The model catalogue; no call upstream",
                    operation: OperationDescriptions.v1Models
                ) { ticket, caller in
                    KeyCheck.run(ticket, caller: caller) { ModelsEndpoint.answerList($0) }
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/models/{model}",
            isSharedWithAnthropic: true,
            takesRest: true,
            endpoints: [
                .keyed(
                    .GET,
                    "One model; slashes in the id may be percent-encoded",
                    operation: OperationDescriptions.v1ModelsModel
                ) { ticket, _ in
                    ModelsEndpoint.answer(ticket, id: ticket.parameters[0])
                }
            ]
        ),
        RouteDescription(
            pattern: "/",
            endpoints: [
                .open(
                    .GET,
                    "Service information; a page where `Accept` asks for HTML",
                    operation: OperationDescriptions.service
                ) { ticket in
                    if Documentation.wantsPage(ticket) {
                        Documentation.answerFile("home.html", ticket)
                    } else {
                        ServiceInformation.answer(ticket)
                    }
                }
            ]
        ),
        RouteDescription(
            pattern: "/health",
            audience: .everyone,
            isHealthCheck: true,
            passesAccessLists: true,
            endpoints: [
                .open(.GET, "Liveness: the process is alive; no call upstream", operation: OperationDescriptions.health)
                { HealthEndpoints.answerHealth($0) }
            ]
        ),
        RouteDescription(
            pattern: "/ready",
            audience: .operators,
            isHealthCheck: true,
            endpoints: [
                .open(
                    .GET,
                    "Readiness: whether the process should be sent requests",
                    operation: OperationDescriptions.ready
                ) { HealthEndpoints.answerReady($0) }
            ]
        ),
        RouteDescription(
            pattern: "/metrics",
            audience: .operators,
            isHealthCheck: true,
            endpoints: [
                .open(.GET, "Metrics for Prometheus, also as OpenMetrics", operation: OperationDescriptions.metrics) {
                    MetricsEndpoint.answer($0)
                }
            ]
        ),
        RouteDescription(
            pattern: "/docs",
            endpoints: [
                .open(.GET, "The API as a page, with a playground", operation: OperationDescriptions.docs) {
                    Documentation.answerFile("docs.html", $0)
                }
            ]
        ),
        RouteDescription(
            pattern: "/docs/{file}",
            isListed: false,
            endpoints: [
                .open(.GET, "A file of the pages", operation: OperationDescriptions.docs) {
                    Documentation.answerFile($0.parameters[0], $0)
                }
            ]
        ),
        RouteDescription(
            pattern: "/favicon.ico",
            isListed: false,
            endpoints: [
                .open(.GET, "The icon of the pages", operation: OperationDescriptions.docs) {
                    Documentation.answerFile("icon.svg", $0)
                }
            ]
        ),
        RouteDescription(
            pattern: "/openapi.json",
            endpoints: [
                .open(.GET, "The API as an OpenAPI 3.1 description", operation: OperationDescriptions.openapiJson) {
                    Documentation.answerDescription($0)
                }
            ]
        ),
    ]
}
