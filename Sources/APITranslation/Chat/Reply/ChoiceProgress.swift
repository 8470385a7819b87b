import ByteWriting
import JSONBytes
import NIOCore

/// What must be remembered of one choice while its events arrive.
struct ChoiceProgress: Sendable {
    var finish: FinishReason?
    var calls: [ToolCallProgress] = []
    /// How many calls the client knows; calls are opened in order.
    var openCalls = 0
    /// The newest call was told apart by its identifier, because upstream sends no indexes.
    var lacksIndexes = false
    var citations = CitationScanner()
    /// Usage of this choice alone, where each event counts its own choice.
    var usage = ByteBuffer()

    // Cumulative models only: what was passed on.
    var seenContent = ByteBuffer()
    var seenReasoning = ByteBuffer()
    var tokens = 0

    var choiceExtras = ExtraMembers()
    var messageExtras = ExtraMembers()
    var audioExtras = ExtraMembers()
    /// Citations that upstream itself wrote as OpenAI's `annotations`.
    var annotations = ByteBuffer()

    /// The reason to report: a choice with tool calls ended because of them, whatever upstream says.
    func reason(usesLegacyFunctions: Bool) -> FinishReason {
        guard calls.isEmpty else { return usesLegacyFunctions ? .functionCall : .toolCalls }
        let reason = finish ?? .stop
        return reason == .toolCalls ? .stop : reason
    }

    /// The part of a text that is new.
    ///
    /// For models that repeat the text so far in each event. They are known by name: a true increment may begin with
    /// the text before it ("ha", "haha"), so the rule is not applied to others.
    static func newPart(of text: UnsafeRawBufferPointer, after seen: inout ByteBuffer) -> UnsafeRawBufferPointer {
        let repeated = seen.readableBytes
        let isRepetition =
            repeated > 0 && text.count >= repeated
            && seen.withUnsafeReadableBytes { text.prefix(repeated).elementsEqual($0) }
        let part = isRepetition ? UnsafeRawBufferPointer(rebasing: text[repeated...]) : text
        seen.append(bytes: part)
        return part
    }
}
