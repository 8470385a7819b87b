import JSONBytes
import NIOCore

/// Takes what is new in an answer, piece by piece, in the order in which a client may see it.
///
/// Two things are made of the same pieces: a stream (``StreamWriter``) and a whole answer (``WholeWriter``). The sink
/// gives everything its face's names. Texts are the inside of JSON strings with escape sequences as they came.
protocol ReplySink: Sendable {
    /// The next call is opened when the one before it is complete, and text waits as long.
    static var takesOneBlockAtATime: Bool { get }
    /// An identifier for a call that upstream gave none, unique within the answer and the same whenever it is read.
    static func makeCallID(request: [UInt8], choice: Int, call: Int) -> [UInt8]

    /// The answer has begun; comes once, before all else, with the usage of the first event.
    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?)
    /// A choice has begun; comes in the order of the choices, once each.
    mutating func open(choice: Int)
    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int)
    /// Text of the answer with the log probabilities of its tokens.
    mutating func content(_ text: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?)
    /// A tool call has begun; comes in the order of the calls, with identifier and name complete.
    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int)
    /// More arguments of an open call.
    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int)
    /// A piece of base64 audio.
    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int)
    /// Native members of the answer that are new or have changed, and all sources of a search where these have.
    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?)
    /// One of several reports of a research model.
    mutating func research(_ report: ByteBuffer)
    /// All else that is known of a choice when it ends.
    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape)
    mutating func finish(choice: Int, reason: FinishReason)
    /// The answer is complete.
    mutating func end(_ ending: ReplyEnding, tape: JSONTape)
}

extension ReplySink {
    static var takesOneBlockAtATime: Bool { false }

    static func makeCallID(request: [UInt8], choice: Int, call: Int) -> [UInt8] {
        Array("call_".utf8) + request.filter { $0 != UInt8(ascii: "-") } + Array("_\(choice)_\(call)".utf8)
    }
}

/// The beginning of a tool call.
struct ToolCallHead: Sendable {
    /// Position among the calls of its choice, from 0.
    var index: Int
    var id: [UInt8]
    var name: [UInt8]
    /// A custom tool; the arguments given with it are its complete input.
    var isCustom: Bool
}

/// The facts that are told once, at the end of a choice; members under their native names.
struct ChoiceClosing: Sendable {
    var citations: [ReplyCitation] = []
    /// Members of the message.
    var message = ExtraMembers()
    /// Members of `audio` beside `data`.
    var audio = ExtraMembers()
    /// Members of the choice.
    var choice = ExtraMembers()

    var isEmpty: Bool {
        citations.isEmpty && !message.hasContent && !audio.hasContent && !choice.hasContent
    }
}

/// A place in the answer's text that rests on a source.
struct ReplyCitation: Sendable {
    /// Positions in the text, in Unicode scalars.
    var start: Int
    var end: Int
    /// JSON strings with their quotes.
    var url: [UInt8]
    var title: [UInt8]
    /// The id of a document that has no address, a JSON string.
    var document: [UInt8]?
}

/// The facts of a complete answer.
struct ReplyEnding: Sendable {
    /// Nil where upstream gave none.
    var usage: NativeUsage?
    /// All members that were told before, the last value of each.
    var extras = ExtraMembers()
    /// The sources of a search.
    var search = ExtraMembers()
}
