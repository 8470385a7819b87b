/// A request for pictures that the documentation allows.
struct ImageOrder: Sendable {
    private static let functions = [
        "stylization_all", "stylization_local", "description_edit", "description_edit_with_mask", "remove_watermark",
        "expand", "super_resolution", "colorization", "doodle", "control_cartoon_feature",
    ]

    var prompt = ""
    var width = 1024
    var height = 1024
    var count = 1
    var seed: Int?
    var extendsPrompt = true

    /// Reads a request.
    init(
        _ request: OperationRequest,
        path: ImageProfile.Path,
        profile: ImageProfile
    ) throws(Refusal) {
        let usesMessages = path == .multimodal || path == .generation && profile.imageName == nil
        var images: [JSON] = []
        if usesMessages {
            (prompt, images) = try Self.message(in: request.input)
        } else {
            if profile.takesPrompt {
                guard let text = request.input["prompt"]?.string, !text.isEmpty else {
                    throw .invalid(
                        "Required parameter \"prompt\" missing or invalid, please check the request parameters."
                    )
                }
                prompt = text
            }
            if request.input["messages"] != nil { throw .invalid("Input should not contain messages") }
            for name in profile.needed where request.input[name] == nil {
                throw .invalid("Required parameter \"\(name)\" missing from request.")
            }
            if let name = profile.imageName {
                let value = request.input[name] ?? (name == "ref_img" ? request.input["ref_image"] : nil)
                images = name == "images" ? value?.array ?? [] : value.map { [$0] } ?? []
            }
            if let function = request.input["function"]?.string, !Self.functions.contains(function) {
                throw .invalid("function is not supported")
            }
            try Self.checkMask(request.input)
            if let text = request.input["negative_prompt"] { try Self.checkNegative(text) }
        }
        guard profile.images.contains(images.count) else { throw .invalid("lack of image or text") }
        for image in images {
            guard let link = image.string else { throw .invalid("image format error") }
            try Self.check(link)
        }
        guard prompt.count <= profile.longestPrompt else {
            throw .algorithm("Range of prompt length should be [1, \(profile.longestPrompt)]")
        }
        try readParameters(request, profile: profile, usesMessages: usesMessages)
    }

    /// Exactly one message of the user's with exactly one text.
    private static func message(in input: JSON) throws(Refusal) -> (String, [JSON]) {
        guard let messages = input["messages"]?.array, !messages.isEmpty else {
            throw .invalid("No messages found in input")
        }
        guard messages.count == 1 else { throw .invalid("messages length only support 1") }
        guard messages[0]["role"]?.string == "user", let content = messages[0]["content"]?.array else {
            throw .invalid("lack of image or text")
        }
        var images: [JSON] = []
        var texts: [String] = []
        for part in content {
            if let text = part["text"]?.string {
                texts.append(text)
            } else if let image = part["image"] {
                images.append(image)
            }
        }
        guard texts.count == 1, !texts[0].isEmpty, texts.count + images.count == content.count else {
            throw .invalid("lack of image or text")
        }
        return (texts[0], images)
    }

    private static func checkMask(_ input: JSON) throws(Refusal) {
        if input["function"]?.string == "description_edit_with_mask", input["mask_image_url"] == nil {
            throw .invalid("Required parameter \"mask_image_url\" missing from request.")
        }
        for name in ["mask_image_url", "mask_url"] {
            guard let mask = input[name] else { continue }
            guard let link = mask.string else { throw .invalid("image format error") }
            try check(link)
        }
    }

    private static func checkNegative(_ value: JSON) throws(Refusal) {
        guard let text = value.string, text.count <= 500 else {
            throw .invalid("negative_prompt must be a string of at most 500 characters")
        }
    }

    private static func check(_ link: String) throws(Refusal) {
        if link.hasPrefix("data:") {
            guard let data = DataURL(link), data.type.hasPrefix("image/") else { throw .invalid("image format error") }
            guard data.byteCount <= 20 << 20 else { throw .invalid("Input files format not supported.") }
            return
        }
        // `UploadStore` has looked at it.
        if link.hasPrefix("oss://") { return }
        guard link.hasPrefix("http://") || link.hasPrefix("https://") else {
            throw Refusal(
                status: 400,
                code: "InvalidURL",
                message: "The provided URL does not appear to be valid. Ensure it is correctly formatted."
            )
        }
    }

    private mutating func readParameters(
        _ request: OperationRequest,
        profile: ImageProfile,
        usesMessages: Bool
    ) throws(Refusal) {
        let parameters = request.parameters
        for name in profile.refused where parameters[name] != nil {
            throw .invalid("\(name) is not supported by this model")
        }
        if parameters["negative_prompt"] != nil {
            // It belongs to the prompt where that is no message.
            guard usesMessages else { throw .invalid("parameters.negative_prompt is not supported") }
            if let text = parameters["negative_prompt"] { try Self.checkNegative(text) }
        }
        if let range = profile.count {
            if let value = parameters["n"] {
                guard let number = value.int, range.contains(number) else {
                    throw .invalid(
                        range.upperBound == 1
                            ? "num_images_per_prompt must be 1"
                            : "n should be in [\(range.lowerBound), \(range.upperBound)]"
                    )
                }
                count = number
            } else {
                count = profile.defaultCount
            }
        } else if parameters["n"] != nil {
            throw .invalid("n is not supported by this model")
        }
        seed = try request.integer("seed", in: 0...2_147_483_647)
        extendsPrompt = try request.flag("prompt_extend") ?? true
        _ = try request.flag("watermark")
        try readSize(parameters["size"], profile: profile)
    }

    /// `W*H` with an asterisk, or a word of the model's.
    private mutating func readSize(_ value: JSON?, profile: ImageProfile) throws(Refusal) {
        guard let value else { return }
        guard let text = value.string else { throw .invalid("size must be a string") }
        if profile.sizeWords.contains(text) { return }
        let sides = text.split(separator: "*", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }),
            let wide = Int(sides[0]), let high = Int(sides[1]), wide > 0, high > 0
        else { throw .invalid("size must be in the format of width*height") }
        if let sizes = profile.sizes, !sizes.contains(text) {
            let list = sizes.map { "'\($0)'" }.joined(separator: ",")
            throw .invalid("The size is not match the allowed size [\(list)]")
        }
        if let area = profile.area, !area.contains(wide * high) { throw .invalid("the area of size is out of range") }
        if let range = profile.sides, !range.contains(wide) || !range.contains(high) {
            throw .invalid("width and height should be in [\(range.lowerBound), \(range.upperBound)]")
        }
        guard wide <= high * profile.ratio, high <= wide * profile.ratio else {
            throw .invalid("the aspect ratio of size is out of range")
        }
        (width, height) = (wide, high)
    }
}
