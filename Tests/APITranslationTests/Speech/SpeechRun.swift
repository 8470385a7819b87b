import JSONBytes
import NIOCore

@testable import APITranslation

/// A request for speech and its calls as the tests look at them.
struct SpeechRun {
    let request: SpeechRequest
    let bodies: [JSON]

    init(_ text: String, strict: Bool = false) throws {
        let translator = SpeechTranslator(catalog: ModelCatalog())
        request = try translator.translate(ByteBuffer(string: text), tape: JSONTape(), strict: strict)
        bodies = try request.calls.map { try JSON(parsing: String(buffer: $0.body)) }
    }

    /// The refusal of a request; nil where there is none.
    static func refusal(_ text: String, strict: Bool = false, maximum: Int? = nil) -> APIError? {
        var options = TranslationOptions()
        if let maximum { options.maximumSpeechCharacters = maximum }
        do {
            _ = try SpeechTranslator(catalog: ModelCatalog(), options: options)
                .translate(ByteBuffer(string: text), tape: JSONTape(), strict: strict)
            return nil
        } catch {
            return error
        }
    }

    /// The client's bytes of native streams, one for each call; the audio of a call is handed on at its end, or with each
    /// event.
    func answer(_ streams: [[String]], inPieces: Bool = false) throws(APIError) -> ByteBuffer {
        let reply = request.makeReply()
        var output = ByteBuffer()
        for events in streams {
            let part = request.makePart()
            var audio = ByteBuffer()
            func handOn() throws(APIError) {
                if audio.readableBytes > 0, let error = reply.write(audio, of: part, into: &output) { throw error }
                audio.clear()
            }
            for event in events {
                let outcome = ByteBuffer(string: event).withUnsafeReadableBytes {
                    part.receive($0, isError: false, status: nil, tape: JSONTape(), into: &audio)
                }
                if case .refused(let error) = outcome { throw error }
                if inPieces { try handOn() }
            }
            if let error = part.finish(into: &audio) { throw error }
            try handOn()
            reply.add(part)
        }
        if reply.hasLength { reply.complete(&output) }
        reply.end(into: &output)
        return output
    }
}
