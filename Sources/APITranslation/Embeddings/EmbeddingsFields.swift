/// The fields of `POST /v1/embeddings`.
package enum EmbeddingsFields {
    package static let all: [RequestField] = [
        RequestField("model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        RequestField(
            "input",
            .any,
            .converted,
            "`input.texts`, or `input.contents` of multimodal models",
            "A string or a list of strings; for multimodal models also objects with `text`, `image`, `video` or "
                + "`multi_images`, and parts of chat messages. Data URLs above `translation.maximumInlineBytes` are stored "
                + "first. Lists that are longer than a call may be are divided. Token ids are refused."
        ),
        RequestField(
            "dimensions",
            .integer,
            .converted,
            "`dimension`",
            "One of those the model has; the model's own where it is absent."
        ),
        RequestField("dimension", .integer, .carried, "`dimension`", "The same under its native name."),
        RequestField("encoding_format", .string, .local, "", "`float` or `base64` (little-endian 32-bit floats)."),
        RequestField("user", .string, .ignored),
        RequestField("text_type", .string, .carried, "`text_type`", "`query` or `document`."),
        RequestField("instruct", .string, .carried, "`instruct`", "What the vectors are for."),
        RequestField(
            "output_type",
            .string,
            .carried,
            "`output_type`",
            "`dense`, `sparse` or `dense&sparse`; sparse vectors stand in `sparse_embedding`."
        ),
        RequestField("image", .stringOrArray, .converted, "`input.contents`", "Multimodal models: one URL or several."),
        RequestField("video", .stringOrArray, .converted, "`input.contents`", "Multimodal models: one URL or several."),
        RequestField(
            "multi_images",
            .array,
            .converted,
            "`input.contents`",
            "Multimodal models: several images for one vector."
        ),
        RequestField("enable_fusion", .boolean, .carried, "`enable_fusion`", "All contents become one vector."),
        RequestField("fps", .number, .carried, "`fps`"),
        RequestField("res_level", .integer, .carried, "`res_level`"),
        RequestField("max_video_frames", .integer, .carried, "`max_video_frames`"),
        RequestField("auto_truncation", .boolean, .carried, "`auto_truncation`"),
    ]

    /// Parameters that keep name and value.
    static let carried: [StaticString] = [
        "text_type", "instruct", "output_type", "enable_fusion", "fps", "res_level", "max_video_frames",
        "auto_truncation",
    ]
}
