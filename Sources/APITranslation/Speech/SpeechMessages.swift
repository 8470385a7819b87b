import ByteWriting
import JSONBytes
package import NIOCore

/// The messages of a session over WebSocket that makes speech.
package struct SpeechMessages: Sendable {
    private let call: NativeCall
    /// The name of the task: 32 hexadecimal digits, new for each attempt.
    private let task: String

    package init(_ call: NativeCall, task: String) {
        self.call = call
        self.task = task
    }

    /// What the session is opened with.
    package var opening: ByteBuffer {
        var message = ByteBuffer()
        message.reserveCapacity(call.body.readableBytes + 160)
        if call.operation == .speechRealtime {
            message.append(#"{"type":"session.update","session":"#)
            message.writeImmutableBuffer(call.body)
            message.append("}")
        } else {
            write("run-task", call.body, into: &message)
        }
        return message
    }

    /// What follows once upstream has accepted the opening.
    package var following: [ByteBuffer] {
        if call.operation == .speechRealtime {
            return call.texts.map { text in
                var message = ByteBuffer()
                message.append(#"{"type":"input_text_buffer.append","text":"#)
                message.writeImmutableBuffer(text)
                message.append("}")
                return message
            } + [ByteBuffer(string: #"{"type":"session.finish"}"#)]
        }
        // A task whose text came with its order ends by itself.
        guard !call.texts.isEmpty else { return [] }
        var messages = call.texts.map { text in
            var input = ByteBuffer()
            input.append(#"{"input":{"text":"#)
            input.writeImmutableBuffer(text)
            input.append("}}")
            var message = ByteBuffer()
            write("continue-task", input, into: &message)
            return message
        }
        var last = ByteBuffer()
        write("finish-task", ByteBuffer(string: #"{"input":{}}"#), into: &last)
        messages.append(last)
        return messages
    }

    private func write(_ action: String, _ payload: ByteBuffer, into message: inout ByteBuffer) {
        message.append(#"{"header":{"action":"#)
        message.writeJSON(action)
        message.append(#","task_id":"#)
        message.writeJSON(task)
        message.append(call.texts.isEmpty ? #","streaming":"out"},"payload":"# : #","streaming":"duplex"},"payload":"#)
        message.writeImmutableBuffer(payload)
        message.append("}")
    }
}
