/// What the translation needs to know of a model that makes videos: the shape of its request, and its limits.
package final class VideoTraits: Sendable, Equatable {
    enum Prompt: String, Sendable {
        case required, optional, none
    }

    /// Settings that some models know and others refuse.
    enum Option: String, Sendable, CaseIterable {
        case negativePrompt = "negative_prompt"
        case promptExtend = "prompt_extend"
        case seed
        case watermark
        case audio
        case shotType = "shot_type"
        case template
        case audioSetting = "audio_setting"
    }

    /// A place for images, videos or sound, by its native name.
    struct Place: Sendable, Equatable {
        var name: String
        /// The most of them.
        var most: Int
    }

    /// What is made where the caller says nothing of it, and what can be asked for.
    struct Values: Sendable, Equatable {
        var prompt = Prompt.required
        /// What the model reads of a prompt, in characters; nil where nobody knows.
        var promptLimit: Int?
        /// Types of the elements of `input.media`; nil where media are members of `input`.
        var media: [Place]?
        /// Members of `input`; those that are in the plural are arrays.
        var members: [Place] = []
        /// The most images and videos to go by together.
        var references: Int?
        /// Further members of `input`.
        var inputs: [String] = []
        /// What must be there: names of places, one of those divided by `|`, or `seconds`, `size` and parameters.
        var needs: [String] = []
        /// nil where the model takes no `size`.
        var sizes: ImageSizes?
        /// Such as `720P`, the usual one first; empty where the model takes none.
        var resolutions: [VideoResolution] = []
        /// The native name of that parameter; `mode` has words of its own.
        var resolutionName = "resolution"
        /// Such as `16:9`; empty where the model takes none.
        var ratios: [String] = []
        var ratioName = "ratio"
        var seconds = Seconds.any
        /// The range that holds where videos are given.
        var secondsWithVideo: ClosedRange<Int>?
        /// The number that leaves the length to the model.
        var automaticSeconds: Int?
        /// nil where nobody knows.
        var options: [Option]?
        /// The type of the element of `input.media` that is a video to be made anew.
        var remix: String?
    }

    enum Seconds: Sendable, Equatable {
        case any
        case range(ClosedRange<Int>)
        /// Empty where the model takes no length.
        case list([Int])
    }

    let values: Values

    init(_ values: Values) { self.values = values }

    package static func == (left: VideoTraits, right: VideoTraits) -> Bool { left.values == right.values }
}

/// A class of sizes, named for the shorter side of a video that is 16:9.
struct VideoResolution: Sendable, Equatable {
    var lines: Int

    /// As DashScope writes it.
    var text: String { "\(lines)P" }

    /// Reads `720P`, `720p` or `720`; nil where it is another text.
    init?(_ text: String) {
        let digits = text.last == "P" || text.last == "p" ? text.dropLast() : text[...]
        guard (3...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let lines = Int(digits)
        else { return nil }
        self.lines = lines
    }

    init(lines: Int) { self.lines = lines }

    /// About how many pixels a video of the class has.
    var area: Int { lines * lines * 16 / 9 }
}
