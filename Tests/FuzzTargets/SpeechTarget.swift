import APITranslation
import JSONBytes
import NIOCore
import WireFormats

/// Calls for speech are JSON; audio is what the pieces hold, however they are divided.
enum SpeechTarget {
    private static let translator = SpeechTranslator(catalog: ModelCatalog())

    static func request(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        let request: SpeechRequest
        do throws(APIError) {
            request = try translator.translate(bytes, tape: tape, strict: false)
        } catch {
            return 400..<500 ~= error.status ? nil : "a refusal with \(error.status)"
        }
        guard !request.calls.isEmpty, request.calls.allSatisfy({ isJSON($0.body, tape) }) else {
            return "a native call is no JSON"
        }
        for call in request.calls where call.operation.isSession {
            let messages = SpeechMessages(call, task: "t-1")
            guard ([messages.opening] + messages.following).allSatisfy({ isJSON($0, tape) }) else {
                return "a message of a session is no JSON"
            }
        }
        let isTakenStrictly = (try? translator.translate(bytes, tape: tape, strict: true)) != nil
        return isTakenStrictly == request.adjustments.isEmpty ? nil : "strict mode and adjustments disagree"
    }

    /// One event after the other, as lines.
    static func reply(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        for format in ["wav", "pcm", "mp3"] {
            let model = #""model":"cosyvoice-v3-flash","input":"a""#
            let text = #"{\#(model),"stream_format":"sse","response_format":"\#(format)"}"#
            guard let request = try? translator.translate(ByteBuffer(string: text), tape: tape, strict: false) else {
                return "the request is refused"
            }
            let (part, reply) = (request.makePart(), request.makeReply())
            var (audio, output) = (ByteBuffer(), ByteBuffer())
            var isRefused = false
            for line in bytes.readableBytesView.split(separator: 0x0A) where !isRefused {
                let outcome = ByteBuffer(bytes: line).withUnsafeReadableBytes {
                    part.receive($0, isError: false, status: nil, tape: tape, into: &audio)
                }
                if case .refused = outcome { isRefused = true }
            }
            guard !isRefused, part.links.isEmpty, part.finish(into: &audio) == nil else { continue }
            guard audio.readableBytes > 0 else { return "an answer without audio is complete" }
            guard reply.write(audio, of: part, into: &output) == nil else { return "the first part does not fit" }
            reply.add(part)
            reply.end(into: &output)
            for line in output.readableBytesView.split(separator: 0x0A) where line.starts(with: "data: ".utf8) {
                guard isJSON(ByteBuffer(bytes: line.dropFirst(6)), tape) else { return "an event is no JSON" }
            }
        }
        return nil
    }

    /// One message of a session after the other, as lines; what begins with a `#` is audio as it is.
    static func session(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        for model in ["cosyvoice-v1", "qwen3-tts-flash-realtime"] {
            let text = #"{"model":"\#(model)","input":"a","response_format":"pcm"}"#
            guard let request = try? translator.translate(ByteBuffer(string: text), tape: tape, strict: false) else {
                return "the request is refused"
            }
            let (part, operation) = (request.makePart(), request.calls[0].operation)
            var audio = ByteBuffer()
            var isComplete = false
            lines: for line in bytes.readableBytesView.split(separator: 0x0A) {
                let message = ByteBuffer(bytes: line)
                let step =
                    line.first == UInt8(ascii: "#")
                    ? part.receive(audio: message, into: &audio)
                    : message.withUnsafeReadableBytes {
                        part.receive(event: $0, of: operation, tape: tape, into: &audio)
                    }
                guard case .outcome(let outcome) = step else { continue }
                if case .refused = outcome { break lines }
                if outcome == .complete { isComplete = true }
            }
            if part.finish(into: &audio) == nil, !isComplete || audio.readableBytes == 0 {
                return "an answer that has not ended, or has no audio, is complete"
            }
        }
        return nil
    }

    static func wave(_ bytes: ByteBuffer) -> String? {
        for trustsLength in [false, true] {
            let results = bytes.divisions.map { read($0, trustsLength) }
            // A piece that begins like a header is one, so only the first of them may hold one.
            guard bytes.readableBytesView.dropFirst().firstRange(of: Array("RIFF".utf8)) == nil else { continue }
            guard Set(results).count == 1 else { return "the samples depend on the pieces" }
        }
        return nil
    }

    private static func read(_ pieces: [ByteBuffer], _ trustsLength: Bool) -> ByteBuffer? {
        var reader = WaveReader(trustsLength: trustsLength)
        var output = ByteBuffer()
        do throws(WaveReader.Fault) {
            for piece in pieces { try reader.append(piece, into: &output) }
            try reader.finish(into: &output)
        } catch {
            return nil
        }
        return output
    }

    private static func isJSON(_ bytes: ByteBuffer, _ tape: JSONTape) -> Bool {
        bytes.withUnsafeReadableBytes { (try? tape.parse($0)) != nil }
    }
}
