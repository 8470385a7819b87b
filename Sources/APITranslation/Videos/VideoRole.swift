/// What an image, a video or a sound is for, whatever the caller or a model calls it.
enum VideoRole: CaseIterable {
    case first, last, images, videos, clip, audio

    /// The caller's names for it; the first is the one that errors name.
    var fields: [StaticString] {
        switch self {
        case .first: ["input_reference", "image", "first_frame", "first_frame_url", "img_url", "image_url"]
        case .last: ["last_frame", "last_frame_url"]
        case .images: ["reference_images", "images", "reference_urls", "ref_images_url"]
        case .videos: ["video", "video_url", "reference_videos"]
        case .clip: ["first_clip", "first_clip_url"]
        case .audio: ["audio_url", "reference_audio"]
        }
    }

    /// The models' names for it, in the order in which they are looked for.
    var places: [String] {
        switch self {
        case .first:
            [
                "first_frame", "img_url", "first_frame_url", "image_url", "image", "reference_image", "refer",
                "reference_urls", "ref_images_url",
            ]
        case .last: ["last_frame", "last_frame_url", "image"]
        case .images: ["reference_image", "refer", "reference_urls", "ref_images_url", "image", "image_url"]
        case .videos: ["video", "video_url", "reference_video", "base", "reference_urls"]
        case .clip: ["first_clip", "first_clip_url"]
        case .audio: ["driving_audio", "audio_url", "reference_audio"]
        }
    }

    var kind: FilePlacement.Kind {
        switch self {
        case .first, .last, .images: .image
        case .videos, .clip: .video
        case .audio: .audio
        }
    }

    /// Whether a request has one such file at most.
    var isOne: Bool {
        switch self {
        case .first, .last, .clip: true
        case .images, .videos, .audio: false
        }
    }

    /// Whether such a file may stand in the call itself; videos and sound are given by their addresses.
    var mayBeInline: Bool { kind == .image }

    /// The role of a field of the caller's; nil where it is none of a file.
    init?(field: String) {
        guard let role = Self.allCases.first(where: { $0.fields.contains { "\($0)" == field } }) else { return nil }
        self = role
    }

    /// The role of an element of `media` for a model that has members of `input` instead.
    init?(media type: String) {
        switch type {
        case "first_frame", "image", "image_url": self = .first
        case "last_frame": self = .last
        case "reference_image", "refer": self = .images
        case "video", "reference_video", "base", "feature": self = .videos
        case "first_clip": self = .clip
        case "driving_audio", "reference_audio": self = .audio
        default: return nil
        }
    }

    /// The place of a model for it; `name` is preferred where the model has that one.
    func place(of traits: VideoTraits.Values?, named name: String) -> VideoTraits.Place? {
        guard let traits else {
            // A model of the newest generation has the first of the names.
            return VideoTraits.Place(name: self == .videos ? "reference_video" : places[0], most: Int.max)
        }
        let known = traits.media ?? traits.members
        if let place = known.first(where: { $0.name == name }) { return place }
        // A member of `input` beside `media`.
        if traits.media != nil, let place = traits.members.first(where: { $0.name == name }) { return place }
        return places.lazy.compactMap { name in known.first { $0.name == name } }.first
    }

    /// The caller's name for what a model lacks, by the model's name for it.
    static func field(ofPlace name: String) -> String {
        switch name {
        case "last_frame", "last_frame_url": "last_frame"
        case "video", "video_url", "reference_video": "video"
        case "audio_url", "driving_audio", "reference_audio": "audio_url"
        default: "input_reference"
        }
    }
}
