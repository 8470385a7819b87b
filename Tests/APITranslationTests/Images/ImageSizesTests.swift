import TestSupport
import Testing

@testable import APITranslation

struct ImageSizesTests {
    private typealias Size = ImageSizes.Size

    private func fit(_ text: String, _ sizes: ImageSizes) throws -> String {
        let size = try #require(Size(text))
        switch sizes.fit(size) {
        case .exact: return "exact"
        case .nearest(let nearest): return nearest.text
        }
    }

    @Test(arguments: ["1024x1024", "1024*1024", "1024X1024"])
    func bothSignsAreRead(text: String) { #expect(Size(text) == Size(width: 1024, height: 1024)) }

    @Test(arguments: ["", "x", "1024", "1024x", "0x10", "-1x1", "1x2x3", "100000x1", "1 x 1", "１x1"])
    func otherTextsAreNoSizes(text: String) { #expect(Size(text) == nil) }

    private static let fixed = ImageSizes(
        fixed: ["1664*928", "1472*1104", "1328*1328", "1104*1472", "928*1664"].compactMap { ImageSizes.Size($0) }
    )

    /// The ratio of the sides counts first: a large square becomes the only square.
    @Test(arguments: [
        ("1328x1328", "exact"), ("4096x4096", "1328*1328"), ("1024x1792", "928*1664"), ("1536x1024", "1472*1104"),
        ("100x10", "1664*928"),
    ])
    func theNearestOfAList(asked: String, given: String) throws { #expect(try fit(asked, Self.fixed) == given) }

    @Test func amongEqualRatiosTheAreaDecides() throws {
        let sizes = ImageSizes(fixed: ["512*512", "1024*1024", "2048*2048"].compactMap { Size($0) })
        #expect(try fit("1100x1100", sizes) == "1024*1024")
        #expect(try fit("1800x1800", sizes) == "2048*2048")
    }

    @Test(arguments: [
        ("1024x1024", "1280*1280"), ("1280x1280", "exact"), ("1792x1024", "exact"), ("1024x768", "1520*1136"),
        ("2048x2048", "1440*1440"), ("4000x100", "2560*640"),
    ])
    func theNearestWithinRanges(asked: String, given: String) throws {
        let sizes = ImageSizes(area: 1280 * 1280...1440 * 1440, ratio: 4)
        #expect(try fit(asked, sizes) == given)
    }

    /// What comes out is a size of the model, whatever was asked for.
    @Test func everyNearestSizeIsOneOfTheModels() throws {
        var generator = SeededGenerator(seed: 11)
        let models: [ImageSizes] = [
            ImageSizes(area: 512 * 512...2048 * 2048, ratio: 8), ImageSizes(sides: 512...2048),
            ImageSizes(area: 1...1440 * 1440, sides: 512...1440), ImageSizes(area: 768 * 768...1280 * 1280, ratio: 4),
        ]
        for _ in 0..<2_000 {
            let size = Size(
                width: Int.random(in: 1...9_999, using: &generator),
                height: Int.random(in: 1...9_999, using: &generator)
            )
            for model in models {
                guard case .nearest(let nearest) = model.fit(size) else { continue }
                #expect(model.fit(nearest) == .exact, "\(size.text) became \(nearest.text)")
            }
        }
    }

    @Test func withoutRangesEverySizeIsTaken() throws { #expect(try fit("1x9999", ImageSizes()) == "exact") }
}
