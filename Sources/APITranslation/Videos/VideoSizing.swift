/// The size of a video as its caller asks for it, in pixels, as a class of resolution and as a ratio of the sides.
struct VideoWish: Equatable {
    var pixels: ImageSizes.Size?
    var resolution: VideoResolution?
    /// `16:9`, or a word of a model.
    var ratio: String?

    var isEmpty: Bool { pixels == nil && resolution == nil && ratio == nil }

    /// As reports have it.
    var text: String {
        if let pixels { return "\(pixels.width)x\(pixels.height)" }
        return [resolution?.text, ratio].compactMap { $0 }.joined(separator: " ")
    }
}

/// Chooses what a model makes that is nearest to a wish: by the ratio of the sides first, then by area.
struct VideoSizing {
    struct Choice: Equatable {
        var size: ImageSizes.Size?
        var resolution: VideoResolution?
        var ratio: String?
        /// The size in pixels, where it is known.
        var pixels: ImageSizes.Size?
        /// Why it is not what was asked for; nil where it is.
        var reason: String?

        var text: String {
            if let size { return size.text }
            return [resolution?.text, ratio].compactMap { $0 }.joined(separator: " ")
        }
    }

    /// The sizes of the classes, by the ratio of their sides.
    private static let table: [(lines: Int, sizes: [(ratio: String, width: Int, height: Int)])] = [
        (480, [("16:9", 832, 480), ("9:16", 480, 832), ("1:1", 624, 624)]),
        (
            720,
            [
                ("16:9", 1280, 720), ("9:16", 720, 1280), ("1:1", 960, 960), ("4:3", 1104, 832), ("3:4", 832, 1104),
            ]
        ),
        (
            1080,
            [
                ("16:9", 1920, 1080), ("9:16", 1080, 1920), ("1:1", 1440, 1440), ("4:3", 1648, 1248),
                ("3:4", 1248, 1648),
            ]
        ),
    ]

    /// nil where nobody knows the model.
    let traits: VideoTraits.Values?

    /// The ratio of two sides in words such as `16:9`; nil for other words.
    static func number(_ ratio: String) -> Double? {
        let sides = ratio.split(separator: ":", omittingEmptySubsequences: false)
        guard sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]), width > 0, height > 0,
            ratio.utf8.count <= 9
        else { return nil }
        return Double(width) / Double(height)
    }

    /// The size of a class in pixels, where it is known.
    static func pixels(_ resolution: VideoResolution?, _ ratio: String?) -> ImageSizes.Size? {
        guard let row = table.first(where: { $0.lines == resolution?.lines }),
            let size = row.sizes.first(where: { $0.ratio == ratio })
        else { return nil }
        return ImageSizes.Size(width: size.width, height: size.height)
    }

    /// nil where the model has no sizes.
    func choose(_ wish: VideoWish) -> Choice? {
        guard let traits else {
            return choose(
                wish,
                among: Self.table.map { VideoResolution(lines: $0.lines) },
                ratios: ["16:9", "9:16", "1:1", "4:3", "3:4"],
                isOpen: true
            )
        }
        if !traits.resolutions.isEmpty {
            var choice = choose(wish, among: traits.resolutions, ratios: traits.ratios, isOpen: false)
            guard traits.sizes != nil, let pixels = wish.pixels else { return choice }
            (choice.size, choice.pixels, choice.reason) = (pixels, pixels, nil)
            return choice
        }
        return traits.sizes.map { choose(wish, among: $0) }
    }

    // MARK: - Sizes in pixels

    private func choose(_ wish: VideoWish, among sizes: ImageSizes) -> Choice {
        let wanted = wish.pixels ?? Self.target(wish, usual: sizes.fixed.first)
        guard case .nearest(let nearest) = sizes.fit(wanted) else {
            return Choice(size: wanted, pixels: wanted)
        }
        // A class that has its own numbers with this model is what was asked for.
        let isAlike =
            wish.pixels == nil && ImageSizes.distance(Self.ratio(nearest), Self.ratio(wanted)) < 1.03
            && ImageSizes.distance(Double(nearest.area), Double(wanted.area)) < 1.2
        return Choice(size: nearest, pixels: nearest, reason: isAlike ? nil : "the nearest size of the model")
    }

    /// About the size that a class and a ratio mean; what the wish leaves open is as usual.
    private static func target(_ wish: VideoWish, usual: ImageSizes.Size?) -> ImageSizes.Size {
        let resolution =
            wish.resolution ?? usual.map { nearest($0.area, among: table.map { VideoResolution(lines: $0.lines) }) }
            ?? VideoResolution(lines: 720)
        let ratio = wish.ratio ?? "16:9"
        if let pixels = pixels(resolution, ratio) { return pixels }
        let number = number(ratio) ?? 16.0 / 9
        let width = (Double(resolution.area) * number).squareRoot()
        func rounded(_ side: Double) -> Int { max(16, Int((side / 16).rounded()) * 16) }
        return ImageSizes.Size(width: rounded(width), height: rounded(width / number))
    }

    private static func ratio(_ size: ImageSizes.Size) -> Double { Double(size.width) / Double(size.height) }

    // MARK: - Classes and ratios

    /// An open choice takes what the caller names natively, whether it is known or not.
    private func choose(
        _ wish: VideoWish,
        among resolutions: [VideoResolution],
        ratios: [String],
        isOpen: Bool
    ) -> Choice {
        var choice = Choice()
        var isExact = true
        if let resolution = wish.resolution {
            choice.resolution =
                isOpen || resolutions.contains(resolution)
                ? resolution : Self.nearest(resolution.area, among: resolutions)
            isExact = choice.resolution == resolution
        } else if let pixels = wish.pixels {
            choice.resolution = Self.nearest(pixels.area, among: resolutions)
        }
        if let ratio = wish.ratio {
            choice.ratio =
                isOpen || ratios.contains(ratio) ? ratio : Self.number(ratio).flatMap { Self.nearest($0, ratios) }
            isExact = isExact && choice.ratio == ratio
        } else if let pixels = wish.pixels {
            choice.ratio = Self.nearest(Self.ratio(pixels), ratios)
        }
        choice.pixels = Self.pixels(choice.resolution, choice.ratio)
        if let pixels = wish.pixels, wish.resolution == nil || wish.ratio == nil {
            if ratios.isEmpty {
                choice.reason = "the ratio is that of the image"
                return choice
            }
            let isAlike = Self.isAlike(pixels, choice)
            if isAlike { choice.pixels = pixels }
            isExact = isExact && isAlike
        }
        if !isExact {
            choice.reason =
                wish.ratio != nil && ratios.isEmpty
                ? "the ratio is that of the image" : "the nearest that the model makes"
        }
        return choice
    }

    /// Whether a size is what a class and a ratio mean.
    private static func isAlike(_ size: ImageSizes.Size, _ choice: Choice) -> Bool {
        if let pixels = Self.pixels(choice.resolution, choice.ratio), pixels == size { return true }
        guard let ratio = choice.ratio.flatMap(number) else { return false }
        return min(size.width, size.height) == choice.resolution?.lines
            && ImageSizes.distance(Self.ratio(size), ratio) < 1.01
    }

    private static func nearest(_ area: Int, among resolutions: [VideoResolution]) -> VideoResolution {
        resolutions.min { abs($0.area - area) < abs($1.area - area) } ?? VideoResolution(lines: 720)
    }

    private static func nearest(_ ratio: Double, _ ratios: [String]) -> String? {
        ratios.compactMap { text in number(text).map { (text, ImageSizes.distance($0, ratio)) } }
            .min { $0.1 < $1.1 }?.0
    }
}
