/// One batch; every query takes it a step further.
struct Batch: Sendable {
    var id: String
    /// The value of `Authorization`.
    var owner: String
    var endpoint: String
    var inputFile: String
    var window: String
    var metadata: JSON
    var created: Int
    var status = "validating"
    var complaints: [BatchLine.Complaint] = []
    var outputFile: String?
    var errorFile: String?
    var total = 0
    var completed = 0
    var failed = 0
    /// Seconds since 1970 by the name of the member.
    var times: [String: Int] = [:]

    private static let timeNames = [
        "in_progress_at", "expires_at", "finalizing_at", "completed_at", "failed_at", "expired_at", "cancelling_at",
        "cancelled_at",
    ]

    var document: JSON {
        var document: JSON = [
            "id": .string(id), "object": "batch", "endpoint": .string(endpoint), "errors": .null,
            "input_file_id": .string(inputFile), "completion_window": .string(window), "status": .string(status),
            "output_file_id": outputFile.map(JSON.string) ?? .null,
            "error_file_id": errorFile.map(JSON.string) ?? .null, "created_at": .int(created),
        ]
        if !complaints.isEmpty {
            document["errors"] = ["object": "list", "data": .array(complaints.map(\.document))]
        }
        for name in Self.timeNames { document[name] = times[name].map(JSON.int) ?? .null }
        document["request_counts"] = [
            "total": .int(total), "completed": .int(completed), "failed": .int(failed),
        ]
        document["metadata"] = metadata
        return document
    }
}
