/// `docs/parameters.md`, generated from ``ChatFieldTable``.
package enum ParametersDocument {
    /// The whole document as Markdown.
    package static func render() -> String {
        var text = """
            # Parameters of `POST /v1/chat/completions`

            Generated from the table the gateway works by; a test keeps the two equal. Regenerate with
            `dashscope-gateway reference parameters > docs/parameters.md`.

            `null` is an absent field everywhere. A field that is not listed is passed on to DashScope as an extra
            parameter. *Reported* means: the answer carries `x-gateway-adjustments: name;from=…;to=…;reason=…`, and with
            `x-gateway-strict: true` the request is refused in the same words. A value of the wrong type is refused with
            400 and the field's name in `error.param`.

            | Field | Type | What happens | DashScope | Notes |
            |---|---|---|---|---|

            """
        for field in ChatFieldTable.fields {
            text +=
                "| `\(field.name)` | \(field.expects.rawValue) | \(field.fate.rawValue) | \(field.native) | \(field.note) |\n"
        }
        text += """

            ## Messages

            | Part | Text models | Multimodal models |
            |---|---|---|
            | text | parts are joined into one string; with `cache_control` they stay parts | `{"text": …}` |
            | `image_url` | refused | `{"image": …}`; `detail: high` asks for `vl_high_resolution_images`, reported |
            | `input_audio` | refused | `{"audio": …}`; base64 becomes a data URL |
            | `video_url`, `video` | refused | `{"video": …}` |
            | `refusal` | text | text |
            | `file` | refused; `file_id` works with qwen-long | refused |

            - `system`, `user`, `assistant`, `tool` are carried; `developer` becomes `system` and `function` becomes `tool`.
            - `name` is carried on tool messages only; elsewhere it is reported.
            - Assistant `content` may be null; `tool_calls` are carried, empty arguments become `{}`.
            - `reasoning_content` of earlier answers is left out unless `preserve_thinking` is true.
            - `partial`, `cache_control` and members nobody knows are carried.
            - A model that is not in the catalogue is called on the multimodal path when media are in the request.

            """
        return text
    }
}
