import APITranslation
import JSONBytes
import NIOCore

/// Calls of transcriptions are JSON, whatever was read, and so are the transcripts made of any document.
enum TranscriptTarget {
    private static let transcription = TranscriptionTranslator(catalog: ModelCatalog())
    private static let translation = TranscriptionTranslator(catalog: ModelCatalog(), purpose: .translation)

    static func request(_ bytes: ByteBuffer) -> String? {
        SplitTarget.request(bytes, transcription) ?? SplitTarget.request(bytes, translation)
    }

    private static let result = ByteBuffer(
        string: #"{"output":{"results":[{"transcription_url":"https://e/1.json"}]},"usage":{"duration":1}}"#
    )

    /// The document behind the link of a task.
    static func document(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        for format in ["json", "text", "srt", "vtt", "verbose_json", "diarized_json"] {
            for model in ["paraformer-v2", "sensevoice-v1"] {
                let text =
                    #"{"model":"\#(model)","file":"https://e/a","response_format":"\#(format)","stream":\#(model.count > 13)}"#
                guard
                    let request = try? transcription.translate(
                        ByteBuffer(string: text),
                        tape: tape,
                        strict: false,
                        created: 1
                    ),
                    let part = request.reply.makePart(0) as? any LinkedReply
                else { return "the request is refused" }
                var output = ByteBuffer()
                _ = result.withUnsafeReadableBytes { part.receive(whole: $0, tape: tape, into: &output) }
                part.take(bytes, ofLink: 0)
                guard part.finish(into: &output) == nil else { continue }
                let isJSON = format.hasSuffix("json") && !request.streamsToClient
                guard !isJSON || SplitTarget.isJSON(output, tape) else { return "a transcript is no JSON" }
            }
        }
        return nil
    }
}
