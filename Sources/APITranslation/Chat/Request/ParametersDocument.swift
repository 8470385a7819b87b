/// `docs/parameters.md`, generated from ``ChatFieldTable``.
package enum ParametersDocument {
    /// The whole document as Markdown.
    package static func render() -> String {
        var text = """
            # Parameters of `POST /v1/chat/completions`

            [中文](parameters.zh-CN.md)

            This page is generated from the table by which the gateway works, with
            `dashscope-gateway reference parameters > docs/parameters.md`; a test keeps the two equal.

            `null` is an absent field everywhere. A field that is not listed is passed on to DashScope as an extra
            parameter. *Reported* means: the answer carries `x-gateway-adjustments: name;from=…;to=…;reason=…[;count=N]`, one
            entry for each kind of repair with `[*]` for indexes, at most 1 KB in all (a last entry `more=N` tells of the
            rest), and with `x-gateway-strict: true` the request is refused in the same words. A value of the wrong type is
            refused with 400 and the field's name in `error.param`. `1000.0` is read as 1000, a byte-order mark is skipped
            and half of a surrogate pair becomes U+FFFD, each reported.

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
            | text | parts are joined into one string; with `cache_control` they stay parts where the model reads lists | `{"text": …}` |
            | `image_url` | refused | `{"image": …}`; `detail: high` asks for `vl_high_resolution_images`, reported |
            | `input_audio` | refused | `{"audio": …}`; base64 becomes a data URL |
            | `video_url`, `video` | refused | `{"video": …}` |
            | `refusal` | text | text |
            | `file` | refused; `file_id` works with qwen-long | refused |

            - `system`, `user`, `assistant`, `tool` are carried; `developer` becomes `system` and `function` becomes `tool`.
            - Links are `https`, `http` or `oss`. A data URL that is empty, no base64 or of another kind is refused before \
            anything is sent; `param`
              names its place. One without a type (`data:;base64,…`) gets that of its data, or of the `format` beside it.
            - Data URLs and base64 above 10 MB (`translation.maximumInlineBytes`) are uploaded to DashScope's temporary storage
              with the caller's key before the call, each once; more than `upstream.maximumUploads` are refused.
            - A part is judged by its `type`. One that is not known is left out of earlier answers, reported, and refused
              elsewhere. Members beside it are carried, or reported where parts are joined.
            - `name` is carried on tool messages only; elsewhere it is reported, and kept in front of the text where
              `translation.keepMessageNames` says so.
            - Assistant `content` may be null; `tool_calls` are carried. Arguments that are no JSON object, which DashScope
              would refuse in every later turn, become one: `{}` or `{"INVALID_JSON": "…"}`, reported.
            - qwen-mt takes one user message; a system message is left out, reported, where `translation_options` name the
              target language.
            - `reasoning_content` of earlier answers is left out, reported, unless `preserve_thinking` is true. So are their
              `annotations`, and a `refusal` beside a content.
            - `partial`, `cache_control` and unknown members are carried.
            - Where several fields say how to think, the last word counts (`enable_thinking` before `reasoning_effort` before the
              others); one that is overruled is reported.
            - A model that is not in the catalogue is called on the multimodal path when media are in the request.

            """
        return text
    }
}
