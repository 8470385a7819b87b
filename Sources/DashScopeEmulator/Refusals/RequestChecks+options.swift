extension RequestChecks {
    /// Search and the code interpreter.
    func checkBuiltIns() throws(Refusal) {
        if try flag("enable_search") == true {
            if !model.takesSearch { throw .algorithm("The model \(model.name) does not support enable_search.") }
            if request.thinks, !request.streams, model.name.hasPrefix("qwen3-max") {
                throw .algorithm("Non-streaming mode does not support Web Search in thinking mode")
            }
        }
        if let options = try object("search_options") {
            for name in [
                "forced_search", "enable_source", "enable_citation", "enable_search_extension", "prepend_search_result",
            ] { try flag(name, in: options) }
            try text("citation_format", among: ["[<number>]", "[ref_<number>]"], in: options)
            try text(
                "search_strategy",
                among: ["turbo", "max", "agent", "agent_max", "standard", "pro"],
                in: options
            )
            if let days = options["freshness"], ![7, 30, 180, 365].contains(days.int) {
                throw .algorithm("search_options.freshness must be one of [7, 30, 180, 365]")
            }
        }
        try flag("enable_text_image_mixed")
        if try flag("enable_code_interpreter") == true {
            if !model.takesCodeInterpreter {
                throw .algorithm("The model \(model.name) does not support enable_code_interpreter.")
            }
            if !request.tools.isEmpty { throw .algorithm("enable_code_interpreter cannot be used with tools") }
        }
    }

    /// Checks the options that only some families of models know.
    func checkModelOptions() throws(Refusal) {
        try flag("vl_high_resolution_images")
        try flag("vl_enable_image_hw_output")
        if let options = try object("ocr_options") {
            try text(
                "task",
                among: [
                    "text_recognition", "key_information_extraction", "document_parsing", "table_parsing",
                    "formula_recognition", "multi_lan", "advanced_recognition",
                ],
                in: options
            )
        }
        if let options = try object("asr_options") {
            try text("language", in: options)
            try flag("enable_itn", in: options)
            try flag("enable_lid", in: options)
        }
        if let options = try object("translation_options"), model.kind == .translation {
            for name in ["source_lang", "target_lang"] {
                guard let language = try text(name, in: options) else { continue }
                guard Languages.contains(language, orAuto: name == "source_lang") else {
                    throw .invalid("暂时不支持当前设置的语种！")
                }
            }
        }
        if model.kind == .omni { try checkOmni() }
    }

    private func checkOmni() throws(Refusal) {
        guard let modalities = parameters["modalities"] else { return }
        guard let kinds = modalities.array?.map(\.string), kinds.contains("text"),
            kinds.allSatisfy({ ["text", "audio"].contains($0) })
        else { throw .algorithm("modalities must be [\"text\"] or [\"text\", \"audio\"]") }
    }
}
