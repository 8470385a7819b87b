import ByteWriting
import JSONBytes
package import NIOCore

extension VideoObject {
    /// Appends the object as OpenAI has it; one that is to be stored says more of a failure.
    package func write(into output: inout ByteBuffer, stored: Bool = false) {
        output.append("{\"id\":")
        output.writeJSON(id)
        output.append(",\"object\":\"video\",\"model\":")
        output.writeJSON(orNull: facts.model)
        output.append(",\"status\":")
        output.writeJSON(status.rawValue)
        output.append(",\"progress\":")
        output.writeJSON(progress)
        output.append(",\"created_at\":")
        output.writeJSON(created)
        output.append(",\"completed_at\":")
        output.writeJSON(orNull: completed)
        output.append(",\"expires_at\":")
        output.writeJSON(orNull: expires)
        output.append(",\"prompt\":")
        if let prompt = facts.prompt { output.writeImmutableBuffer(prompt) } else { output.append("null") }
        output.append(",\"size\":")
        output.writeJSON(orNull: facts.size ?? figures.size)
        output.append(",\"seconds\":")
        output.writeJSON(orNull: facts.seconds ?? figures.secondsText)
        output.append(",\"remixed_from_video_id\":")
        output.writeJSON(orNull: facts.remixedFrom)
        output.append(",\"error\":")
        writeFailure(stored: stored, into: &output)
        if let link {
            output.append(",\"url\":")
            output.writeJSON(link)
        }
        if let revisedPrompt {
            output.append(",\"revised_prompt\":")
            output.writeImmutableBuffer(revisedPrompt)
        }
        if let usage {
            output.append(",\"usage\":")
            output.writeImmutableBuffer(usage)
        }
        output.append("}")
    }

    /// DashScope tells no percentage.
    private var progress: Int {
        switch status {
        case .queued, .failed: 0
        case .inProgress: 50
        case .completed: 100
        }
    }

    private func writeFailure(stored: Bool, into output: inout ByteBuffer) {
        guard let failure else { return output.append("null") }
        output.append("{\"code\":")
        output.writeJSON(failure.code)
        output.append(",\"message\":")
        output.writeJSON(failure.message)
        if let code = failure.upstreamCode {
            output.append(",\"upstream_code\":")
            output.writeJSON(code)
        }
        if stored {
            output.append(",\"status\":")
            output.writeJSON(failure.status)
        }
        output.append("}")
    }

    /// Appends the object as new-api has it: of a task that was just made, only its name and state.
    package func writeNewAPI(into output: inout ByteBuffer) {
        output.append("{\"task_id\":")
        output.writeJSON(id)
        output.append(",\"status\":")
        output.writeJSON(status.rawValue)
        if let link {
            output.append(",\"url\":")
            output.writeJSON(link)
            output.append(",\"format\":\"mp4\"")
        }
        writeMetadata(into: &output)
        if let failure {
            output.append(",\"error\":{\"code\":")
            output.writeJSON(failure.status)
            output.append(",\"message\":")
            output.writeJSON(failure.message)
            output.append("}")
        }
        output.append("}")
    }

    private func writeMetadata(into output: inout ByteBuffer) {
        guard status == .completed, figures != VideoFigures() else { return }
        output.append(",\"metadata\":{")
        var isFirst = true
        func name(_ name: StaticString) {
            output.append(isFirst ? "\"" : ",\"")
            output.append(name)
            output.append("\":")
            isFirst = false
        }
        if let seconds = figures.secondsText {
            name("duration")
            output.append(text: seconds)
        }
        if let frames = figures.framesPerSecond {
            name("fps")
            output.writeJSON(frames)
        }
        if let width = figures.width, let height = figures.height {
            name("width")
            output.writeJSON(width)
            name("height")
            output.writeJSON(height)
        }
        output.append("}")
    }

    /// Appends a page of videos as a list object.
    package static func writePage(_ objects: [VideoObject], hasMore: Bool, into output: inout ByteBuffer) {
        output.append("{\"object\":\"list\",\"data\":[")
        for (position, object) in objects.enumerated() {
            if position > 0 { output.append(",") }
            object.write(into: &output)
        }
        output.append("],\"first_id\":")
        output.writeJSON(orNull: objects.first?.id)
        output.append(",\"last_id\":")
        output.writeJSON(orNull: objects.last?.id)
        output.append(",\"has_more\":")
        output.writeJSON(hasMore)
        output.append("}")
    }
}

extension ByteBuffer {
    fileprivate mutating func writeJSON(orNull number: Int?) {
        if let number { writeJSON(number) } else { append("null") }
    }
}
