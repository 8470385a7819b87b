import ByteWriting
import JSONBytes
import NIOCore

// Sessions over WebSocket: what they are opened with, and the texts that follow.
extension SpeechReader {
    /// A session takes several texts, which together are bounded by ten times the bound of one.
    private static let textsOfSession = 10

    /// Whether the caller says that its text is markup, in DashScope's words for it.
    var hasMarkup: Bool {
        operation == .speechTask
            && fields.unknown.contains { $0.name.equals("text_type") && $0.value.string?.lowercased() == "ssml" }
    }

    /// Writes what a session must be told, unless the caller says it.
    mutating func writeSessionMembers() {
        switch operation {
        case .speechRealtime:
            // Upstream divides the text: how much of one may be spoken at once is not known.
            name("mode")
            members.writeJSON("server_commit")
        case .speechTask where !fields.unknown.contains { $0.name.equals("text_type") }:
            name("text_type")
            members.writeJSON("PlainText")
        default: break
        }
    }

    /// The sessions for these texts, one after the other.
    func sessions(_ texts: [ByteBuffer]) -> [NativeCall] {
        let size = traits.takesWholeText ? 1 : Self.textsOfSession
        return stride(from: 0, to: texts.count, by: size).map { start in
            let group = Array(texts[start..<min(start + size, texts.count)])
            var call = NativeCall(
                operation: operation,
                upstreamModel: model.upstreamName,
                body: operation == .speechRealtime ? settings() : payload(traits.takesWholeText ? group[0] : nil),
                streamsUpstream: true
            )
            if !traits.takesWholeText { call.texts = group }
            return call
        }
    }

    /// The settings of a session of events; its model stands in the target.
    private func settings() -> ByteBuffer {
        var body = ByteBuffer()
        body.append("{")
        writeMembers(into: &body)
        body.append("}")
        return body
    }

    /// The order of a task, with its text where none follows.
    private func payload(_ text: ByteBuffer?) -> ByteBuffer {
        var body = ByteBuffer()
        body.append(#"{"task_group":"audio","task":"tts","function":"SpeechSynthesizer","model":"#)
        body.writeJSON(model.upstreamName)
        body.append(#","parameters":{"#)
        writeMembers(into: &body)
        body.append(#"},"input":{"#)
        if let text {
            body.append(#""text":"#)
            body.writeImmutableBuffer(text)
        }
        body.append("}}")
        return body
    }

    /// The members without the comma in front of the first.
    private func writeMembers(into body: inout ByteBuffer) {
        var members = members
        members.moveReaderIndex(forwardBy: min(1, members.readableBytes))
        body.writeBuffer(&members)
    }
}
