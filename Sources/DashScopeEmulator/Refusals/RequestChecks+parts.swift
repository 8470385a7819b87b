extension RequestChecks {
    /// Checks a content of the multimodal path, where the kind of a part is the name of its key.
    func checkParts(_ content: JSON, role: String, at index: Int) throws(Refusal) {
        if content.string != nil { return }
        guard let parts = content.array else { throw .algorithm("messages.\(index).content must be an array") }
        for (position, part) in parts.enumerated() {
            try checkPart(part, place: "input.messages.\(index).content.\(position)")
        }
        if role == "user" { try checkSpeech(parts) }
    }

    private func checkPart(_ part: JSON, place: String) throws(Refusal) {
        let kinds = ["text", "image", "audio", "video", "image_hw"]
        guard part.members != nil else { throw .algorithm("\(place) must be an object") }
        if model.takesTypedSpeech, let type = part["type"]?.string, type.hasPrefix("input_") || type == "text" {
            return try checkTypedSpeech(part, type: type, place: place)
        }
        if let type = part["type"] {
            guard let type = type.string, kinds.contains(type) else {
                throw .algorithm("Input should be 'text', 'image', 'audio', 'video' or 'image_hw': \(place).type")
            }
        }
        guard let kind = kinds.first(where: { part[$0] != nil }), let value = part[kind] else {
            throw .algorithm("\(place) has none of text, image, audio, video")
        }
        switch kind {
        case "text":
            guard value.string != nil else { throw .algorithm("\(place).text must be a string") }
        case "video": try checkVideo(part, value: value, place: place)
        case "image_hw": return
        default: try checkMedia(value, kind: kind, place: place)
        }
        for name in ["min_pixels", "max_pixels", "total_pixels", "max_frames"] {
            if let pixels = part[name], !(pixels.int.map { $0 > 0 } ?? false) {
                throw .algorithm("\(place).\(name) must be a positive integer")
            }
        }
    }

    /// Newer models of speech recognition also read parts that say their type.
    private func checkTypedSpeech(_ part: JSON, type: String, place: String) throws(Refusal) {
        switch type {
        case "input_audio":
            guard let audio = part["input_audio"]?["data"] else { throw .algorithm("\(place).input_audio has no data") }
            try checkMedia(audio, kind: "audio", place: place)
        case "input_text", "text":
            guard part["text"]?.string != nil else { throw .algorithm("\(place).text must be a string") }
        default: throw .algorithm("Input should be 'input_audio' or 'input_text': \(place).type")
        }
    }

    private func checkVideo(_ part: JSON, value: JSON, place: String) throws(Refusal) {
        if let rate = part["fps"] {
            guard let rate = rate.number, (0.1...10).contains(rate) else {
                throw .algorithm("\(place).fps should be in [0.1, 10]")
            }
        }
        guard let frames = value.array else { return try checkMedia(value, kind: "video", place: place) }
        let most = ["qwen2.5-vl", "qwen3-vl"].contains(where: model.name.hasPrefix) ? 512 : 80
        guard (4...most).contains(frames.count) else {
            throw .algorithm("The video modality input does not meet the requirements: 4 to \(most) frames.")
        }
        for frame in frames { try checkMedia(frame, kind: "image", place: place) }
    }

    private func checkMedia(_ value: JSON, kind: String, place: String) throws(Refusal) {
        guard let url = value.string else { throw .algorithm("\(place).\(kind) must be a string") }
        if url.hasPrefix("data:") {
            let payload = url.utf8.drop { $0 != UInt8(ascii: ",") }.dropFirst()
            if payload.count > 10_485_760 {
                throw .algorithm("Exceeded limit on max bytes per data-uri item : 10485760")
            }
            guard let data = DataURL(url), data.type.hasPrefix(kind + "/") else {
                throw .algorithm("The \(kind) format is illegal and cannot be opened")
            }
            return
        }
        // `UploadStore` has looked at it.
        if url.hasPrefix("oss://") { return }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw FaultRefusal.catalogued(status: 400, code: "InvalidURL")
        }
        if url.contains("emulator-unreachable") {
            throw .invalid("Failed to download multimodal content")
        }
    }

    private func checkSpeech(_ parts: [JSON]) throws(Refusal) {
        guard model.kind == .speechRecognition || model.kind == .captioner else { return }
        let isSpeech = parts.contains { $0["audio"] != nil || $0["input_audio"] != nil }
        guard isSpeech, parts.allSatisfy({ $0["text"] == nil }) else {
            throw .algorithm("The input of this model must be audio only")
        }
    }
}
