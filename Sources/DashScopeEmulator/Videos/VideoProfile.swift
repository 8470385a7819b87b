/// What the documentation says of one model that makes films.
struct VideoProfile: Sendable {
    enum Path: String, Sendable {
        case video = "/api/v1/services/aigc/video-generation/video-synthesis"
        case image = "/api/v1/services/aigc/image2video/video-synthesis"
    }

    enum Prompt: Sendable {
        case needed, possible, unread
    }

    /// How an answer counts what was made.
    enum Usage: Sendable {
        /// `duration`, `video_count`, `SR` and `size` or `ratio`.
        case new
        /// The same with `SR` as a string.
        case kling
        /// `video_duration`, `video_ratio`, `video_count`.
        case old
        case speech
    }

    var path = Path.video
    var prompt = Prompt.needed
    /// The types of `input.media` with the most of each; nil where there is no such member.
    var media: [String: Int]?
    /// One of each group must be there.
    var neededMedia: [[String]] = []
    /// Members of `input` that hold links.
    var links: [String] = []
    var neededLinks: [String] = []
    /// The member of `input` that holds several links.
    var list: String?
    var neededInput: [String] = []
    var sizes: [String]?
    var takesAnySize = false
    var resolutions: [String] = []
    var ratios: [String] = []
    var seconds: [Int] = []
    /// The number that leaves it to the model.
    var automaticSeconds: Int?
    /// The most seconds where a film is given.
    var secondsWithVideo: Int?
    var needsSeconds = false
    var needsSize = false
    /// Parameters besides `size`, `resolution`, `ratio` and `duration`.
    var parameters: Set<String> = ["prompt_extend", "watermark", "seed"]
    /// Parameters with a few words, of which one must be there.
    var modes: [String] = []
    var needsMode = false
    var ratioName = "ratio"
    var takesNegative = true
    var usage = Usage.new
    var tellsExtendedPrompt = true
    /// Whether the link stands within `results`.
    var nestsResult = false

    static func named(_ name: String) -> VideoProfile? {
        var parts = name.split(separator: "-")
        // Snapshots: what stands before the date.
        if parts.count > 3, parts.suffix(3).allSatisfy({ $0.allSatisfy(\.isNumber) }) { parts.removeLast(3) }
        let name = parts.joined(separator: "-")
        return newest(name) ?? horses(name) ?? older(name) ?? portraits(name) ?? partners(name)
    }

    private static let five = ["16:9", "9:16", "1:1", "4:3", "3:4"]

    /// Models that take `media`, a resolution and a ratio.
    private static func newest(_ name: String) -> VideoProfile? {
        switch name {
        case "wan3.0-video", "wan3.0-video-prime":
            return VideoProfile(
                prompt: .possible,
                media: [
                    "first_frame": 1, "last_frame": 1, "reference_image": 10, "reference_video": 5,
                    "reference_audio": 5, "file": 1, "link": 1,
                ],
                resolutions: ["1080P", "720P", "480P"],
                ratios: ["adaptive"] + five,
                seconds: Array(2...30),
                automaticSeconds: -1,
                parameters: ["prompt_extend", "watermark", "seed", "audio"],
                takesNegative: false,
                tellsExtendedPrompt: false
            )
        case "wan2.7-t2v":
            return VideoProfile(
                links: ["audio_url"],
                resolutions: ["1080P", "720P"],
                ratios: five,
                seconds: Array(2...15)
            )
        case "wan2.7-i2v":
            return VideoProfile(
                prompt: .possible,
                media: ["first_frame": 1, "last_frame": 1, "driving_audio": 1, "first_clip": 1],
                neededMedia: [["first_frame", "first_clip"]],
                resolutions: ["1080P", "720P"],
                seconds: Array(2...15)
            )
        case "wan2.7-r2v":
            return VideoProfile(
                media: ["reference_image": 5, "reference_video": 5, "first_frame": 1],
                neededMedia: [["reference_image", "reference_video"]],
                resolutions: ["1080P", "720P"],
                ratios: five,
                seconds: Array(2...15),
                secondsWithVideo: 10
            )
        case "wan2.7-videoedit":
            return VideoProfile(
                prompt: .possible,
                media: ["video": 1, "reference_image": 4],
                neededMedia: [["video"]],
                resolutions: ["1080P", "720P"],
                ratios: five,
                seconds: Array(2...10),
                automaticSeconds: 0,
                parameters: ["prompt_extend", "watermark", "seed", "audio_setting"]
            )
        default: return nil
        }
    }

    private static func horses(_ name: String) -> VideoProfile? {
        guard name.hasPrefix("happyhorse-1.") else { return nil }
        var profile = VideoProfile(
            resolutions: ["1080P", "720P"],
            seconds: Array(3...15),
            parameters: ["watermark", "seed"],
            takesNegative: false,
            tellsExtendedPrompt: false
        )
        switch name.split(separator: "-", maxSplits: 2).last {
        case "t2v": profile.ratios = five
        case "i2v":
            profile.prompt = .possible
            profile.media = ["first_frame": 1]
            profile.neededMedia = [["first_frame"]]
        case "r2v":
            profile.ratios = five
            profile.media = ["reference_image": 9]
            profile.neededMedia = [["reference_image"]]
        case "video-edit" where name.hasPrefix("happyhorse-1.0"):
            profile.media = ["video": 1, "reference_image": 5]
            profile.neededMedia = [["video"]]
            profile.seconds = []
            profile.parameters.insert("audio_setting")
        default: return nil
        }
        return profile
    }
}
