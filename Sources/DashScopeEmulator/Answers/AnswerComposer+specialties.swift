extension AnswerComposer {
    /// Adds what only some models or parameters bring.
    func addSpecialties(to answer: inout Answer) {
        addSearch(to: &answer)
        addCodeInterpreter(to: &answer)
        switch request.model.kind {
        case .speechRecognition:
            let spoken = spoken ?? SpokenText()
            let language = request.parameters["asr_options"]?["language"]?.string ?? spoken.language
            answer.annotations = [
                ["type": "audio_info", "language": .string(language), "emotion": "neutral"]
            ]
            answer.usage.seconds = spoken.seconds
        case .ocr: addRecognizedText(to: &answer)
        case .document:
            answer.usage.cachedTokens = 0
            if request.parameters["skill"] != nil { answer.reasoning = "Slide 1 of 2 … Slide 2 of 2 …" }
        default: break
        }
        if request.parameters["vl_enable_image_hw_output"]?.bool == true, request.model.path == .multimodal {
            let images = request.messages.flatMap(\.media).filter { $0.kind == .image }
            if !images.isEmpty { answer.imageSizes = .array(images.map { _ in [924, 1036] }) }
        }
    }

    /// What is said in the sound of a request.
    var spoken: SpokenText? {
        for message in request.body["input"]?["messages"]?.array ?? [] where message["role"]?.string == "user" {
            for part in message["content"]?.array ?? [] {
                if let audio = part["audio"]?.string ?? part["input_audio"]?["data"]?.string {
                    return SpokenText(source: audio)
                }
            }
        }
        return nil
    }

    /// The text for the gap of a text, on the models that know the markers; others take them as text.
    func filledMiddle() -> String? {
        let marks = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
        let text = lastUserText
        guard request.model.fillsInTheMiddle, text.hasPrefix(marks[0]), text.hasSuffix(marks[2]),
            let suffix = text.firstRange(of: marks[1])
        else { return nil }
        let before = text[..<suffix.lowerBound].dropFirst(marks[0].count)
        let behind = text[suffix.upperBound...].dropLast(marks[2].count)
        return "/* from \(before.count) to \(behind.count) characters */"
    }

    private func addSearch(to answer: inout Answer) {
        guard request.parameters["enable_search"]?.bool == true, answer.toolCalls.isEmpty else { return }
        let options = request.parameters["search_options"]
        let strategy = options?["search_strategy"]?.string ?? "turbo"
        answer.usage.plugins = ["search": ["count": 1, "strategy": .string(strategy)]]
        guard options?["enable_source"]?.bool == true else { return }
        let tools: JSON =
            options?["enable_search_extension"]?.bool == true
            ? [["result": "price 12.34 USD", "tool": "stock"]] : []
        answer.searchInfo = [
            "extra_tool_info": tools,
            "search_results": [
                [
                    "icon": "https://example.com/favicon.ico", "site_name": "Example", "index": 1, "title": "Quote",
                    "url": "https://example.com/quote",
                ],
                ["icon": "", "site_name": "无", "index": 2, "title": "Notes", "url": "https://example.org/notes"],
            ],
        ]
        answer.prependsSearch = options?["prepend_search_result"]?.bool == true
    }

    private func addCodeInterpreter(to answer: inout Answer) {
        guard request.parameters["enable_code_interpreter"]?.bool == true else { return }
        answer.toolInfo = [["code_interpreter": ["code": "2**10"], "type": "code_interpreter"]]
        answer.usage.plugins = ["code_interpreter": ["count": 1]]
    }

    private func addRecognizedText(to answer: inout Answer) {
        let options = request.parameters["ocr_options"]
        let result: JSON
        switch options?["task"]?.string {
        case "key_information_extraction":
            let schema = options?["task_config"]?["result_schema"] ?? ["date": ""]
            let keys = (schema.members ?? []).map { JSON.Member(name: $0.name, value: "2013-06-29") }
            result = ["kv_result": .object(keys)]
        case "advanced_recognition":
            result = [
                "words_info": [
                    [
                        "text": "DAY", "location": [10, 10, 90, 10, 90, 40, 10, 40],
                        "rotate_rect": [50, 25, 80, 30, 0],
                    ]
                ]
            ]
        default: return
        }
        answer.ocrResult = result
        answer.choices[0].text = "```json\n\((result.members?.first?.value ?? .null).spacedText)\n```"
    }
}
