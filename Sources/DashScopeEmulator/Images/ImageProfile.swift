/// What the documentation says of one model that makes pictures.
struct ImageProfile: Sendable {
    enum Path: String, Sendable {
        case multimodal = "/api/v1/services/aigc/multimodal-generation/generation"
        case generation = "/api/v1/services/aigc/image-generation/generation"
        case textToImage = "/api/v1/services/aigc/text2image/image-synthesis"
        case imageToImage = "/api/v1/services/aigc/image2image/image-synthesis"
        case outPainting = "/api/v1/services/aigc/image2image/out-painting"

        /// Whether a call makes a task.
        var isAsynchronous: Bool { self != .multimodal }
    }

    /// How an answer counts what was made.
    enum Usage: Sendable {
        case pixels, metered, tokens, thinking, count
    }

    enum Result: Sendable {
        /// One choice with all pictures, or one for each.
        case oneChoice, choices
        case results
        case outputImage, image, posters
    }

    var paths: [Path]
    var usage = Usage.count
    var result = Result.results
    var images: ClosedRange<Int> = 0...0
    /// The member of `input` that holds the picture, where it is no message; an array where it is `images`.
    var imageName: String?
    var needed: [String] = []
    var takesPrompt = true
    var longestPrompt = Int.max
    var sizes: [String]?
    var sizeWords: [String] = []
    var area: ClosedRange<Int>?
    var sides: ClosedRange<Int>?
    var ratio = 1_000
    /// nil where there is no `n`.
    var count: ClosedRange<Int>? = 1...4
    var defaultCount = 1
    var refused: [String] = []

    static func named(_ name: String) -> ImageProfile? {
        let dated = name.split(separator: "-")
        // qwen-image-2.0-2026-03-03, wanx-v1-0521: what stands before the date.
        let isDated = dated.count > 3 && dated.suffix(3).allSatisfy { $0.allSatisfy(\.isNumber) }
        if let last = dated.last, last.count == 4, last.allSatisfy(\.isNumber) {
            return profile(dated.dropLast().joined(separator: "-"))
        }
        return profile(isDated ? dated.dropLast(3).joined(separator: "-") : name)
    }

    private static let squares = 512 * 512...2048 * 2048
    private static let wide = 1280 * 1280...1440 * 1440
    private static let five = ["1664*928", "1472*1104", "1328*1328", "1104*1472", "928*1664"]

    private static func profile(_ name: String) -> ImageProfile? {
        switch name {
        case "qwen-image-3.0", "qwen-image-3.0-pro":
            return ImageProfile(
                paths: [.multimodal, .generation],
                usage: .metered,
                result: .oneChoice,
                images: 0...3,
                area: squares,
                ratio: 8,
                count: 1...6
            )
        case "qwen-image-2.1-pro", "qwen-image-2.1-turbo":
            return ImageProfile(paths: [.multimodal], usage: .pixels, result: .oneChoice, images: 0...10, count: 1...6)
        case "qwen-image-2.0", "qwen-image-2.0-pro":
            return ImageProfile(
                paths: [.multimodal],
                usage: .pixels,
                result: .oneChoice,
                images: 0...3,
                area: squares,
                count: 1...6
            )
        case "qwen-image", "qwen-image-plus", "qwen-image-max":
            return ImageProfile(
                paths: name == "qwen-image-max" ? [.multimodal] : [.multimodal, .textToImage],
                usage: .pixels,
                result: .oneChoice,
                longestPrompt: 800,
                sizes: five,
                count: 1...1
            )
        case "qwen-image-edit":
            return ImageProfile(
                paths: [.multimodal],
                usage: .pixels,
                result: .oneChoice,
                images: 1...3,
                longestPrompt: 800,
                count: 1...1,
                refused: ["size", "prompt_extend"]
            )
        case "qwen-image-edit-plus", "qwen-image-edit-max":
            return ImageProfile(
                paths: [.multimodal],
                usage: .pixels,
                result: .oneChoice,
                images: 1...3,
                longestPrompt: 800,
                sides: 512...2048,
                count: 1...6
            )
        case "z-image-turbo":
            return ImageProfile(
                paths: [.multimodal],
                usage: .thinking,
                result: .oneChoice,
                longestPrompt: 800,
                area: squares,
                count: 1...1
            )
        case "wan2.6-t2i":
            return ImageProfile(
                paths: [.multimodal, .generation],
                usage: .tokens,
                result: .choices,
                area: wide,
                ratio: 4,
                defaultCount: 4
            )
        case "wan2.6-image":
            return ImageProfile(
                paths: [.multimodal, .generation],
                usage: .tokens,
                result: .choices,
                images: 1...4,
                sizeWords: ["1K", "2K"],
                area: 768 * 768...2048 * 2048,
                defaultCount: 4
            )
        case "wan2.7-image", "wan2.7-image-pro":
            return ImageProfile(
                paths: [.multimodal, .generation],
                usage: .tokens,
                result: .choices,
                images: 0...9,
                sizeWords: name.hasSuffix("pro") ? ["1K", "2K", "4K"] : ["1K", "2K"]
            )
        case "kling/kling-v3-image-generation", "kling/kling-v3-omni-image-generation":
            return ImageProfile(
                paths: [.generation],
                result: .choices,
                images: 0...10,
                count: 1...9,
                refused: ["size"]
            )
        default: return older(name)
        }
    }

    /// Models that are asked with a prompt, not with a message.
    private static func older(_ name: String) -> ImageProfile? {
        switch name {
        case "wan2.5-t2i-preview":
            return ImageProfile(paths: [.textToImage], area: wide, ratio: 4, defaultCount: 4)
        case "wan2.2-t2i-flash", "wan2.2-t2i-plus", "wanx2.1-t2i-turbo", "wanx2.1-t2i-plus", "wanx2.0-t2i-turbo":
            return ImageProfile(
                paths: [.textToImage],
                area: 1...1440 * 1440,
                sides: 512...1440,
                defaultCount: 4
            )
        case "wanx-v1":
            return ImageProfile(
                paths: [.textToImage],
                images: 0...1,
                imageName: "ref_img",
                sizes: ["1024*1024", "720*1280", "768*1152", "1280*720"],
                defaultCount: 4
            )
        case "wan2.5-i2i-preview":
            return ImageProfile(
                paths: [.imageToImage],
                images: 1...3,
                imageName: "images",
                area: 768 * 768...1280 * 1280,
                ratio: 4,
                defaultCount: 4
            )
        case "wanx2.1-imageedit":
            return ImageProfile(
                paths: [.imageToImage],
                images: 1...1,
                imageName: "base_image_url",
                needed: ["function"],
                refused: ["size"]
            )
        case "wanx-x-painting":
            return ImageProfile(
                paths: [.imageToImage],
                images: 1...1,
                imageName: "base_image_url",
                sizes: ["1024*1024", "720*1280", "1280*720"]
            )
        case "wanx-sketch-to-image-lite":
            return ImageProfile(
                paths: [.imageToImage],
                images: 1...1,
                imageName: "sketch_image_url",
                sizes: ["768*768"]
            )
        case "wanx-poster-generation-v1":
            return ImageProfile(
                paths: [.textToImage],
                result: .posters,
                needed: ["title"],
                takesPrompt: false,
                count: nil,
                refused: ["size"]
            )
        case "aitryon", "aitryon-plus":
            return ImageProfile(
                paths: [.imageToImage],
                result: .image,
                needed: ["person_image_url"],
                takesPrompt: false,
                count: nil,
                refused: ["size"]
            )
        case "image-instance-segmentation":
            return ImageProfile(
                paths: [.imageToImage],
                result: .outputImage,
                images: 1...1,
                imageName: "image_url",
                takesPrompt: false,
                count: nil,
                refused: ["size"]
            )
        case "qwen-mt-image":
            return ImageProfile(
                paths: [.imageToImage],
                result: .image,
                images: 1...1,
                imageName: "image_url",
                needed: ["source_lang", "target_lang"],
                takesPrompt: false,
                count: nil,
                refused: ["size"]
            )
        case "image-erase-completion":
            return ImageProfile(
                paths: [.imageToImage],
                result: .outputImage,
                images: 1...1,
                imageName: "image_url",
                needed: ["mask_url"],
                takesPrompt: false,
                count: nil,
                refused: ["size"]
            )
        case "image-out-painting":
            return ImageProfile(
                paths: [.outPainting],
                result: .outputImage,
                images: 1...1,
                imageName: "image_url",
                takesPrompt: false,
                count: nil,
                refused: ["size"]
            )
        case "wanx-style-repaint-v1":
            return ImageProfile(
                paths: [.generation],
                images: 1...1,
                imageName: "image_url",
                needed: ["style_index"],
                takesPrompt: false,
                count: nil,
                refused: ["size"]
            )
        default: return nil
        }
    }
}
