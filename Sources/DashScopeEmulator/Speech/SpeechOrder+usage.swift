extension SpeechOrder {
    /// What the speech is charged by, as the model counts it.
    func usage(_ profile: SpeechProfile) -> JSON {
        let characters = Self.length(of: text)
        guard profile.countsTokens else {
            return profile.path == .multimodal
                ? ["input_tokens": 0, "output_tokens": 0, "characters": .int(characters)]
                : ["characters": .int(characters)]
        }
        let file = SoundFile(self)
        let (input, output) = (Tokens.count(text), max(1, 50 * file.length / file.rate))
        return [
            "input_tokens": .int(input), "output_tokens": .int(output), "total_tokens": .int(input + output),
            "characters": 0, "input_tokens_details": ["text_tokens": .int(input)],
            "output_tokens_details": ["audio_tokens": .int(output), "text_tokens": 0],
        ]
    }
}
