import ByteWriting
import JSONBytes
import NIOCore

// Reads fragments of tool calls.
//
// A call is opened, once and with its complete identifier and name, when its first arguments are there and all
// calls before it are open. So indexes are contiguous, a client sees one call after the other, and the `{}` of a
// call that never got arguments cannot collide with arguments that come late.
extension NativeReplyReader {
    mutating func readCalls(_ calls: JSONValue, choice: Int) {
        var position = 0
        for entry in calls.elements {
            if entry.kind == .object { readCall(entry, position: position, choice: choice) }
            position += 1
        }
    }

    private mutating func readCall(_ entry: JSONValue, position: Int, choice: Int) {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        let function = entry["function"]
        let id = entry["id"]?.escapedContent ?? empty
        guard let call = callIndex(entry["index"]?.integer, id: id, position: position, choice: choice) else {
            return hasTooManyCalls = true
        }
        choices[choice].calls.take(id: id, at: call)
        choices[choice].calls[call].take(name: function?["name"]?.escapedContent ?? empty)
        guard let arguments = function?["arguments"] else { return openReady(choice: choice) }
        if let text = arguments.escapedContent {
            if !text.isEmpty { pass(arguments: text, call: call, choice: choice) }
        } else if arguments.kind == .object {
            var escaped = ByteBuffer()
            escaped.writeJSONContent(String(decoding: arguments.text, as: UTF8.self))
            escaped.withUnsafeReadableBytes { pass(arguments: $0, call: call, choice: choice) }
        }
        openReady(choice: choice)
    }

    /// Finds the call a fragment belongs to, or begins a new one; nil where there are too many.
    private mutating func callIndex(_ given: Int?, id: UnsafeRawBufferPointer, position: Int, choice: Int) -> Int? {
        if given == nil, !id.isEmpty, let known = choices[choice].calls.position(ofID: id) { return known }
        if given == nil, id.isEmpty, choices[choice].lacksIndexes, position == 0 {
            return choices[choice].calls.count - 1
        }
        let native = given ?? position
        if let known = choices[choice].calls.position(ofIndex: native) {
            guard choices[choice].calls[known].isEnded(by: id) else { return known }
            if given == nil { choices[choice].lacksIndexes = true }
        }
        guard choices[choice].calls.count < ToolCallList.maximumCount else { return nil }
        return choices[choice].calls.begin(index: native)
    }

    private mutating func pass(arguments text: UnsafeRawBufferPointer, call: Int, choice: Int) {
        var part = text
        if context.isCumulative {
            part = ChoiceProgress.newPart(of: text, after: &choices[choice].calls[call].seen)
            if part.isEmpty { return }
        }
        choices[choice].calls[call].hasArguments = true
        guard choices[choice].calls[call].isOpen else {
            choices[choice].calls[call].pending.append(bytes: part)
            return
        }
        if Sink.takesOneBlockAtATime {
            // Behind complete arguments there is nothing that a call could mean.
            guard choices[choice].currentCall == call else { return }
            choices[choice].currentArguments.read(escaped: part)
        }
        sink.arguments(part, call: call, choice: choice)
        if Sink.takesOneBlockAtATime, !choices[choice].holdsText { passDeferred(choice: choice) }
    }

    /// Passes the text that waited for a call.
    private mutating func passDeferred(choice: Int) {
        guard !choices[choice].deferred.isEmpty else { return }
        let deferred = choices[choice].deferred
        choices[choice].deferred = []
        choices[choice].currentCall = nil
        for piece in deferred {
            piece.text.withUnsafeReadableBytes {
                if piece.isReasoning {
                    sink.reasoning($0, choice: choice)
                } else {
                    sink.content($0, choice: choice, logprobs: nil)
                }
            }
        }
    }

    /// Keeps text that came between the arguments of a call.
    mutating func deferText(_ text: UnsafeRawBufferPointer, isReasoning: Bool, choice: Int) {
        if let last = choices[choice].deferred.indices.last, choices[choice].deferred[last].isReasoning == isReasoning {
            choices[choice].deferred[last].text.append(bytes: text)
        } else {
            choices[choice].deferred.append(
                ChoiceProgress.DeferredText(isReasoning: isReasoning, text: ByteBuffer(bytes: text))
            )
        }
    }

    /// Opens the calls whose turn it is.
    private mutating func openReady(choice: Int) {
        while choices[choice].openCalls < choices[choice].calls.count {
            let call = choices[choice].openCalls
            if Sink.takesOneBlockAtATime, choices[choice].holdsText { return }
            let next = choices[choice].calls[call]
            guard next.hasArguments, !next.id.isEmpty, !next.name.isEmpty, !isCustom(next) else { return }
            open(call: call, choice: choice)
        }
    }

    /// Opens all calls that are left, because nothing more will come for them.
    mutating func endCalls(choice: Int, tape: JSONTape) {
        passDeferred(choice: choice)
        while choices[choice].openCalls < choices[choice].calls.count {
            let call = choices[choice].openCalls
            if choices[choice].calls[call].id.isEmpty {
                choices[choice].calls[call].id = Sink.makeCallID(request: requestID, choice: choice, call: call)
            }
            let ended = choices[choice].calls[call]
            if isCustom(ended) {
                choices[choice].calls[call].isCustom = true
                choices[choice].calls[call].pending = CustomToolInput.input(of: ended.pending, tape: tape)
            } else if !ended.hasArguments, !choices[choice].isCut {
                choices[choice].calls[call].pending.append("{}")
            }
            open(call: call, choice: choice)
        }
    }

    private mutating func open(call: Int, choice: Int) {
        let pending = choices[choice].calls[call].pending
        let head = ToolCallHead(
            index: call,
            id: choices[choice].calls[call].id,
            name: choices[choice].calls[call].name,
            isCustom: choices[choice].calls[call].isCustom
        )
        choices[choice].calls[call].isOpen = true
        choices[choice].calls[call].pending = ByteBuffer()
        choices[choice].openCalls += 1
        if Sink.takesOneBlockAtATime {
            choices[choice].currentCall = call
            choices[choice].currentArguments = JSONCompleteness()
            pending.withUnsafeReadableBytes { choices[choice].currentArguments.read(escaped: $0) }
        }
        pending.withUnsafeReadableBytes { sink.openCall(head, arguments: $0, choice: choice) }
    }

    private func isCustom(_ call: ToolCallProgress) -> Bool {
        !customTools.isEmpty && customTools.contains(call.name)
    }
}

/// Unwraps the calls of custom tools, which are presented upstream as functions with one string argument `input`.
enum CustomToolInput {
    /// The input in the arguments of a call; both are the insides of JSON strings with their escape sequences.
    ///
    /// Arguments that are not of this form are the input themselves, so that nothing the model said is lost.
    static func input(of arguments: ByteBuffer, tape: JSONTape) -> ByteBuffer {
        var quoted = ByteBuffer()
        quoted.append("\"")
        quoted.writeImmutableBuffer(arguments)
        quoted.append("\"")
        let text = quoted.withUnsafeReadableBytes { bytes -> String? in
            guard let value = try? tape.parse(bytes) else { return nil }
            return value.string
        }
        guard var text else { return arguments }
        return text.withUTF8 { bytes in
            guard let object = try? tape.parse(UnsafeRawBufferPointer(bytes)),
                let input = object["input"]?.escapedContent
            else { return arguments }
            return ByteBuffer(bytes: input)
        }
    }
}
