/// The fields of `POST /v1/images/edits`.
package enum ImageEditsFields {
    package static let all: [RequestField] =
        ImagesFields.all + [
            RequestField(
                "mask",
                .any,
                .converted,
                "`input.mask_image_url`",
                "For models that take one, white where the image is to change; otherwise refused."
            )
        ]

    /// What fields are that only some models have: a form has texts for them, and DashScope wants numbers and flags.
    static let own: [(name: StaticString, kind: ChatField.Expectation)] = [
        ("strength", .number), ("upscale_factor", .integer), ("is_sketch", .boolean), ("top_scale", .number),
        ("bottom_scale", .number), ("left_scale", .number), ("right_scale", .number), ("x_scale", .number),
        ("y_scale", .number), ("angle", .integer), ("left_offset", .integer), ("right_offset", .integer),
        ("top_offset", .integer), ("bottom_offset", .integer), ("best_quality", .boolean),
        ("limit_image_size", .boolean), ("add_watermark", .boolean), ("dilate_flag", .boolean),
        ("fast_mode", .boolean), ("style_index", .integer), ("ref_strength", .number), ("sketch_weight", .integer),
        ("sketch_extraction", .boolean), ("sketch_color", .array), ("ext", .object), ("enable_thinking", .boolean),
        ("thinking_mode", .boolean), ("enable_sequential", .boolean), ("enable_interleave", .boolean),
        ("function", .string), ("result_type", .string), ("max_images", .integer), ("bbox_list", .array),
        ("color_palette", .array), ("series_amount", .integer),
    ]
}
