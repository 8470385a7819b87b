/// The catalogue's facts about one model; nil where nothing is known.
package struct CatalogEntry: Equatable, Sendable {
    package var id: String
    package var kind: ModelKind?
    package var input: ModelModalities?
    package var output: ModelModalities?
    /// The native interfaces, the usual one first.
    package var paths: [NativePath] = []
    package var contextLength: Int?
    package var maxInputTokens: Int?
    package var maxOutputTokens: Int?
    package var thinking: ModelTraits.Thinking?
    package var streamOnly: ModelTraits.StreamOnly?
    /// Function calling; nil also means "not flagged", which often works all the same.
    package var tools: Bool?
    package var structuredOutput: Bool?
    /// Whether `json_schema` is understood, where that differs from ``structuredOutput``.
    package var jsonSchema: Bool?
    package var webSearch: Bool?
    /// Where contents may be lists of text parts; nil where the name tells.
    package var textParts: ModelTraits.TextParts?
    /// Whether uploaded files can be named by their ids.
    package var fileIDs: Bool?
    /// The lengths of vectors that an embedding model has, the default first.
    package var dimensions: [Int]?
    /// The most texts, contents or documents of one call.
    package var maxItems: Int?
    /// The most tokens of one call, where that is less than the items may have together.
    package var maxRequestTokens: Int?
    /// Whether the model is served by files and tasks only.
    package var isBatchOnly: Bool?
    /// Whether all contents of a call become one vector.
    package var fuses: Bool?
    /// What counts for a model that makes images.
    package var image: ImageTraits?
    /// What counts for a model that writes down speech, where its path does not tell.
    package var transcription: TranscriptionTraits?
    /// What counts for a model that makes videos.
    package var video: VideoTraits?
    /// What counts for a model that speaks.
    package var speech: SpeechTraits?
    /// The id whose name the rules on names go by: that of the first model in a chain of `like`.
    var ruleName: String
    /// Why or when the model goes; retired models are known but not listed.
    package var retirement: String?
    /// Whether the list of models shows it.
    package var isListed = true
    /// The id of the model from which everything not stated here is taken; snapshots name their family.
    package var like: String?
    package var created: Int?
    package var ownedBy: String?

    package init(id: String) {
        self.id = id
        ruleName = id
    }

    /// Takes from the family what this entry does not state.
    mutating func inherit(from family: CatalogEntry) {
        kind = kind ?? family.kind
        input = input ?? family.input
        output = output ?? family.output
        if paths.isEmpty { paths = family.paths }
        contextLength = contextLength ?? family.contextLength
        maxInputTokens = maxInputTokens ?? family.maxInputTokens
        maxOutputTokens = maxOutputTokens ?? family.maxOutputTokens
        thinking = thinking ?? family.thinking
        streamOnly = streamOnly ?? family.streamOnly
        tools = tools ?? family.tools
        structuredOutput = structuredOutput ?? family.structuredOutput
        jsonSchema = jsonSchema ?? family.jsonSchema
        webSearch = webSearch ?? family.webSearch
        textParts = textParts ?? family.textParts
        fileIDs = fileIDs ?? family.fileIDs
        dimensions = dimensions ?? family.dimensions
        maxItems = maxItems ?? family.maxItems
        maxRequestTokens = maxRequestTokens ?? family.maxRequestTokens
        isBatchOnly = isBatchOnly ?? family.isBatchOnly
        fuses = fuses ?? family.fuses
        image = image ?? family.image
        transcription = transcription ?? family.transcription
        video = video ?? family.video
        speech = speech ?? family.speech
        retirement = retirement ?? family.retirement
        ownedBy = ownedBy ?? family.ownedBy
    }
}
