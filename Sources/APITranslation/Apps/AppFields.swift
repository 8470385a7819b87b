/// The members that an app takes beside a conversation, under the same names in every dialect.
///
/// Source: DashScope API reference, "application completion".
package enum AppFields {
    package static let all: [RequestField] = inputs + parameters

    /// Members of `input`.
    static let inputs: [RequestField] = [
        RequestField(
            "session_id",
            .string,
            .carried,
            "`input.session_id`",
            "Continues a conversation that DashScope keeps; then the last message of the user is sent alone."
        ),
        RequestField("memory_id", .string, .carried, "`input.memory_id`", "Long-term memory."),
        RequestField(
            "biz_params",
            .object,
            .carried,
            "`input.biz_params`",
            "Variables of a workflow, parameters of plug-ins."
        ),
        RequestField("image_list", .array, .carried, "`input.image_list`", "Behind the images of the messages."),
        RequestField("file_list", .array, .carried, "`input.file_list`"),
        RequestField("doc_reference_type", .string, .carried, "`input.doc_reference_type`"),
        RequestField("doc_tag_codes", .array, .carried, "`input.doc_tag_codes`"),
    ]

    /// Members of `parameters`.
    static let parameters: [RequestField] = [
        RequestField("has_thoughts", .boolean, .carried, "`has_thoughts`", "The answer has `thoughts`."),
        RequestField(
            "rag_options",
            .object,
            .carried,
            "`rag_options`",
            "Where to look: `pipeline_ids`, `file_ids`, `tags`, …"
        ),
        RequestField("flow_stream_mode", .string, .carried, "`flow_stream_mode`", "How a workflow streams."),
        RequestField("enable_web_search", .boolean, .carried, "`enable_web_search`", "`enable_search` means the same."),
        RequestField("enable_system_time", .boolean, .carried, "`enable_system_time`"),
        RequestField("dialog_round", .integer, .carried, "`dialog_round`"),
        RequestField("model_id", .string, .carried, "`model_id`"),
        RequestField("mcp_servers", .array, .carried, "`mcp_servers`"),
    ]

    /// Whether an app takes a member that models do not know.
    static func takes(_ name: String) -> Bool { all.contains { "\($0.name)" == name } }
}
