import ByteWriting
import JSONBytes
import NIOCore

/// The facts told at the end of a choice, in OpenAI's form; members are complete JSON with a leading comma each.
struct ChatClosing: Sendable {
    /// Elements of `annotations`, separated by commas.
    var annotations = ByteBuffer()
    /// Members of `audio` beside `data`.
    var audioMembers = ByteBuffer()
    /// Further members of the message.
    var messageMembers = ByteBuffer()
    /// Further members of the choice.
    var choiceMembers = ByteBuffer()
    var hasRefusal = false

    init() {}

    init(_ closing: ChoiceClosing, tape: JSONTape) {
        divide(annotations: closing.message.value("annotations"), tape: tape)
        // Documents stand in `doc_references`: OpenAI's citations need an address.
        for citation in closing.citations where citation.document == nil { write(citation) }
        closing.message.write(into: &messageMembers, except: "annotations")
        closing.audio.write(into: &audioMembers)
        closing.choice.write(into: &choiceMembers)
        hasRefusal = closing.message.value("refusal") != nil
    }

    /// Divides native annotations: OpenAI's `annotations` hold citations only, and strict clients read nothing else.
    ///
    /// A speech model's facts about the recording (`audio_info`: language, emotion) become `audio_annotations`.
    private mutating func divide(annotations native: [UInt8]?, tape: JSONTape) {
        guard let native else { return }
        native.withUnsafeBytes { bytes in
            guard let list = try? tape.parse(bytes) else { return }
            var others = ByteBuffer()
            for element in list.elements {
                if element["url_citation"]?.kind == .object {
                    if annotations.readableBytes > 0 { annotations.append(",") }
                    annotations.writeJSON(element)
                } else {
                    if others.readableBytes > 0 { others.append(",") }
                    others.writeJSON(element)
                }
            }
            guard others.readableBytes > 0 || list.kind != .array else { return }
            messageMembers.append(",\"audio_annotations\":")
            if list.kind == .array {
                messageMembers.append("[")
                messageMembers.writeBuffer(&others)
                messageMembers.append("]")
            } else {
                messageMembers.writeJSON(list)
            }
        }
    }

    private mutating func write(_ citation: ReplyCitation) {
        if annotations.readableBytes > 0 { annotations.append(",") }
        annotations.append("{\"type\":\"url_citation\",\"url_citation\":{\"start_index\":")
        annotations.writeJSON(citation.start)
        annotations.append(",\"end_index\":")
        annotations.writeJSON(citation.end)
        annotations.append(",\"url\":")
        annotations.append(bytes: citation.url)
        annotations.append(",\"title\":")
        annotations.append(bytes: citation.title)
        annotations.append("}}")
    }
}

extension ChatReplyContext {
    /// OpenAI's word; strict clients know no others.
    func word(for reason: FinishReason) -> StaticString {
        switch reason {
        case .stop, .other: "stop"
        case .length: "length"
        case .toolCalls: usesLegacyFunctions ? "function_call" : "tool_calls"
        case .contentFilter: "content_filter"
        }
    }
}
