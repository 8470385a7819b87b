import JSONBytes

/// Web search, omni output and picture resolution.
extension ChatRequestDraft {
    mutating func writeSearchAndMedia() throws(APIError) {
        try writeSearch()
        if let modalities = fields[.modalities] {
            let wantsAudio = modalities.elements.contains { $0.equals("audio") }
            if isOmni {
                parameter("modalities", modalities)
            } else if wantsAudio {
                adjust("modalities", from: "audio", to: "none", "the model writes text only")
            }
        }
        if let audio = fields[.audio] {
            if isOmni {
                parameter("audio", audio)
            } else {
                adjust("audio", from: "object", to: "none", "the model writes text only")
            }
        }
        if let value = fields[.vlHighResolutionImages] {
            parameter("vl_high_resolution_images", value)
        } else if wantsHighResolution {
            parameter("vl_high_resolution_images", text: "true")
        }
    }

    private var isOmni: Bool { model.upstreamName.lowercased().contains("omni") }

    private mutating func writeSearch() throws(APIError) {
        guard let options = fields[.webSearchOptions] else {
            if let value = fields[.enableSearch] { parameter("enable_search", value) }
            if let value = fields[.searchOptions] { parameter("search_options", value) }
            return
        }
        parameter("enable_search", text: "true")
        if let value = fields[.searchOptions] {
            parameter("search_options", value)
        } else {
            parameter("search_options", text: "{\"enable_source\":true,\"enable_citation\":true}")
        }
        if let size = options.present("search_context_size"), !size.equals("medium") {
            adjust(
                "web_search_options.search_context_size",
                from: Self.short(size),
                to: "none",
                "no counterpart upstream"
            )
        }
        if options.present("user_location") != nil {
            adjust("web_search_options.user_location", from: "object", to: "none", "no counterpart upstream")
        }
    }
}
