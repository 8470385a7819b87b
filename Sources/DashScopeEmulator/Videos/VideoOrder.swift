/// A request for a film that the documentation allows.
struct VideoOrder: Sendable {
    var prompt = ""
    var seconds = 5
    var size = "1280*720"
    var lines = 720
    var ratio = "16:9"
    var extendsPrompt = true
    /// Whether a film is among what is given.
    var hasVideo = false
    /// Frames and references at once: found out only when the task runs.
    var mixesModes = false

    private static let lists = ["reference_urls", "ref_images_url"]

    init(_ request: OperationRequest, profile: VideoProfile, resolvesTemporaryURLs: Bool) throws(Refusal) {
        try readInput(request.input, profile, resolvesTemporaryURLs: resolvesTemporaryURLs)
        try readParameters(request, profile)
    }

    // MARK: - Input

    private mutating func readInput(_ input: JSON, _ profile: VideoProfile, resolvesTemporaryURLs: Bool) throws(Refusal)
    {
        if let value = input["prompt"], !value.isNull {
            guard profile.prompt != .unread else { throw .invalid("input.prompt is not supported by this model") }
            guard let text = value.string, !text.isEmpty else { throw .invalid("prompt must be a string") }
            prompt = text
        } else if profile.prompt == .needed {
            throw .invalid("Required parameter \"prompt\" missing or invalid, please check the request parameters.")
        }
        if let negative = input["negative_prompt"] {
            guard profile.takesNegative, let text = negative.string, text.count <= 500 else {
                throw .invalid("negative_prompt must be a string of at most 500 characters")
            }
        }
        try readMedia(input, profile, resolvesTemporaryURLs: resolvesTemporaryURLs)
        for name in profile.neededLinks where input[name] == nil {
            throw .invalid("Required parameter \"\(name)\" missing from request.")
        }
        for name in profile.neededInput where input[name] == nil {
            throw .invalid("Required parameter \"\(name)\" missing from request.")
        }
        for name in Self.everyLink where input[name] != nil && !profile.links.contains(name) {
            throw .invalid("input.\(name) is not supported by this model")
        }
        for name in profile.links {
            guard let value = input[name] else { continue }
            try Self.check(value, mayBeInline: name.contains("im") || name.contains("frame"), resolvesTemporaryURLs)
        }
        if let name = profile.list, let value = input[name] {
            guard let items = value.array, !items.isEmpty else { throw .invalid("\(name) must be a list") }
            for item in items { try Self.check(item, mayBeInline: true, resolvesTemporaryURLs) }
        }
        for name in Self.lists where input[name] != nil && profile.list != name {
            throw .invalid("input.\(name) is not supported by this model")
        }
        if profile.prompt == .possible, profile.neededMedia.isEmpty, profile.neededLinks.isEmpty, prompt.isEmpty,
            input["media"] == nil, input["multi_prompt"] == nil
        {
            throw .invalid("prompt or media is required")
        }
    }

    private static let everyLink = [
        "img_url", "first_frame_url", "last_frame_url", "image_url", "video_url", "audio_url", "first_clip_url",
        "last_clip_url", "mask_image_url", "mask_video_url",
    ]

    private mutating func readMedia(
        _ input: JSON,
        _ profile: VideoProfile,
        resolvesTemporaryURLs: Bool
    ) throws(Refusal) {
        var counts: [String: Int] = [:]
        if let value = input["media"] {
            guard let most = profile.media else { throw .invalid("input.media is not supported by this model") }
            guard let items = value.array, !items.isEmpty else { throw .invalid("media must be a list") }
            for item in items {
                guard let type = item["type"]?.string, let limit = most[type] else {
                    throw .invalid("media type must be one of \(most.keys.sorted().joined(separator: ","))")
                }
                counts[type, default: 0] += 1
                if counts[type, default: 0] > limit { throw .invalid("too many media of type \(type)") }
                guard let url = item["url"] else { throw .invalid("Required parameter \"url\" missing from request.") }
                let isImage = ["first_frame", "last_frame", "reference_image", "image", "image_url", "refer"].contains(
                    type
                )
                try Self.check(url, mayBeInline: isImage, resolvesTemporaryURLs)
            }
        }
        for group in profile.neededMedia where !group.contains(where: { counts[$0] != nil }) {
            throw .invalid("media of type \(group.joined(separator: " or ")) is required")
        }
        hasVideo = ["video", "reference_video", "feature", "base"].contains { counts[$0] != nil }
        let frames = counts["first_frame"] ?? counts["last_frame"]
        // Only the newest takes references of all kinds.
        mixesModes =
            profile.media?["link"] != nil && frames != nil
            && counts.keys.contains { !["first_frame", "last_frame"].contains($0) }
    }

    private static func check(_ value: JSON, mayBeInline: Bool, _ resolvesTemporaryURLs: Bool) throws(Refusal) {
        guard let link = value.string else { throw .invalid("url must be a string") }
        if link.hasPrefix("data:"), mayBeInline {
            guard let data = DataURL(link), data.type.hasPrefix("image/"), data.byteCount <= 20 << 20 else {
                throw .invalid("image format error")
            }
            return
        }
        if link.hasPrefix("oss://"), resolvesTemporaryURLs { return }
        guard link.hasPrefix("http://") || link.hasPrefix("https://") else {
            throw Refusal(
                status: 400,
                code: "InvalidURL",
                message: "The provided URL does not appear to be valid. Ensure it is correctly formatted."
            )
        }
    }

    // MARK: - Parameters

    private mutating func readParameters(_ request: OperationRequest, _ profile: VideoProfile) throws(Refusal) {
        let own = ["size", "resolution", "ratio", "aspect_ratio", "duration", "mode"]
        for member in request.parameters.members ?? [] where !own.contains(member.name) {
            guard profile.parameters.contains(member.name) else {
                throw .invalid("parameters.\(member.name) is not supported by this model")
            }
        }
        for name in ["prompt_extend", "watermark", "audio"] { _ = try request.flag(name) }
        _ = try request.integer("seed", in: 0...2_147_483_647)
        _ = try request.text(
            "shot_type",
            among: ["single", "multi"]
        )
        _ = try request.text("audio_setting", among: ["auto", "origin"])
        extendsPrompt = try request.flag("prompt_extend") ?? true
        try readSeconds(request.parameters["duration"], profile)
        try readSize(request, profile)
    }

    private mutating func readSeconds(_ value: JSON?, _ profile: VideoProfile) throws(Refusal) {
        guard let value else {
            if profile.needsSeconds { throw .invalid("Required parameter \"duration\" missing from request.") }
            return
        }
        guard let number = value.int else { throw .wrongType("duration", "an integer") }
        if number == profile.automaticSeconds { return }
        var allowed = profile.seconds
        if hasVideo, let most = profile.secondsWithVideo { allowed.removeAll { $0 > most } }
        guard allowed.contains(number) else { throw .invalid("duration must be one of \(allowed)") }
        seconds = number
    }

    private mutating func readSize(_ request: OperationRequest, _ profile: VideoProfile) throws(Refusal) {
        let parameters = request.parameters
        if let value = parameters["size"] {
            let sides = value.string?.split(separator: "*", omittingEmptySubsequences: false).map { Int($0) } ?? []
            guard let text = value.string, sides.count == 2, let wide = sides[0], let high = sides[1], wide > 0,
                high > 0
            else { throw .invalid("size must be in the format of width*height") }
            guard profile.takesAnySize || profile.sizes?.contains(text) == true else {
                let list = (profile.sizes ?? []).map { "'\($0)'" }.joined(separator: ",")
                throw .invalid("The size is not match the allowed size [\(list)]")
            }
            size = text
            lines = min(wide, high)
        }
        if let value = parameters["resolution"] {
            guard let text = value.string, profile.resolutions.contains(text) else {
                throw .invalid("resolution must be one of \(profile.resolutions.joined(separator: ","))")
            }
            lines = Int(text.dropLast()) ?? 720
        }
        if profile.needsSize, parameters["size"] == nil, parameters["resolution"] == nil {
            throw .invalid("Required parameter \"size\" missing from request.")
        }
        if let value = parameters["mode"] {
            guard let text = value.string, profile.modes.contains(text) else {
                throw .invalid("mode must be one of \(profile.modes.joined(separator: ","))")
            }
            if text == "pro" { lines = 1080 }
        } else if profile.needsMode {
            throw .invalid("Required parameter \"mode\" missing from request.")
        }
        for name in ["ratio", "aspect_ratio"] {
            guard let value = parameters[name] else { continue }
            guard let text = value.string, name == profile.ratioName, profile.ratios.contains(text) else {
                throw .invalid("\(name) must be one of \(profile.ratios.joined(separator: ","))")
            }
            if text != "adaptive" { ratio = text }
        }
    }
}
