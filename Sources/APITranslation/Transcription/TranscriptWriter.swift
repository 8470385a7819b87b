import ByteWriting
import JSONBytes
import NIOCore

/// Writes a transcript in the form that was asked for.
struct TranscriptWriter {
    let context: TranscriptContext
    let transcript: Transcript

    /// Appends the whole answer, or what a stream has of it.
    func write(into output: inout ByteBuffer) {
        guard !context.isStreamed else { return writeEvents(into: &output) }
        switch context.format {
        case .json: writeJSON(into: &output)
        case .text:
            output.append(text: transcript.text)
            output.append("\n")
        case .srt: writeSubtitles(into: &output)
        case .vtt: writeCaptions(into: &output)
        case .verbose: writeVerbose(into: &output)
        case .diarized: writeDiarized(into: &output)
        }
    }

    // MARK: - JSON

    private func writeJSON(into output: inout ByteBuffer) {
        output.append("{\"text\":")
        output.writeJSON(transcript.text)
        // The document of a task says much besides; `verbose_json` has it.
        if !context.isTask || context.cutsMarks { output.writeImmutableBuffer(transcript.members) }
        transcript.usage.write(into: &output)
        output.append("}")
    }

    private var language: String {
        (transcript.language ?? context.language).map(LanguageNames.name) ?? "unknown"
    }

    private func writeVerbose(into output: inout ByteBuffer) {
        output.append(context.translator == nil ? "{\"task\":\"transcribe\"" : "{\"task\":\"translate\"")
        output.append(",\"language\":")
        output.writeJSON(context.translator == nil ? language : "english")
        output.append(",\"duration\":")
        output.write(seconds: transcript.length)
        output.append(",\"text\":")
        output.writeJSON(transcript.text)
        if context.givesWords { writeWords(into: &output) }
        if context.givesSegments, context.translator == nil { writeSegments(into: &output) }
        output.writeImmutableBuffer(transcript.members)
        transcript.usage.write(into: &output)
        output.append("}")
    }

    private func writeWords(into output: inout ByteBuffer) {
        output.append(",\"words\":[")
        var isFirst = true
        for word in transcript.segments.lazy.flatMap(\.words) {
            output.append(isFirst ? "{\"word\":" : ",{\"word\":")
            isFirst = false
            output.writeJSON(word.text)
            output.append(",\"start\":")
            output.write(seconds: word.begin)
            output.append(",\"end\":")
            output.write(seconds: word.end)
            output.writeImmutableBuffer(word.members)
            output.append("}")
        }
        output.append("]")
    }

    /// What only Whisper knows of a segment is there because clients insist on it, and says nothing.
    private func writeSegments(into output: inout ByteBuffer) {
        output.append(",\"segments\":[")
        for (place, segment) in transcript.segments.enumerated() {
            output.append(place == 0 ? "{\"id\":" : ",{\"id\":")
            output.writeJSON(place)
            output.append(",\"seek\":0,\"start\":")
            output.write(seconds: segment.begin)
            output.append(",\"end\":")
            output.write(seconds: segment.end)
            output.append(",\"text\":")
            output.writeJSON(segment.text)
            output.append(",\"tokens\":[],\"temperature\":")
            output.append(text: "\(context.temperature)")
            output.append(",\"avg_logprob\":0.0,\"compression_ratio\":0.0,\"no_speech_prob\":0.0")
            output.writeImmutableBuffer(segment.members)
            output.append("}")
        }
        output.append("]")
    }

    private func writeDiarized(into output: inout ByteBuffer) {
        output.append("{\"task\":\"transcribe\",\"duration\":")
        output.write(seconds: transcript.length)
        output.append(",\"text\":")
        output.writeJSON(transcript.text)
        output.append(",\"segments\":[")
        for (place, segment) in transcript.segments.enumerated() {
            if place > 0 { output.append(",") }
            write(segment, at: place, into: &output)
        }
        output.append("]")
        output.writeImmutableBuffer(transcript.members)
        transcript.usage.write(into: &output)
        output.append("}")
    }

    private func write(_ segment: Transcript.Segment, at place: Int, into output: inout ByteBuffer) {
        output.append("{\"type\":\"transcript.text.segment\",\"id\":\"seg_")
        output.writeJSON(place)
        output.append("\",\"start\":")
        output.write(seconds: segment.begin)
        output.append(",\"end\":")
        output.write(seconds: segment.end)
        output.append(",\"text\":")
        output.writeJSON(segment.text)
        output.append(",\"speaker\":")
        output.writeJSON(segment.speaker.map(Self.label) ?? "unknown")
        output.writeImmutableBuffer(segment.members)
        output.append("}")
    }

    /// Speakers are named A to Z, AA, AB and so on.
    private static func label(_ speaker: Int) -> String {
        var (rest, label) = (speaker, "")
        repeat {
            label = String(UnicodeScalar(UInt8(0x41 + rest % 26))) + label
            rest = rest / 26 - 1
        } while rest >= 0
        return label
    }

    // MARK: - Events

    private func writeEvents(into output: inout ByteBuffer) {
        if context.format == .diarized {
            for (place, segment) in transcript.segments.enumerated() {
                output.append("data: ")
                write(segment, at: place, into: &output)
                output.append("\n\n")
            }
        } else if !transcript.text.isEmpty {
            output.append("data: {\"type\":\"transcript.text.delta\",\"delta\":")
            output.writeJSON(transcript.text)
            output.append("}\n\n")
        }
        writeDone(into: &output)
    }

    /// Appends the last event.
    func writeDone(into output: inout ByteBuffer) {
        output.append("data: {\"type\":\"transcript.text.done\",\"text\":")
        output.writeJSON(transcript.text)
        if !context.isTask || context.cutsMarks { output.writeImmutableBuffer(transcript.members) }
        transcript.usage.writeOfEvent(into: &output)
        output.append("}\n\n")
    }

    // MARK: - Subtitles

    private func writeSubtitles(into output: inout ByteBuffer) {
        for (place, segment) in transcript.segments.enumerated() {
            output.writeJSON(place + 1)
            output.append("\n")
            output.write(clock: segment.begin, mark: ",")
            output.append(" --> ")
            output.write(clock: segment.end, mark: ",")
            output.append("\n")
            output.append(text: Self.lines(segment.text))
            output.append("\n\n")
        }
    }

    private func writeCaptions(into output: inout ByteBuffer) {
        output.append("WEBVTT\n\n")
        for segment in transcript.segments {
            output.write(clock: segment.begin, mark: ".")
            output.append(" --> ")
            output.write(clock: segment.end, mark: ".")
            output.append("\n")
            let text = segment.text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;")
            output.append(text: Self.lines(text))
            output.append("\n\n")
        }
    }

    /// An empty line would end the cue.
    private static func lines(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: "\n")
    }
}

extension ByteBuffer {
    /// Appends milliseconds as seconds, exactly: `3834` is `3.834`, `3000` is `3.0`.
    fileprivate mutating func write(seconds milliseconds: Int) {
        append(number: milliseconds / 1000)
        append(".")
        var rest = milliseconds % 1000
        repeat {
            append(number: rest / 100)
            rest = rest % 100 * 10
        } while rest > 0
    }

    /// Appends milliseconds as `HH:MM:SS`, the mark and three digits.
    fileprivate mutating func write(clock milliseconds: Int, mark: StaticString) {
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let seconds = milliseconds / 1000
        append(text: "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))")
        append(mark)
        append(text: digits(milliseconds % 1000, 3))
    }
}
