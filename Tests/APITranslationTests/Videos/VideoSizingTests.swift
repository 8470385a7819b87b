import Testing

@testable import APITranslation

struct VideoSizingTests {
    private func choose(_ model: String, _ wish: VideoWish) throws -> VideoSizing.Choice? {
        let traits = try #require(ModelCatalog().entry(model)?.video?.values)
        return VideoSizing(traits: traits).choose(wish)
    }

    private func wish(_ size: String? = nil, resolution: String? = nil, ratio: String? = nil) -> VideoWish {
        VideoWish(
            pixels: size.flatMap { ImageSizes.Size($0) },
            resolution: resolution.flatMap { VideoResolution($0) },
            ratio: ratio
        )
    }

    @Test(arguments: [
        ("1280x720", "720P 16:9", true), ("1920*1080", "1080P 16:9", true), ("1104x832", "720P 4:3", true),
        ("720x1280", "720P 9:16", true), ("960x960", "720P 1:1", true),
        // Those of OpenAI that no class has.
        ("1024x1792", "1080P 9:16", false), ("1792x1024", "1080P 16:9", false), ("640x480", "720P 4:3", false),
    ])
    func aSizeBecomesAClassAndARatio(size: String, chosen: String, isExact: Bool) throws {
        let choice = try #require(try choose("wan2.7-t2v", wish(size)))
        #expect(choice.text == chosen)
        #expect((choice.reason == nil) == isExact)
    }

    @Test(arguments: [
        ("1280x720", "1280*720", true), ("832x480", "1280*720", false), ("1024x1792", "1080*1920", false),
        ("1104x832", "1088*832", false),
    ])
    func aSizeBecomesTheNearestOfAList(size: String, chosen: String, isExact: Bool) throws {
        let choice = try #require(try choose("wan2.6-t2v", wish(size)))
        #expect(choice.size?.text == chosen)
        #expect((choice.reason == nil) == isExact)
    }

    @Test(
        arguments: [
            ("720P", "9:16", "720*1280", true), ("1080P", nil, "1920*1080", true), (nil, "1:1", "1440*1440", true),
            ("720P", "4:3", "1088*832", true), ("480P", "16:9", "1280*720", false), ("720P", "21:9", "1280*720", false),
        ] as [(String?, String?, String, Bool)]
    )
    func aClassBecomesASizeOfAList(resolution: String?, ratio: String?, chosen: String, isExact: Bool) throws {
        let choice = try #require(try choose("wan2.6-t2v", wish(resolution: resolution, ratio: ratio)))
        #expect(choice.size?.text == chosen)
        #expect((choice.reason == nil) == isExact)
    }

    @Test func theRatioIsThatOfAnImage() throws {
        let choice = try #require(try choose("wan2.6-i2v", wish("1280x720")))
        #expect(choice == .init(resolution: VideoResolution(lines: 720), reason: "the ratio is that of the image"))
        #expect(try choose("wan2.6-i2v", wish(resolution: "720P"))?.reason == nil)
        #expect(try choose("wan2.2-i2v-plus", wish(resolution: "720P"))?.text == "480P")
    }

    @Test func someModelsHaveNone() throws {
        #expect(try choose("liveportrait", wish("1280x720")) == nil)
    }

    @Test(arguments: ["", "P", "72P", "720p0", "10800P", "abcP"]) func otherWordsAreNoClass(text: String) {
        #expect(VideoResolution(text) == nil)
    }

    @Test(arguments: ["16:9:1", "0:9", "16", "a:b", ":", "99999999:1"]) func otherWordsAreNoRatio(text: String) {
        #expect(VideoSizing.number(text) == nil)
    }
}
