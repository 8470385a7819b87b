import APITranslation
import AdmissionControl
import Telemetry

extension MetricLabels {
    /// The closed sets of this gateway; models are those of the catalogue the process started with.
    convenience init(catalog: ModelCatalog) {
        self.init(
            routes: RouteTable.patterns,
            models: catalog.ids,
            operations: DashScopeOperation.allCases.map(\.rawValue),
            adjustments: Array(
                Set(ChatFieldTable.names).union(
                    (RerankFields.all + EmbeddingsFields.all + CompletionsFields.all + AppFields.all
                        + ImageEditsFields.all + TranscriptionFields.all + VideosFields.all + SpeechFields.all
                        + BatchFields.all)
                        .map { "\($0.name)" }
                )
            ).sorted(),
            errorCodes: APIError.codes,
            limitScopes: AdmissionRefusal.Scope.allCases.map(\.rawValue),
            limitKinds: AdmissionRefusal.Limit.allCases.map(\.rawValue)
        )
    }
}
