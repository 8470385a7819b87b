/// `POST /api/v1/services/embeddings/multimodal-embedding/multimodal-embedding`.
struct MultimodalEmbedding {
    static let path = "/api/v1/services/embeddings/multimodal-embedding/multimodal-embedding"

    /// The documented traits of one model.
    private struct Profile {
        /// The default first.
        var dimensions: [Int]
        var alwaysFuses = false
        var mayFuse = false
        var takesSeveralImages = false
    }

    private static func profile(of name: String) -> Profile? {
        switch name {
        case "multimodal-embedding-v1": Profile(dimensions: [1_024])
        case "", "qwen3-vl-embedding": Profile(dimensions: [2_560, 2_048, 1_536, 1_024, 768, 512, 256], mayFuse: true)
        case "qwen2.5-vl-embedding": Profile(dimensions: [1_024, 2_048, 768, 512], alwaysFuses: true)
        case let name where name.hasPrefix("tongyi-embedding-vision-plus"):
            Profile(dimensions: [1_152, 1_024, 512, 256, 128, 64], takesSeveralImages: true)
        case let name where name.hasPrefix("tongyi-embedding-vision-flash"):
            Profile(dimensions: [768, 512, 256, 128, 64], takesSeveralImages: true)
        default: nil
        }
    }

    private struct Item {
        var type: String
        var text: String
        var images: Int
    }

    let request: OperationRequest

    func answer() throws(Refusal) -> JSON {
        guard let profile = Self.profile(of: request.model) else { throw .unknownModel }
        let contents = try request.list("contents", in: request.input)
        var items: [Item] = []
        for (index, content) in contents.enumerated() { items.append(try read(content, at: index, profile: profile)) }
        let dimension = try readDimension(profile)
        _ = try request.text("output_type", among: ["dense"])
        if let rate = request.parameters["fps"], !(rate.number.map { $0 > 0 && $0 <= 1 } ?? false) {
            throw .algorithm("parameters.fps should be in (0, 1]")
        }
        let fuses = try request.flag("enable_fusion") ?? false
        if fuses, !profile.mayFuse, !profile.alwaysFuses {
            throw .algorithm("The enable_fusion parameter is not supported by this model")
        }
        if profile.alwaysFuses || fuses {
            items = [Item(type: "vl", text: items.map(\.text).joined(separator: " "), images: imageCount(items))]
        }
        let embeddings = items.enumerated().map { index, item -> JSON in
            let vector = Embedder.vector(of: item.text, dimension: dimension)
            return [
                "index": .int(index), "embedding": .array(vector.map(JSON.number)), "type": .string(item.type),
            ]
        }
        return [
            "output": ["embeddings": .array(embeddings)], "usage": usage(items),
            "request_id": .string(request.context.requestID),
        ]
    }

    private func imageCount(_ items: [Item]) -> Int { items.reduce(0) { $0 + $1.images } }

    private func usage(_ items: [Item]) -> JSON {
        let images = imageCount(items)
        let tokens = items.reduce(0) { $0 + Tokens.count($1.text) }
        return [
            "input_tokens": .int(tokens), "image_tokens": .int(images * 896), "image_count": .int(images),
            "duration": 0,
        ]
    }

    private func read(_ content: JSON, at index: Int, profile: Profile) throws(Refusal) -> Item {
        let place = "input.contents.\(index)"
        guard content.members != nil else { throw .algorithm("\(place) must be an object") }
        if let text = content["text"]?.string, !text.isEmpty { return Item(type: "text", text: text, images: 0) }
        for kind in ["image", "video"] {
            guard let url = content[kind]?.string else { continue }
            guard ["http://", "https://", "oss://", "data:\(kind)/"].contains(where: url.hasPrefix) else {
                throw FaultRefusal.catalogued(status: 400, code: "InvalidURL")
            }
            if url.contains("emulator-unreachable") { throw .invalid("Failed to download multimodal content") }
            return Item(type: kind, text: url, images: kind == "image" ? 1 : 0)
        }
        if profile.takesSeveralImages, let images = content["multi_images"]?.array?.compactMap(\.string) {
            guard (1...8).contains(images.count) else { throw .algorithm("\(place).multi_images: 1 to 8 images") }
            return Item(type: "multi_images", text: images.joined(separator: " "), images: images.count)
        }
        throw .algorithm("\(place) has none of text, image, video")
    }

    private func readDimension(_ profile: Profile) throws(Refusal) -> Int {
        guard let given = request.parameters["dimension"] else { return profile.dimensions[0] }
        guard let dimension = given.int, profile.dimensions.contains(dimension) else {
            throw .algorithm("Value error, dimension is invalid: parameters.dimension")
        }
        return dimension
    }
}
