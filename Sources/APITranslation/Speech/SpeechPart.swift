package import JSONBytes
package import NIOCore
import WireFormats

/// Reads the native answer to one call, whole or in events, and writes its audio.
package final class SpeechPart: LinkedReply {
    private let format: SpeechFormat
    /// The format of samples that come without a header.
    private let bare: WaveFormat
    /// Whether samples must have OpenAI's rate.
    private let wantsPlainRate: Bool
    private var wave = WaveReader()
    /// Bytes of audio so far.
    private var count = 0
    private var link: String?
    var isComplete = false
    package internal(set) var facts = ReplyFacts()

    init(format: SpeechFormat, bare: WaveFormat = SpeechFormat.plain, wantsPlainRate: Bool) {
        self.format = format
        self.bare = bare
        self.wantsPlainRate = wantsPlainRate
    }

    /// The format of the samples that were written, where the format has samples.
    var samples: WaveFormat { wave.format ?? bare }

    package func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        guard !data.isEmpty else { return .progress }
        return receive(data, isError: isError, status: status, tape: tape, &output)
    }

    package func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer)
        -> ReplyOutcome
    {
        receive(body, isError: false, status: nil, tape: tape, &output)
    }

    private func receive(
        _ text: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        _ output: inout ByteBuffer
    ) -> ReplyOutcome {
        guard let root = try? tape.parse(text), root.kind == .object else { return unreadable() }
        let refusal = UpstreamRefusal(root)
        facts.requestID = refusal.requestID ?? facts.requestID
        guard refusal.code.isEmpty, !refusal.hasErrorObject, !isError else {
            return .refused(
                ErrorTable.map(
                    status: status == 200 ? nil : status,
                    code: refusal.code,
                    message: refusal.message,
                    requestID: refusal.requestID
                )
            )
        }
        if let usage = Self.usage(root["usage"]) { facts.usage = usage }
        guard let native = root.present("output") else { return .progress }
        if let audio = native["audio"] {
            if let data = audio["data"], data.kind == .string, !data.isEmptyString {
                guard take(data, &output) else { return unreadable() }
            }
            if let url = audio["url"]?.string, !url.isEmpty { link = url }
        }
        guard native["finish_reason"]?.equals("stop") == true else { return .progress }
        isComplete = true
        return facts.usage != nil ? .complete : .choicesEnded
    }

    /// The counts so far: each event has those of the whole call.
    static func usage(_ value: JSONValue?) -> TokenUsage? {
        guard let value, value.kind == .object, !value.isEmptyContainer else { return nil }
        var usage = NativeUsage.counts(value)
        usage.characters = NativeUsage.number(value["characters"])
        return usage
    }

    func unreadable() -> ReplyOutcome { .refused(ErrorTable.invalidResponse(requestID: facts.requestID)) }

    // MARK: - Audio

    /// Takes audio in base64; false where it cannot be read.
    func take(_ data: JSONValue, _ output: inout ByteBuffer) -> Bool {
        var piece = ByteBuffer()
        let isRead: Bool
        if data.hasEscapes {
            // A writer may escape each slash.
            let text = Array((data.string ?? "").utf8)
            isRead = text.withUnsafeBytes { Base64.decode($0, into: &piece) }
        } else {
            isRead = data.escapedContent.map { Base64.decode($0, into: &piece) } ?? false
        }
        return isRead && write(piece, &output)
    }

    /// Takes audio; false where it cannot be read.
    func write(_ piece: ByteBuffer, _ output: inout ByteBuffer) -> Bool {
        let before = output.readableBytes
        defer { count += output.readableBytes - before }
        guard format.isPlain else {
            output.writeImmutableBuffer(piece)
            return true
        }
        guard (try? wave.append(piece, into: &output)) != nil else { return false }
        // Other samples than those that were promised would be played at another pitch.
        return !wantsPlainRate || wave.format == nil || wave.format == SpeechFormat.plain
    }

    // MARK: - Files

    /// The file behind the answer, which is only needed where the answer holds no audio itself.
    package var links: [String] {
        guard isComplete, count == 0, let link else { return [] }
        return [link]
    }

    package var fileKind: FilePlacement.Kind? { .audio }

    private var file: ByteBuffer?

    package func take(_ file: ByteBuffer, ofLink place: Int) {
        self.file = file
        link = nil
    }

    // MARK: - The end

    package func finish(into output: inout ByteBuffer) -> APIError? {
        if let file {
            self.file = nil
            wave = WaveReader(trustsLength: true)
            guard write(file, &output) else { return ErrorTable.invalidResponse(requestID: facts.requestID) }
        }
        let before = output.readableBytes
        guard isComplete else { return ErrorTable.incomplete(requestID: facts.requestID) }
        guard (try? wave.finish(into: &output)) != nil else {
            return ErrorTable.incomplete(requestID: facts.requestID)
        }
        count += output.readableBytes - before
        guard count > 0 else { return ErrorTable.invalidResponse(requestID: facts.requestID) }
        // The next part begins at a whole sample.
        if format.isPlain, count % samples.frameLength != 0 {
            output.writeRepeatingByte(0, count: samples.frameLength - count % samples.frameLength)
        }
        return nil
    }

    // The client's events are made of the audio of all parts.
    package func fail(_ error: APIError, into output: inout ByteBuffer) {}
    package func keepAlive(into output: inout ByteBuffer) {}
}
