/// The fields of `POST /v1/rerank`.
package enum RerankFields {
    package static let all: [RequestField] = [
        RequestField("model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        RequestField(
            "query",
            .stringOrObject,
            .carried,
            "`input.query`",
            "Required. An object with `text`, `image` or `video` for multimodal models; links and data URLs go as they are."
        ),
        RequestField(
            "documents",
            .array,
            .converted,
            "`input.documents`",
            "Required. Strings, or objects with `text`; for multimodal models also with `image` or `video`."
        ),
        RequestField("top_n", .integer, .carried, "`top_n`", "How many results; all where it is absent."),
        RequestField(
            "return_documents",
            .boolean,
            .local,
            "",
            "Each result has its document, as it stands in the request. False where it is absent."
        ),
        RequestField("instruct", .string, .carried, "`instruct`", "What the ranking is for."),
        RequestField("fps", .number, .carried, "`fps`"),
        RequestField("rank_fields", .array, .ignored, "", "Reported: the text of a document is ranked."),
        RequestField("max_chunks_per_doc", .integer, .ignored, "", "Reported: documents are not divided."),
        RequestField("max_tokens_per_doc", .integer, .ignored, "", "Reported: the model has its own limit."),
        RequestField("user", .string, .ignored),
    ]
}
