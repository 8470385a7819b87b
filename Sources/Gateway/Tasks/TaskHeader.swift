import APITranslation
import HTTPServing

/// `x-dashscope-task-id`: the tasks of a request in the head of its answer, and those that a request continues.
///
/// The tasks of several calls stand in their order, with `-` for a call that has none.
enum TaskHeader {
    static let name = "x-dashscope-task-id"

    /// The tasks that a request continues, nil for a call that is made anew; empty where there is no such header.
    ///
    /// - Throws: A 400 for what can be no id.
    static func read(_ headers: RequestHeaders) throws(APIError) -> [String?] {
        try headers.first(name: name).map(ids) ?? []
    }

    /// Reads the header's value.
    static func ids(_ text: String) throws(APIError) -> [String?] {
        var ids: [String?] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let id = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            guard id != "-" else {
                ids.append(nil)
                continue
            }
            guard TaskReply.isID(id) else {
                throw .invalidRequest(
                    "The header \(name) holds what is no id of a task.",
                    param: name,
                    code: "invalid_value"
                )
            }
            ids.append(id)
        }
        return ids
    }

    /// Checks that there is a call for each task.
    static func check(_ ids: [String?], calls: [NativeCall]) throws(APIError) {
        guard !ids.isEmpty else { return }
        guard ids.count <= calls.count, calls.allSatisfy(\.operation.isAsynchronous) else {
            throw .invalidRequest(
                calls.allSatisfy(\.operation.isAsynchronous)
                    ? "The header \(name) names \(ids.count) tasks, but the request makes \(calls.count)."
                    : "The header \(name) stands in a request whose model answers without a task.",
                param: name,
                code: "invalid_value"
            )
        }
    }

    /// The header's value; nil where there is no task.
    static func value(_ ids: [String?]) -> String? {
        ids.contains { $0 != nil } ? ids.map { $0 ?? "-" }.joined(separator: ", ") : nil
    }
}
