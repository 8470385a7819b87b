import ByteWriting
import JSONBytes
import NIOCore

/// Makes the answer of a request for images of the native answers to its calls.
final class ImagesReply: SplitReply {
    private let created: Int
    /// The images of each call.
    private let parts: [Range<Int>]
    /// Whether upstream decides how many there are.
    let isSeries: Bool
    /// Whether the answer names the images by their links, or holds them.
    let asLinks: Bool
    /// How a stream tells of them; nil for a client that reads a whole answer.
    let events: ImageEvents?
    private let names: MemberNames
    var counts = ImagesUsage()

    init(
        created: Int,
        parts: [Range<Int>],
        isSeries: Bool,
        asLinks: Bool,
        events: ImageEvents? = nil,
        names: MemberNames
    ) {
        self.created = created
        self.parts = parts
        self.isSeries = isSeries
        self.asLinks = asLinks
        self.events = events
        self.names = names
    }

    func makePart(_ index: Int) -> any ReplyTranslating { ImagesPart(whole: self, count: parts[index].count) }

    func member(of error: APIError) -> String? { names.member(of: error) }

    func place(ofPart index: Int) -> String {
        let part = parts[index]
        return part.count == 1
            ? "image \(part.lowerBound + 1)" : "images \(part.lowerBound + 1) to \(part.upperBound)"
    }

    func begin(requestID: String, into output: inout ByteBuffer) {
        guard events == nil else { return }
        output.append("{\"created\":")
        output.writeJSON(created)
        output.append(",\"data\":[")
    }

    func end(requestID: String, into output: inout ByteBuffer) {
        guard events == nil else { return }
        output.append("],\"usage\":")
        counts.write(into: &output)
        output.append("}")
    }
}

/// What the calls of one request have used, summed.
///
/// DashScope charges for images; it counts tokens for some models only, and clients insist on the members.
struct ImagesUsage {
    private(set) var tokens: TokenUsage?
    private var images = 0
    /// What upstream says besides, in its order: numbers are counted where they are counts, of the rest the last stands.
    private var details: [(name: String, text: ByteBuffer)] = []

    /// Adds the usage of one call, which made so many images.
    mutating func add(_ usage: JSONValue?, images made: Int) {
        guard let usage, usage.kind == .object else {
            images += made
            return
        }
        images += NativeUsage.number(usage["image_count"]) ?? NativeUsage.number(usage["output_image_count"]) ?? made
        if usage["input_tokens"] != nil || usage["output_tokens"] != nil {
            let counts = NativeUsage.counts(usage)
            var sum = tokens ?? TokenUsage()
            sum.input += counts.input
            sum.output += counts.output
            sum.reasoning += counts.reasoning
            tokens = sum
        }
        for member in usage.members where !Self.isRead(member.name) && !member.value.isNull {
            let name = member.name.string ?? ""
            var text = ByteBuffer()
            text.writeJSON(member.value)
            if let place = details.firstIndex(where: { $0.name == name }) {
                details[place].text = text
            } else if details.count < 32 {
                details.append((name, text))
            }
        }
    }

    private static func isRead(_ name: JSONValue) -> Bool {
        let read: [StaticString] = [
            "image_count", "output_image_count", "input_tokens", "output_tokens", "total_tokens",
            "input_tokens_details",
        ]
        return read.contains { name.equals($0) }
    }

    func write(into output: inout ByteBuffer) {
        let counts = tokens ?? TokenUsage()
        output.append("{\"input_tokens\":")
        output.writeJSON(counts.input)
        output.append(",\"input_tokens_details\":{\"image_tokens\":0,\"text_tokens\":")
        output.writeJSON(counts.input)
        output.append("},\"output_tokens\":")
        output.writeJSON(counts.output)
        output.append(",\"total_tokens\":")
        output.writeJSON(counts.input + counts.output)
        output.append(",\"image_count\":")
        output.writeJSON(images)
        for detail in details {
            output.append(",")
            output.writeJSON(detail.name)
            output.append(":")
            output.writeImmutableBuffer(detail.text)
        }
        output.append("}")
    }
}
