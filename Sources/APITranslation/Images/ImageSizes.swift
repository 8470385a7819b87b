/// The sizes of the images that a model makes.
struct ImageSizes: Sendable, Equatable {
    struct Size: Sendable, Equatable {
        var width: Int
        var height: Int

        var area: Int { width * height }
        /// As DashScope writes it.
        var text: String { "\(width)*\(height)" }

        /// Reads `1024x768` or `1024*768`; nil where it is another text.
        init?(_ text: String) {
            let sides = text.split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "X" || $0 == "*" }
            guard sides.count == 2, let width = Self.side(sides[0]), let height = Self.side(sides[1]) else {
                return nil
            }
            self.init(width: width, height: height)
        }

        init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }

        private static func side(_ text: Substring) -> Int? {
            guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                return nil
            }
            return Int(text).flatMap { $0 > 0 ? $0 : nil }
        }
    }

    /// Why a model's size is not the one that was asked for.
    enum Fit: Equatable {
        /// The model has the size.
        case exact
        /// The nearest of those it has, by the ratio of the sides first, then by area.
        case nearest(Size)
    }

    /// All that there are, where it is not empty.
    var fixed: [Size] = []
    /// Words that stand for a size, such as `2K`.
    var words: [String] = []
    var area: ClosedRange<Int>?
    /// The range of each side.
    var sides: ClosedRange<Int>?
    /// The longest side may be so many times the other.
    var ratio: Double?

    /// The word of the model for what the caller wrote.
    func word(_ text: String) -> String? {
        words.first { $0.lowercased() == text.lowercased() }
    }

    func fit(_ size: Size) -> Fit {
        let nearest = fixed.isEmpty ? within(size) : among(size)
        return nearest == size ? .exact : .nearest(nearest)
    }

    /// The nearest of a list: the ratio decides, then the area.
    private func among(_ size: Size) -> Size {
        func distance(_ other: Size) -> (ratio: Double, area: Int) {
            (Self.distance(Self.ratio(size), Self.ratio(other)), abs(other.area - size.area))
        }
        return fixed.min { distance($0) < distance($1) } ?? size
    }

    private static func ratio(_ size: Size) -> Double { Double(size.width) / Double(size.height) }

    /// How unlike two ratios are: 1 is alike, and 1:2 is as far from 1:1 as 2:1.
    static func distance(_ left: Double, _ right: Double) -> Double { max(left / right, right / left) }

    /// The nearest within the ranges: the ratio is kept as far as it is allowed, the sides become multiples of 16.
    private func within(_ size: Size) -> Size {
        guard !holds(size) else { return size }
        var ratio = Self.ratio(size)
        if let most = self.ratio { ratio = min(max(ratio, 1 / most), most) }
        var area = Double(size.area)
        if let range = self.area { area = min(max(area, Double(range.lowerBound)), Double(range.upperBound)) }
        var width = (area * ratio).squareRoot()
        var height = width / ratio
        if let sides {
            // Both sides together as long as that is possible, then each alone.
            let (low, high) = (Double(sides.lowerBound), Double(sides.upperBound))
            let factor = min(max(1, low / min(width, height)), high / max(width, height))
            (width, height) = (width * min(1, high / max(width, height)), height * min(1, high / max(width, height)))
            if factor > 1 { (width, height) = (width * factor, height * factor) }
            (width, height) = (min(max(width, low), high), min(max(height, low), high))
        }
        return rounded(width, height)
    }

    /// The multiples of 16 around two sides that lie within the ranges and are nearest to their ratio.
    private func rounded(_ width: Double, _ height: Double) -> Size {
        func steps(_ side: Double) -> [Int] {
            let below = Int(side / 16) * 16
            return [below - 16, below, below + 16, below + 32].filter { $0 > 0 }
        }
        let ratio = width / height
        // A step of one side is several of the other where the ratio is far from 1.
        let candidates =
            steps(height).flatMap { high in steps(Double(high) * ratio).map { Size(width: $0, height: high) } }
            + steps(width).flatMap { wide in steps(Double(wide) / ratio).map { Size(width: wide, height: $0) } }
        var best: (size: Size, ratio: Double, area: Double)?
        for size in candidates where holds(size) {
            let unlike = Self.distance(Self.ratio(size), ratio)
            let away = abs(Double(size.area) - width * height)
            if let best, (best.ratio, best.area) <= (unlike, away) { continue }
            best = (size, unlike, away)
        }
        return best?.size ?? Size(width: Int(width.rounded()), height: Int(height.rounded()))
    }

    private func holds(_ size: Size) -> Bool {
        if let area, !area.contains(size.area) { return false }
        if let sides, !sides.contains(size.width) || !sides.contains(size.height) { return false }
        if let ratio, Self.distance(Self.ratio(size), 1) > ratio { return false }
        return true
    }
}
