/// The fields of `POST /v1/videos` and `POST /v1/video/generations`.
package enum VideosFields {
    package static let all: [RequestField] = [
        RequestField("model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        RequestField("prompt", .string, .converted, "`input.prompt`", "Required by most models."),
        RequestField(
            "seconds",
            .any,
            .converted,
            "`duration`",
            "A number, or a text that is one. A length that the model lacks becomes the nearest it has, which is reported."
        ),
        RequestField("duration", .any, .converted, "the same", "What `seconds` says counts more."),
        RequestField(
            "size",
            .string,
            .converted,
            "`size`, or `resolution` and `ratio`",
            "`1280x720`, `1280*720`, `720P`, `16:9` or `auto`. A size that the model lacks becomes the nearest it has: by the "
                + "ratio of the sides first, then by area; reported."
        ),
        RequestField(
            "width",
            .integer,
            .converted,
            "the same",
            "With `height`, where there is no `size`; what does not count is reported."
        ),
        RequestField("height", .integer, .converted, "the same"),
        RequestField("resolution", .string, .converted, "`resolution`, or the `size` that is nearest"),
        RequestField("ratio", .string, .converted, "`ratio`, `aspect_ratio`, or the `size` that is nearest"),
        RequestField("aspect_ratio", .string, .converted, "the same"),
        RequestField(
            "input_reference",
            .any,
            .converted,
            "the first frame, or the image to go by: `media`, `img_url`, …",
            "A URL, a data URL, an `oss://` link, or an object with `image_url`."
        ),
        RequestField("image", .any, .converted, "the same", "Base64 without a data URL is taken, too."),
        RequestField("first_frame", .any, .converted, "the same"),
        RequestField("first_frame_url", .any, .converted, "the same"),
        RequestField("img_url", .any, .converted, "the same"),
        RequestField("image_url", .any, .converted, "the same"),
        RequestField("last_frame", .any, .converted, "the last frame"),
        RequestField("last_frame_url", .any, .converted, "the same"),
        RequestField("reference_images", .any, .converted, "images to go by", "One or an array of them."),
        RequestField("images", .any, .converted, "the same, or the first and the last frame"),
        RequestField("reference_urls", .any, .converted, "the same"),
        RequestField("ref_images_url", .any, .converted, "the same"),
        RequestField("video", .any, .converted, "the video to go by or to change", "A URL, or an array of them."),
        RequestField("video_url", .any, .converted, "the same"),
        RequestField("reference_videos", .any, .converted, "the same"),
        RequestField("first_clip", .any, .converted, "the video that is continued"),
        RequestField("first_clip_url", .any, .converted, "the same"),
        RequestField("audio_url", .any, .converted, "`input.audio_url`, or an element of `media`", "A URL."),
        RequestField("reference_audio", .any, .converted, "the same"),
        RequestField("media", .array, .carried, "`input.media`", "As DashScope has it: `type` and `url`."),
        RequestField(
            "negative_prompt",
            .string,
            .carried,
            "`input.negative_prompt`",
            "Reported where the model has none."
        ),
        RequestField("prompt_extend", .boolean, .carried, "`prompt_extend`", "The same, as the next ones."),
        RequestField("seed", .integer, .carried, "`seed`", "0 to 2147483647."),
        RequestField("watermark", .boolean, .carried, "`watermark`"),
        RequestField("audio", .boolean, .carried, "`audio`", "Whether there is sound."),
        RequestField("shot_type", .string, .carried, "`shot_type`"),
        RequestField("template", .string, .carried, "`input.template`"),
        RequestField("audio_setting", .string, .carried, "`audio_setting`"),
        RequestField(
            "metadata",
            .object,
            .converted,
            "its members beside the others",
            "As new-api has it. A member that stands at the top, too, counts there; another value is reported."
        ),
        RequestField("n", .integer, .ignored, "", "One video is made; more are reported."),
        RequestField("fps", .number, .ignored, "", "Reported."),
        RequestField("response_format", .string, .ignored, "", "Reported unless it is `url`."),
        RequestField("user", .string, .ignored),
        RequestField("safety_identifier", .string, .ignored),
    ]
}
