import JSONBytes
import NIOCore

/// Takes what is new in an answer, piece by piece, in the order in which a client may see it.
///
/// Two things are made of the same pieces: chunks (``ChunkWriter``) and a whole completion (``CompletionWriter``).
/// Texts are the inside of JSON strings with escape sequences as they came.
protocol ReplySink: Sendable {
    /// The answer has begun; comes once, before all else.
    mutating func begin(id: UnsafeRawBufferPointer)
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
    /// Members of the answer that OpenAI does not know, where they are new or have changed.
    mutating func extra(_ members: ByteBuffer)
    /// An item of a list that OpenAI does not know.
    mutating func item(_ item: ByteBuffer, of list: StaticString)
    /// All else that is known of a choice when it ends.
    mutating func closing(_ closing: ChoiceClosing, choice: Int)
    mutating func finish(choice: Int, reason: FinishReason)
    /// The answer is complete; the extras are all that was given to ``extra(_:)``, the last value of each.
    mutating func end(usage: ByteBuffer?, extras: ByteBuffer)
}

/// What opens a tool call.
struct ToolCallHead: Sendable {
    /// Position among the calls of its choice, from 0.
    var index: Int
    var id: [UInt8]
    var name: [UInt8]
    /// A custom tool; the arguments given with it are its complete input.
    var isCustom: Bool
}

/// What is written once, at the end of a choice.
///
/// Members are complete JSON with a leading comma each.
struct ChoiceClosing: Sendable {
    /// Elements of `annotations`, separated by commas.
    var annotations = ByteBuffer()
    /// Members of `audio` beside `data`.
    var audioMembers = ByteBuffer()
    /// Further members of the message.
    var messageMembers = ByteBuffer()
    /// Further members of the choice.
    var choiceMembers = ByteBuffer()
    var hasRefusal = false

    var isEmpty: Bool {
        annotations.readableBytes == 0 && audioMembers.readableBytes == 0 && messageMembers.readableBytes == 0
            && choiceMembers.readableBytes == 0
    }
}
