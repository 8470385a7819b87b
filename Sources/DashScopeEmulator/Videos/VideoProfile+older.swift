extension VideoProfile {
    private static let small = ["832*480", "480*832", "624*624"]
    private static let middle = ["1280*720", "720*1280", "960*960", "1088*832", "832*1088"]
    private static let large = ["1920*1080", "1080*1920", "1440*1440", "1632*1248", "1248*1632"]

    /// Models that take members of `input`.
    static func older(_ name: String) -> VideoProfile? {
        text(name) ?? image(name) ?? frames(name) ?? references(name)
    }

    private static func text(_ name: String) -> VideoProfile? {
        var profile = VideoProfile(usage: .new)
        switch name {
        case "wan2.6-t2v", "wan2.6-t2v-us":
            profile.sizes = middle + large
            profile.seconds = name.hasSuffix("us") ? [5, 10, 15] : Array(2...15)
            profile.links = ["audio_url"]
            profile.parameters.insert("shot_type")
        case "wan2.5-t2v-preview":
            profile.sizes = small + middle + large
            profile.seconds = [5, 10]
            profile.links = ["audio_url"]
        case "wan2.2-t2v-plus":
            profile.sizes = small + large
            profile.seconds = [5]
            profile.usage = .old
        case "wanx2.1-t2v-turbo", "wan2.1-t2v-turbo":
            profile.sizes = small + middle
            profile.seconds = [5]
            profile.usage = .old
        case "wanx2.1-t2v-plus", "wan2.1-t2v-plus":
            profile.sizes = middle
            profile.seconds = [5]
            profile.usage = .old
        default: return nil
        }
        return profile
    }

    private static func image(_ name: String) -> VideoProfile? {
        var profile = VideoProfile(prompt: .possible, links: ["img_url"], neededLinks: ["img_url"])
        switch name {
        case "wan2.6-i2v", "wan2.6-i2v-flash", "wan2.6-i2v-us":
            profile.resolutions = ["720P", "1080P"]
            profile.seconds = name.hasSuffix("us") ? [5, 10, 15] : Array(2...15)
            profile.links.append("audio_url")
            profile.parameters.insert("shot_type")
            if name.hasSuffix("flash") { profile.parameters.insert("audio") }
        case "wan2.5-i2v-preview":
            profile.resolutions = ["480P", "720P", "1080P"]
            profile.seconds = [5, 10]
            profile.links.append("audio_url")
        case "wan2.2-i2v-flash":
            profile.resolutions = ["480P", "720P", "1080P"]
            profile.seconds = [5]
            profile.usage = .old
        case "wan2.2-i2v-plus":
            profile.resolutions = ["480P", "1080P"]
            profile.seconds = [5]
            profile.usage = .old
        case "wanx2.1-i2v-turbo", "wan2.1-i2v-turbo":
            profile.resolutions = ["480P", "720P"]
            profile.seconds = [3, 4, 5]
            profile.usage = .old
        case "wanx2.1-i2v-plus", "wan2.1-i2v-plus":
            profile.resolutions = ["720P"]
            profile.seconds = [5]
            profile.usage = .old
        default: return nil
        }
        return profile
    }

    private static func frames(_ name: String) -> VideoProfile? {
        guard ["wan2.2-kf2v-flash", "wanx2.1-kf2v-plus", "wan2.1-kf2v-plus"].contains(name) else { return nil }
        return VideoProfile(
            path: .image,
            prompt: .possible,
            links: ["first_frame_url", "last_frame_url"],
            neededLinks: ["first_frame_url"],
            resolutions: name.hasSuffix("flash") ? ["480P", "720P", "1080P"] : ["720P"],
            seconds: [5],
            usage: .old
        )
    }

    private static func references(_ name: String) -> VideoProfile? {
        switch name {
        case "wan2.6-r2v", "wan2.6-r2v-flash":
            var profile = VideoProfile(list: "reference_urls", neededInput: ["reference_urls"], sizes: middle + large)
            profile.seconds = Array(2...10)
            profile.parameters.insert("shot_type")
            if name.hasSuffix("flash") { profile.parameters.insert("audio") }
            return profile
        case "wanx2.1-vace-plus", "wan2.1-vace-plus":
            return VideoProfile(
                links: [
                    "video_url", "mask_image_url", "mask_video_url", "first_frame_url", "last_frame_url",
                    "first_clip_url", "last_clip_url",
                ],
                list: "ref_images_url",
                neededInput: ["function"],
                takesAnySize: true,
                seconds: [5],
                parameters: [
                    "prompt_extend", "watermark", "seed", "obj_or_bg", "control_condition", "strength", "mask_type",
                    "expand_ratio", "expand_mode", "top_scale", "bottom_scale", "left_scale", "right_scale",
                ],
                usage: .old
            )
        default: return nil
        }
    }

    /// Characters that move and heads that talk.
    static func portraits(_ name: String) -> VideoProfile? {
        var profile = VideoProfile(path: .image, prompt: .unread, parameters: [], takesNegative: false)
        profile.nestsResult = true
        profile.usage = .old
        switch name {
        case "wan2.2-animate-move", "wan2.2-animate-mix":
            profile.links = ["image_url", "video_url"]
            profile.modes = ["wan-std", "wan-pro"]
            profile.needsMode = true
            profile.parameters = ["check_image"]
        case "wan2.2-s2v":
            profile.links = ["image_url", "audio_url"]
            profile.resolutions = ["480P", "720P"]
            profile.usage = .speech
        case "liveportrait":
            profile.links = ["image_url", "audio_url"]
            profile.parameters = [
                "template_id", "eye_move_freq", "video_fps", "mouth_move_strength", "paste_back", "head_move_strength",
            ]
        default: return nil
        }
        profile.neededLinks = profile.links
        return profile
    }

    /// Models of other vendors.
    static func partners(_ name: String) -> VideoProfile? {
        var profile = VideoProfile(parameters: ["audio", "watermark", "seed"])
        if name.hasPrefix("kling/"), name.hasSuffix("-video-generation") {
            profile.prompt = .possible
            profile.media = ["first_frame": 1, "last_frame": 1]
            if name.contains("omni") {
                profile.media = ["first_frame": 1, "last_frame": 1, "refer": 7, "feature": 1, "base": 1]
                profile.secondsWithVideo = 10
            }
            profile.modes = ["pro", "std"]
            profile.ratios = ["16:9", "9:16", "1:1"]
            profile.ratioName = "aspect_ratio"
            profile.seconds = Array(3...15)
            profile.parameters = ["audio", "watermark"]
            profile.usage = .kling
            return profile
        }
        if name.hasPrefix("vidu/") {
            profile.resolutions = ["540P", "720P", "1080P"]
            profile.seconds = Array(1...16)
            profile.takesNegative = false
            if name.contains("text2video") {
                profile.takesAnySize = true
            } else {
                profile.media = ["image": 7, "video": 2]
                profile.neededMedia = [["image", "video"]]
                profile.takesAnySize = name.contains("reference2video")
                if !name.contains("reference2video") { profile.prompt = .possible }
            }
            return profile
        }
        guard name.hasPrefix("pixverse/") else { return nil }
        profile.needsSeconds = true
        profile.needsSize = true
        profile.seconds = name.contains("v5.6") ? [5, 8, 10] : Array(1...15)
        if name.hasSuffix("-it2v") || name.hasSuffix("-kf2v") {
            profile.resolutions = ["360P", "540P", "720P", "1080P"]
            let isKey = name.hasSuffix("-kf2v")
            profile.media = isKey ? ["first_frame": 1, "last_frame": 1] : ["image_url": 1]
            profile.neededMedia = isKey ? [["first_frame"], ["last_frame"]] : [["image_url"]]
            if !isKey { profile.prompt = .possible }
        } else {
            profile.takesAnySize = true
            if name.hasSuffix("-r2v") {
                profile.media = ["image_url": 7]
                profile.neededMedia = [["image_url"]]
            }
        }
        return profile
    }
}
