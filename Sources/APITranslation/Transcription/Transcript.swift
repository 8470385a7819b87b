import ByteWriting
import JSONBytes
import NIOCore

/// What a model has heard, whichever way it told.
struct Transcript {
    struct Word {
        /// In milliseconds.
        var begin: Int
        var end: Int
        var text: String
        /// Further members, each with a leading comma.
        var members = ByteBuffer()
    }

    struct Segment {
        /// In milliseconds.
        var begin: Int
        var end: Int
        var text: String
        var speaker: Int?
        var words: [Word] = []
        /// Further members, each with a leading comma.
        var members = ByteBuffer()
    }

    var text = ""
    var segments: [Segment] = []
    /// In milliseconds, where upstream says it exactly.
    var duration: Int?
    /// The code of the language that was heard.
    var language: String?
    var usage = TranscriptUsage()
    /// Upstream's further facts, each with a leading comma.
    var members = ByteBuffer()

    /// Nothing was said.
    init() {}

    /// Reads the document of a task; nil where it is none.
    init?(document: JSONValue, cutsMarks: Bool) {
        guard document.kind == .object, let transcripts = document["transcripts"], transcripts.kind == .array else {
            return nil
        }
        duration = NativeUsage.number(document["properties"]?["original_duration_in_milliseconds"])
        var texts: [String] = []
        var marks = TranscriptMarks(isActive: cutsMarks)
        let isMany = transcripts.elements.reduce(0) { count, _ in count + 1 } > 1
        for transcript in transcripts.elements {
            let channel = isMany ? transcript["channel_id"] : nil
            var own: [Segment] = []
            for sentence in transcript["sentences"].map({ Array($0.elements) }) ?? [] {
                own.append(Self.segment(sentence, channel: channel, &marks))
                language = language ?? sentence["language"]?.string
            }
            let text =
                transcript["text"]?.string.map { marks.cut($0) } ?? own.map(\.text).joined(separator: " ")
            if !text.isEmpty { texts.append(text) }
            segments += own
        }
        // The channels of one moment stand together.
        if isMany { segments.sort { ($0.begin, $0.end) < ($1.begin, $1.end) } }
        text = texts.joined(separator: "\n")
        for member in document.members
        where !member.name.equals("file_url") && !member.name.equals("transcripts") && !member.value.isNull {
            Self.append(member, to: &members)
        }
        marks.write(into: &members)
    }

    private static func segment(_ sentence: JSONValue, channel: JSONValue?, _ marks: inout TranscriptMarks) -> Segment {
        var own = TranscriptMarks(isActive: marks.isActive)
        let begin = NativeUsage.number(sentence["begin_time"]) ?? 0
        var segment = Segment(
            begin: begin,
            end: NativeUsage.number(sentence["end_time"]) ?? begin,
            text: own.cut(sentence["text"]?.string ?? ""),
            speaker: NativeUsage.number(sentence["speaker_id"])
        )
        for word in sentence["words"].map({ Array($0.elements) }) ?? [] where word.kind == .object {
            segment.words.append(Self.word(word, &own))
        }
        let read: [StaticString] = ["begin_time", "end_time", "text", "words", "sentence_id"]
        for member in sentence.members
        where !read.contains(where: { member.name.equals($0) }) && !member.value.isNull {
            append(member, to: &segment.members)
        }
        if let channel {
            segment.members.append(",\"channel_id\":")
            segment.members.writeJSON(channel)
        }
        own.write(into: &segment.members)
        marks.add(own)
        return segment
    }

    private static func word(_ value: JSONValue, _ marks: inout TranscriptMarks) -> Word {
        let begin = NativeUsage.number(value["begin_time"]) ?? 0
        var word = Word(
            begin: begin,
            end: NativeUsage.number(value["end_time"]) ?? begin,
            text: marks.cut(value["text"]?.string ?? "").trimmingBlanks
        )
        for member in value.members {
            let isRead =
                member.name.equals("begin_time") || member.name.equals("end_time") || member.name.equals("text")
            if isRead || member.value.isNull || member.value.isEmptyString { continue }
            append(member, to: &word.members)
        }
        return word
    }

    private static func append(_ member: JSONValue.Member, to output: inout ByteBuffer) {
        output.append(",")
        output.writeJSON(member.name)
        output.append(":")
        output.writeJSON(member.value)
    }

    /// How long the audio is, in milliseconds: as upstream says, otherwise to the end of the last segment.
    var length: Int { duration ?? usage.milliseconds ?? segments.map(\.end).max() ?? 0 }
}

/// The marks `<|Speech|>` that a model writes into its texts: cut out, and told beside them.
struct TranscriptMarks {
    let isActive: Bool
    private var names: [String] = []

    init(isActive: Bool) { self.isActive = isActive }

    /// A text without its marks.
    mutating func cut(_ text: String) -> String {
        guard isActive, text.contains("<|") else { return text }
        var (rest, kept) = (text[...], "")
        while let open = rest.firstRange(of: "<|") {
            kept += rest[..<open.lowerBound]
            let inner = rest[open.upperBound...]
            // A name is short: the rest of the text is not looked through for its end.
            guard let close = inner.prefix(34).firstRange(of: "|>"), Self.isName(inner[..<close.lowerBound]) else {
                kept += rest[open]
                rest = inner
                continue
            }
            let name = String(inner[..<close.lowerBound])
            if !name.hasPrefix("/"), !names.contains(name), names.count < 32 { names.append(name) }
            rest = inner[close.upperBound...]
            if kept.isEmpty || kept.last == " " { rest = rest.drop { $0 == " " } }
        }
        return (kept + rest).trimmingBlanks
    }

    private static func isName(_ text: Substring) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "/")
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: " ")
            }
    }

    mutating func add(_ other: TranscriptMarks) {
        for name in other.names where !names.contains(name) && names.count < 32 { names.append(name) }
    }

    /// Appends `,"marks":[…]` where there are any.
    func write(into output: inout ByteBuffer) {
        guard !names.isEmpty else { return }
        output.append(",\"marks\":[")
        for (place, name) in names.enumerated() {
            if place > 0 { output.append(",") }
            output.writeJSON(name)
        }
        output.append("]")
    }
}

extension String {
    /// The text without blanks at its ends.
    fileprivate var trimmingBlanks: String {
        let front = drop { $0 == " " }
        return String(front.reversed().drop { $0 == " " }.reversed())
    }
}
