import ByteWriting
import JSONBytes
package import NIOCore
import WireFormats

/// Makes the client's bytes of the audio of all parts, in the order in which they come.
package final class SpeechReply {
    private let format: SpeechFormat
    private let streamsEvents: Bool
    /// The samples of the first part, whose format is that of the whole.
    private var samples: WaveFormat?
    private var usage = TokenUsage()

    init(format: SpeechFormat, streamsEvents: Bool) {
        self.format = format
        self.streamsEvents = streamsEvents
    }

    /// The type of the answer.
    package var contentType: StaticString { streamsEvents ? "text/event-stream; charset=utf-8" : format.contentType }

    /// Whether the answer says how long it is, so that it is right only as a whole.
    package var hasLength: Bool { format == .wav && !streamsEvents }

    /// Whether samples of this part belong behind those that came before.
    private func fits(_ part: SpeechPart) -> Bool { samples == nil || samples == part.samples }

    /// Takes audio of a part and writes what a client of a stream sees of it.
    ///
    /// - Returns: An error where the audio does not fit to what came before.
    package func write(_ audio: ByteBuffer, of part: SpeechPart, into output: inout ByteBuffer) -> APIError? {
        guard format == .wav else {
            write(audio, into: &output)
            return nil
        }
        guard fits(part) else { return ErrorTable.invalidResponse(requestID: part.facts.requestID) }
        guard samples == nil else {
            write(audio, into: &output)
            return nil
        }
        samples = part.samples
        var first = ByteBuffer()
        part.samples.writeHeader(samples: nil, into: &first)
        first.writeImmutableBuffer(audio)
        write(first, into: &output)
        return nil
    }

    private func write(_ bytes: ByteBuffer, into output: inout ByteBuffer) {
        guard streamsEvents else {
            output.writeImmutableBuffer(bytes)
            return
        }
        output.append("event: speech.audio.delta\ndata: {\"type\":\"speech.audio.delta\",\"audio\":\"")
        bytes.withUnsafeReadableBytes { output.writeBase64($0) }
        output.append("\"}\n\n")
    }

    /// Puts the real lengths into a file that was collected whole.
    package func complete(_ file: inout ByteBuffer) {
        guard let samples else { return }
        var header = ByteBuffer()
        samples.writeHeader(samples: file.readableBytes - WaveFormat.headerLength, into: &header)
        file.setBuffer(header, at: file.readerIndex)
    }

    /// Adds what a part has used.
    package func add(_ part: SpeechPart) {
        if let used = part.facts.usage { usage.add(used) }
    }

    /// Writes what closes a stream.
    package func end(into output: inout ByteBuffer) {
        guard streamsEvents else { return }
        output.append("event: speech.audio.done\ndata: {\"type\":\"speech.audio.done\",\"usage\":")
        writeUsage(into: &output)
        output.append("}\n\n")
    }

    /// OpenAI's counts of tokens, which clients insist on, and DashScope's of characters.
    private func writeUsage(into output: inout ByteBuffer) {
        output.append("{\"input_tokens\":")
        output.writeJSON(usage.input)
        output.append(",\"output_tokens\":")
        output.writeJSON(usage.output)
        output.append(",\"total_tokens\":")
        output.writeJSON(usage.input + usage.output)
        if let characters = usage.characters {
            output.append(",\"characters\":")
            output.writeJSON(characters)
        }
        output.append("}")
    }

    /// Writes the event that ends a stream because of an error; false where the audio itself is the answer, which can only
    /// be cut.
    package func fail(_ error: APIError, into output: inout ByteBuffer) -> Bool {
        guard streamsEvents else { return false }
        output.append("event: error\n")
        output.writeErrorEvent(error)
        return true
    }

    /// Writes a sign of life into a stream of events.
    package func keepAlive(into output: inout ByteBuffer) {
        if streamsEvents { output.writeKeepAlive() }
    }
}
