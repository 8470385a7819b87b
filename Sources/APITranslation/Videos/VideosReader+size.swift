import JSONBytes

// The size is told in several fields, of which not all count.
extension VideosReader {
    /// Reports what is said of the size that something else says, too.
    mutating func reportUnread(_ wish: VideoWish) {
        reportSides()
        let ratio = fields["ratio"]
        if let ratio, let other = fields["aspect_ratio"], other.string != ratio.string {
            leaveOut("aspect_ratio", other, reason: "ratio says another one")
        }
        guard let pixels = wish.pixels else { return reportWord() }
        let name = ratio == nil ? "aspect_ratio" : "ratio"
        let hasBoth = wish.resolution != nil && wish.ratio != nil
        if let traits, traits.resolutions.isEmpty {
            // The model is told pixels, if anything.
            if let resolution = wish.resolution, let value = fields["resolution"], !Self.isOf(resolution, pixels) {
                leaveOut("resolution", value, reason: "another field says the size")
            }
            if let wanted = wish.ratio, let value = fields[ratio == nil ? "aspect_ratio" : "ratio"],
                !Self.isAlike(wanted, pixels)
            {
                leaveOut(name, value, reason: "another field says the size")
            }
        } else if hasBoth, traits?.sizes == nil, let resolution = wish.resolution, let wanted = wish.ratio,
            !Self.isOf(resolution, pixels) || !Self.isAlike(wanted, pixels)
        {
            adjustments.add(
                fields["size"] == nil ? "width" : "size",
                from: "\(pixels.width)x\(pixels.height)",
                to: "none",
                reason: "resolution and \(name) say it"
            )
        }
    }

    /// `width` and `height` count together, and where there is no `size`.
    private mutating func reportSides() {
        let (width, height) = (fields["width"], fields["height"])
        guard let size = fields["size"]?.string, size.lowercased() != "auto" else {
            if let width, height == nil { leaveOut("width", width, reason: "it counts together with height") }
            if let height, width == nil { leaveOut("height", height, reason: "it counts together with width") }
            return
        }
        let pixels = ImageSizes.Size(size)
        if let width, pixels == nil || width.formInteger != pixels?.width {
            leaveOut("width", width, reason: "size says it")
        }
        if let height, pixels == nil || height.formInteger != pixels?.height {
            leaveOut("height", height, reason: "size says it")
        }
    }

    /// A `size` that is a class or a ratio, beside the field for that.
    private mutating func reportWord() {
        guard let value = fields["size"], let size = value.string else { return }
        if let own = VideoResolution(size), let other = fields["resolution"]?.string, own != VideoResolution(other) {
            leaveOut("size", value, reason: "resolution says another one")
        }
        guard let own = VideoSizing.number(size), let other = (fields["ratio"] ?? fields["aspect_ratio"])?.string else {
            return
        }
        if VideoSizing.number(other) != own {
            leaveOut("size", value, reason: "\(fields["ratio"] == nil ? "aspect_ratio" : "ratio") says another one")
        }
    }

    private static func isOf(_ resolution: VideoResolution, _ size: ImageSizes.Size) -> Bool {
        ImageSizes.distance(Double(resolution.area), Double(size.area)) < 1.3
            || min(size.width, size.height) == resolution.lines
    }

    private static func isAlike(_ ratio: String, _ size: ImageSizes.Size) -> Bool {
        guard let number = VideoSizing.number(ratio) else { return false }
        return ImageSizes.distance(number, Double(size.width) / Double(size.height)) < 1.03
    }
}
