package import JSONBytes
package import NIOCore

// What upstream sends in a session over WebSocket.
extension SpeechPart {
    /// What follows a message of upstream's.
    package enum SessionStep: Equatable {
        /// The message tells nothing of the answer.
        case none
        /// The opening was accepted: the texts may follow.
        case ready
        case outcome(ReplyOutcome)
    }

    /// Takes an event, and writes its audio.
    package func receive(
        event text: UnsafeRawBufferPointer,
        of operation: DashScopeOperation,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> SessionStep {
        guard let root = try? tape.parse(text), root.kind == .object else { return .outcome(unreadable()) }
        return operation == .speechRealtime ? receive(realtime: root, &output) : receive(task: root)
    }

    /// Takes audio that comes as it is.
    package func receive(audio: ByteBuffer, into output: inout ByteBuffer) -> SessionStep {
        .outcome(write(audio, &output) ? .progress : unreadable())
    }

    /// The error of a close that comes before the end; nil where it gives no reason.
    package func refusal(closeCode code: UInt16?, reason: String) -> APIError? {
        // Failures may come as nothing but a reason: 1007 for what was asked, 1011 for the rest.
        guard !reason.isEmpty, code == 1007 || code == 1008 || code == 1011 else { return nil }
        return ErrorTable.map(
            status: code == 1011 ? 500 : 400,
            code: code == 1011 ? "InternalError" : "InvalidParameter",
            message: reason,
            requestID: facts.requestID
        )
    }

    // MARK: - Tasks

    private func receive(task root: JSONValue) -> SessionStep {
        guard let header = root.present("header"), let event = header["event"] else { return .none }
        let payload = root.present("payload")
        if let usage = Self.usage(payload?["usage"]) { facts.usage = usage }
        if event.equals("task-started") { return .ready }
        if event.equals("result-generated") { return .outcome(.progress) }
        if event.equals("task-finished") {
            isComplete = true
            return .outcome(.complete)
        }
        guard event.equals("task-failed") else { return .none }
        return .outcome(
            .refused(
                ErrorTable.map(
                    status: nil,
                    code: header["error_code"]?.string ?? "",
                    message: header["error_message"]?.string ?? "",
                    requestID: header["task_id"]?.string
                )
            )
        )
    }

    // MARK: - Events

    private func receive(realtime root: JSONValue, _ output: inout ByteBuffer) -> SessionStep {
        guard let type = root["type"] else { return .none }
        if type.equals("session.created") {
            facts.requestID = root["session"]?["id"]?.string ?? facts.requestID
            return .none
        }
        if type.equals("session.updated") { return .ready }
        if type.equals("response.audio.delta") {
            guard let delta = root["delta"], delta.kind == .string else { return .outcome(unreadable()) }
            return .outcome(delta.isEmptyString || take(delta, &output) ? .progress : unreadable())
        }
        if type.equals("response.done") { return responseDone(root) }
        if type.equals("session.finished") {
            isComplete = true
            return .outcome(.complete)
        }
        guard type.equals("error") else { return .none }
        return .outcome(.refused(refusal(root["error"])))
    }

    /// A session makes several responses, each with its own usage.
    private func responseDone(_ root: JSONValue) -> SessionStep {
        let response = root.present("response")
        if let used = Self.usage(response?["usage"] ?? root["usage"]) {
            var sum = facts.usage ?? TokenUsage()
            sum.add(used)
            facts.usage = sum
        }
        guard let status = response?["status"] else { return .outcome(.progress) }
        if status.equals("failed") {
            return .outcome(.refused(refusal(response?["status_details"]?["error"])))
        }
        guard !status.equals("incomplete"), !status.equals("cancelled") else {
            return .outcome(.refused(ErrorTable.incomplete(requestID: facts.requestID)))
        }
        return .outcome(.progress)
    }

    private func refusal(_ error: JSONValue?) -> APIError {
        let isOurs = error?["type"]?.equals("invalid_request_error") == true
        let code = error?["code"]?.string ?? ""
        // The table knows DashScope's own words, to which the words of this interface are added.
        let isForeign = code.isEmpty || code.contains("_")
        return ErrorTable.map(
            status: error?["type"]?.equals("server_error") == true ? 500 : nil,
            code: isForeign ? (isOurs ? "InvalidParameter" : "InternalError") : code,
            message: error?["message"]?.string ?? "",
            requestID: facts.requestID
        )
    }
}
