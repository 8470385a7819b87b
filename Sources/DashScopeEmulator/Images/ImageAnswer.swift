/// The pictures of a request as the different interfaces tell of them.
struct ImageAnswer {
    let order: ImageOrder
    let profile: ImageProfile
    let path: ImageProfile.Path
    let model: String
    let pictures: [String]

    var output: JSON {
        switch profile.result {
        case .oneChoice where path != .textToImage: return choices([pictures], isFinished: nil)
        case .choices: return choices(pictures.map { [$0] }, isFinished: true)
        case .outputImage: return ["output_image_url": .string(pictures[0])]
        case .posters: return ["render_urls": [.string(pictures[0])], "bg_urls": [.string(pictures[0])]]
        case .image: return ["image_url": .string(pictures[0])]
        case .results, .oneChoice:
            let results = pictures.map { picture -> JSON in
                var result: JSON = ["orig_prompt": .string(order.prompt)]
                if order.extendsPrompt { result["actual_prompt"] = .string("In great detail: " + order.prompt) }
                result["url"] = .string(picture)
                return result
            }
            return ["results": .array(results), "task_metrics": metrics]
        }
    }

    private var metrics: JSON {
        ["TOTAL": .int(pictures.count), "SUCCEEDED": .int(pictures.count), "FAILED": 0]
    }

    private func choices(_ groups: [[String]], isFinished: Bool?) -> JSON {
        let choices = groups.map { pictures -> JSON in
            var content = pictures.map { picture -> JSON in
                isFinished == nil
                    ? ["image": .string(picture)] : ["type": "image", "image": .string(picture)]
            }
            var message: JSON = ["role": "assistant"]
            if profile.usage == .thinking {
                content.append(["text": .string(order.prompt)])
                message["reasoning_content"] = ""
            }
            message["content"] = .array(content)
            return ["finish_reason": "stop", "message": message]
        }
        var output: JSON = ["choices": .array(choices)]
        if let isFinished { output["finished"] = .bool(isFinished) }
        if ["qwen-image", "qwen-image-plus", "qwen-image-max"].contains(model) { output["task_metric"] = metrics }
        return output
    }

    var usage: JSON {
        let (width, height, count) = (JSON.int(order.width), JSON.int(order.height), JSON.int(pictures.count))
        if path == .textToImage { return ["image_count": count] }
        switch profile.usage {
        case .pixels: return ["width": width, "height": height, "image_count": count]
        case .metered:
            let size = order.width * order.height <= 2_250_000 ? "1k" : "2k"
            return [
                "output_width": width, "output_height": height, "output_image_count": count,
                "output_image_type": .string("qima_output_\(size)"), "input_image_count": 0,
                "input_image_type": "qima_input_1k",
            ]
        case .tokens:
            return [
                "image_count": count, "size": .string("\(order.width)*\(order.height)"), "input_tokens": 0,
                "output_tokens": 0, "total_tokens": 0,
            ]
        case .thinking:
            let tokens = Tokens.count(order.prompt)
            return [
                "width": width, "height": height, "image_count": count, "input_tokens": .int(tokens),
                "output_tokens": 7, "total_tokens": .int(tokens + 7),
                "output_tokens_details": ["reasoning_tokens": 0],
            ]
        case .count: return ["image_count": count]
        }
    }
}
