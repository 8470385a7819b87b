import ByteWriting
import JSONBytes
import NIOCore

/// The state of one choice while its events arrive.
struct ChoiceProgress: Sendable {
    var finish: FinishReason?
    var calls = ToolCallList()
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

    // Faces that take one block at a time only.
    /// The call that is the open block.
    var currentCall: Int?
    var currentArguments = JSONCompleteness()
    /// Text that waits until the open call is complete.
    var deferred: [DeferredText] = []

    struct DeferredText: Sendable {
        let isReasoning: Bool
        var text: ByteBuffer
    }

    /// Whether text must wait for the open call.
    var holdsText: Bool { currentCall != nil && !currentArguments.isComplete }

    /// The reason to report: upstream also ends a choice with tool calls by `stop`.
    ///
    /// A choice that was cut stays cut, whatever is in it: its last call may not be complete.
    var reason: FinishReason {
        switch finish ?? .stop {
        case .stop, .toolCalls: calls.isEmpty ? .stop : .toolCalls
        case .length: .length
        case .contentFilter: .contentFilter
        case .other: .other
        }
    }

    /// The choice ended before it was complete.
    var isCut: Bool { finish == .length || finish == .contentFilter }

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
