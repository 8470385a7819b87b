/// The fields of `POST /v1/batches`.
package enum BatchFields {
    package static let all: [RequestField] = [
        RequestField("input_file_id", .string, .carried, "`input_file_id`", "Required."),
        RequestField("endpoint", .string, .carried, "`endpoint`", "Required. One of those that DashScope runs."),
        RequestField(
            "completion_window",
            .string,
            .carried,
            "`completion_window`",
            "Required. `24h` to `336h`, or in days."
        ),
        RequestField(
            "metadata",
            .object,
            .carried,
            "`metadata`",
            "`ds_name`, `ds_description` and `ds_batch_finish_callback` mean something to DashScope."
        ),
        RequestField(
            "output_expires_after",
            .object,
            .ignored,
            "",
            "Reported: DashScope keeps results for 30 days."
        ),
    ]
}
