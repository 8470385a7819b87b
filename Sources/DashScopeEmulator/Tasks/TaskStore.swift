import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The asynchronous tasks of the emulator: each is PENDING, then RUNNING, and has ended after some queries.
final class TaskStore: Sendable {
    struct Result: Sendable {
        var output: JSON
        var usage: JSON
        /// Parts of the result.
        var total: Int
    }

    private struct Task: Sendable {
        var result: Result
        var model: String
        var key: String
        var fault: TaskFault?
        var submitted: Date
        /// When it was seen to have ended.
        var ended: Date?
        var queries = 0
        var failedQueries = 0
        var isCanceled = false
    }

    private struct State {
        var tasks: [String: Task] = [:]
        /// The oldest first.
        var order: [String] = []
        var rate = QueryRate()
    }

    private static let timeout =
        "An internal timeout error has occured during execution, please try again later or contact service support."

    private static let mostTasks = 1_000

    private let queriesToEnd: Int
    private let queriesPerSecond: Int?
    private let state = Mutex(State())

    /// Tasks that have ended at their query with this number.
    init(queriesToEnd: Int, queriesPerSecond: Int? = nil) {
        self.queriesToEnd = queriesToEnd
        self.queriesPerSecond = queriesPerSecond
    }

    /// Makes a task; its id.
    func submit(_ result: Result, model: String, key: String, fault: TaskFault?) -> String {
        let id = RequestID.make()
        let task = Task(result: result, model: model, key: key, fault: fault, submitted: Date())
        state.withLock { state in
            state.tasks[id] = task
            state.order.append(id)
            if state.order.count > Self.mostTasks { state.tasks[state.order.removeFirst()] = nil }
        }
        return id
    }

    func reset() { state.withLock { $0 = State() } }

    /// How often tasks were asked for.
    func document() -> JSON {
        state.withLock { state in
            [
                "tasks": .int(state.tasks.count), "queries": .int(state.rate.total),
                "refused_queries": .int(state.rate.refused), "busiest_second": .int(state.rate.busiest),
            ]
        }
    }

    /// The member `output`, and `usage` where the task has ended well.
    func query(_ id: String, key: String) throws(Refusal) -> (output: JSON, usage: JSON?) {
        let outcome: Swift.Result<Task?, Refusal> = state.withLock { state in
            guard state.rate.take(limit: queriesPerSecond) else {
                return .failure(
                    Refusal(
                        status: 429,
                        code: "Throttling.RateQuota",
                        message: "Requests rate limit exceeded, please try again later."
                    )
                )
            }
            guard var task = state.tasks[id], task.key == key, task.fault != .isUnknown else { return .success(nil) }
            if case .queriesFail(let count) = task.fault, task.failedQueries < count ?? .max {
                task.failedQueries += 1
                state.tasks[id] = task
                return .failure(
                    task.failedQueries % 2 == 1
                        ? FaultRefusal.catalogued(status: 429, code: "Throttling.RateQuota")
                        : FaultRefusal.catalogued(status: 500, code: "InternalError")
                )
            }
            task.queries += 1
            if task.fault == .isCanceled { task.isCanceled = true }
            if task.ended == nil, !["PENDING", "RUNNING"].contains(status(of: task)) { task.ended = Date() }
            state.tasks[id] = task
            return .success(task)
        }
        guard let task = try outcome.get() else {
            return (["task_id": .string(id), "task_status": "UNKNOWN"], nil)
        }
        return document(of: task, id: id)
    }

    /// Stops a task that waits; others go on.
    func cancel(_ id: String, key: String) throws(Refusal) {
        let isDone = state.withLock { state in
            guard var task = state.tasks[id], task.key == key, status(of: task) == "PENDING" else { return false }
            task.isCanceled = true
            state.tasks[id] = task
            return true
        }
        guard isDone else {
            throw Refusal(
                status: 400,
                code: "UnsupportedOperation",
                message: "Failed to cancel the task, please confirm if the task is in PENDING status."
            )
        }
    }

    private func status(of task: Task) -> String {
        if task.isCanceled { return "CANCELED" }
        if task.fault == .staysPending || task.queries == 0 { return "PENDING" }
        if task.fault == .staysRunning || task.queries < queriesToEnd { return "RUNNING" }
        if case .fails = task.fault { return "FAILED" }
        return "SUCCEEDED"
    }

    private func document(of task: Task, id: String) -> (output: JSON, usage: JSON?) {
        let status = status(of: task)
        var output: JSON = [
            "task_id": .string(id), "task_status": .string(status), "submit_time": .string(Self.text(task.submitted)),
        ]
        if status != "PENDING" { output["scheduled_time"] = .string(Self.text(task.submitted)) }
        guard status != "PENDING", status != "RUNNING" else { return (output, nil) }
        output["end_time"] = .string(Self.text(task.ended ?? Date()))
        if status == "FAILED", case .fails(let code) = task.fault {
            let refusal = FaultRefusal.catalogued(status: 400, code: code)
            output["code"] = .string(refusal.code)
            output["message"] = .string(refusal.message)
            output["task_metrics"] = [
                "TOTAL": .int(task.result.total), "SUCCEEDED": 0, "FAILED": .int(task.result.total),
            ]
        }
        guard status == "SUCCEEDED" else { return (output, nil) }
        for member in task.result.output.members ?? [] { output[member.name] = member.value }
        guard task.fault == .partlyFails, var results = output["results"]?.array, !results.isEmpty else {
            return (output, task.result.usage)
        }
        results[results.count - 1] = [
            "code": "InternalError.Timeout",
            "message": .string(Self.timeout),
        ]
        output["results"] = .array(results)
        output["task_metrics"] = [
            "TOTAL": .int(results.count), "SUCCEEDED": .int(results.count - 1), "FAILED": 1,
        ]
        return (output, ["image_count": .int(results.count - 1)])
    }

    /// Beijing's time without a zone, as DashScope writes it.
    private static func text(_ date: Date) -> String {
        let seconds = date.timeIntervalSince1970 + 8 * 3600
        let (days, rest) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
        // Days to a date of the Gregorian calendar, by Howard Hinnant's rule.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let calendarMonth = month < 10 ? month + 3 : month - 9
        func padded(_ number: Int, _ digits: Int = 2) -> String {
            String(repeating: "0", count: max(0, digits - String(number).count)) + String(number)
        }
        let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map { padded($0) }.joined(separator: ":")
        let milliseconds = Int(seconds * 1000) % 1000
        return "\(padded(year, 4))-\(padded(calendarMonth))-\(padded(day)) \(time).\(padded(milliseconds, 3))"
    }
}
