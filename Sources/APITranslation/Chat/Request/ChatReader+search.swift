import JSONBytes

/// Web search, output of omni models, and resolution of pictures.
extension ChatReader {
    mutating func writeSearchAndMedia() throws(APIError) {
        try writeSearch()
        if let modalities = fields[.modalities] {
            for (index, element) in modalities.elements.enumerated() where element.kind != .string {
                throw .wrongType("modalities[\(index)]", expected: "string", got: element)
            }
            let wantsAudio = modalities.elements.contains { $0.equals("audio") }
            if traits.writesAudio {
                out.parameter("modalities", modalities)
            } else if wantsAudio {
                out.adjust("modalities", from: "audio", to: "none", "the model writes text only")
            }
        }
        if let audio = fields[.audio] {
            if traits.writesAudio {
                _ = try Self.optionalString(audio, "format", "audio")
                _ = try Self.optionalString(audio, "voice", "audio")
                out.parameter("audio", audio)
            } else {
                out.adjust("audio", from: "object", to: "none", "the model writes text only")
            }
        }
        if let value = fields[.vlHighResolutionImages] {
            out.parameter("vl_high_resolution_images", value)
        } else if wantsHighResolution {
            out.parameter("vl_high_resolution_images", text: "true")
        }
    }

    private mutating func writeSearch() throws(APIError) {
        guard let options = fields[.webSearchOptions] else {
            if let value = fields[.enableSearch] { out.parameter("enable_search", value) }
            if let value = fields[.searchOptions] { out.parameter("search_options", value) }
            return
        }
        out.parameter("enable_search", text: "true")
        if let value = fields[.searchOptions] {
            out.parameter("search_options", value)
        } else {
            out.parameter("search_options", text: "{\"enable_source\":true,\"enable_citation\":true}")
        }
        _ = try Self.optionalString(options, "search_context_size", "web_search_options")
        for member in options.members where !member.value.isNull {
            if member.name.equals("search_context_size"), member.value.equals("medium") { continue }
            if member.name.equals("user_location"), member.value.kind != .object {
                throw .wrongType("web_search_options.user_location", expected: "object", got: member.value)
            }
            reportLost(member, in: "web_search_options", at: "web_search_options")
        }
    }
}
