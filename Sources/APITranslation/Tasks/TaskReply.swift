package import JSONBytes

/// What DashScope says of one of its asynchronous tasks, when it is made and when it is asked for.
package struct TaskReply: Equatable, Sendable {
    package enum Status: Equatable, Sendable {
        case pending
        /// Words that nobody knows count as this one.
        case running
        case succeeded
        case failed
        case canceled
        /// Expired, or another account's.
        case unknown
    }

    package var id: String
    package var status: Status
    /// Why it failed.
    package private(set) var code = ""
    private var message = ""
    private var requestID: String?

    /// Reads an answer; nil where it tells of no task.
    package init?(_ root: JSONValue) {
        guard root.kind == .object, let output = root["output"], output.kind == .object,
            let id = output["task_id"]?.string, Self.isID(id), let word = output["task_status"]?.string
        else { return nil }
        self.id = id
        status =
            switch word.uppercased() {
            case "PENDING", "SUSPENDED": .pending
            case "SUCCEEDED": .succeeded
            case "FAILED": .failed
            case "CANCELED", "CANCELLED": .canceled
            case "UNKNOWN": .unknown
            default: .running
            }
        requestID = root["request_id"]?.string
        guard status == .failed else { return }
        let refusal = UpstreamRefusal(output)
        code = refusal.code
        message = refusal.message
    }

    /// Whether a text can be the id of a task, and so a part of a path.
    package static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }

    /// What the caller is told of a task that ended without a result; nil where it has one, or still runs.
    package var error: APIError? {
        switch status {
        case .pending, .running, .succeeded: return nil
        case .failed:
            return ErrorTable.map(status: nil, code: code, message: message, requestID: requestID)
        case .canceled:
            return APIError(
                status: 409,
                message: "The task \(id) was cancelled before it had a result.",
                type: "invalid_request_error",
                code: "task_canceled",
                origin: .upstream,
                requestID: requestID,
                shouldRetry: false
            )
        case .unknown:
            return APIError(
                status: 404,
                message:
                    "DashScope does not know the task \(id): it has expired, which tasks do after 24 hours, or it is "
                    + "another account's or another region's.",
                type: "invalid_request_error",
                code: "task_not_found",
                origin: .upstream,
                requestID: requestID
            )
        }
    }
}
