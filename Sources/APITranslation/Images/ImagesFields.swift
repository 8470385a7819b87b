/// The fields of `POST /v1/images/generations`.
package enum ImagesFields {
    package static let all: [RequestField] = [
        RequestField("model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        RequestField(
            "prompt",
            .string,
            .converted,
            "the text of the message, or `input.prompt`",
            "Required by most models."
        ),
        RequestField(
            "n",
            .integer,
            .carried,
            "`n`",
            "1 where it is absent. More than the model makes in one call are divided among calls."
        ),
        RequestField(
            "size",
            .string,
            .converted,
            "`size`",
            "`1024x1024`, `1024*1024`, `auto`, or a word of the model such as `2K`. A size that the model lacks becomes "
                + "the nearest it has, which is reported."
        ),
        RequestField(
            "response_format",
            .string,
            .local,
            "",
            "`url` (the default: a link that is good for 24 hours) or `b64_json`."
        ),
        RequestField(
            "style",
            .string,
            .converted,
            "`style`",
            "For models that have styles, such as `watercolor`; otherwise reported."
        ),
        RequestField(
            "image",
            .any,
            .converted,
            "an image of the message, or its member of `input`",
            "Images to go by: a URL or a data URL, or an array of them."
        ),
        RequestField("images", .array, .converted, "the same"),
        RequestField("negative_prompt", .string, .carried, "`negative_prompt`", "Reported where the model has none."),
        RequestField("seed", .integer, .carried, "`seed`", "0 to 2147483647; each further call takes the next."),
        RequestField("prompt_extend", .boolean, .carried, "`prompt_extend`", "Reported where the model has none."),
        RequestField("watermark", .boolean, .carried, "`watermark`", "Reported where the model has none."),
        RequestField("quality", .string, .ignored, "", "Reported unless it is `auto` or `standard`."),
        RequestField("background", .string, .ignored, "", "`transparent` is reported."),
        RequestField("output_format", .string, .ignored, "", "Images are PNG; others are reported."),
        RequestField("output_compression", .integer, .ignored, "", "Reported."),
        RequestField("moderation", .string, .ignored, "", "Reported unless it is `auto`."),
        RequestField("input_fidelity", .string, .ignored, "", "Reported."),
        RequestField(
            "stream",
            .boolean,
            .local,
            "",
            "`true` gives an event for each image when it is there, with the image as base64 unless `response_format` is `url`."
        ),
        RequestField(
            "partial_images",
            .integer,
            .ignored,
            "",
            "Reported: DashScope has no parts of an image."
        ),
        RequestField("user", .string, .ignored),
        RequestField("safety_identifier", .string, .ignored),
    ]
}
