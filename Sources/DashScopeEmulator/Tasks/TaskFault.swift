/// Trouble with a task, or with its result, that a caller asks for by the name of the model.
enum TaskFault: Equatable, Sendable {
    /// Ends as FAILED with this code.
    case fails(code: String)
    /// Ends well, but for its last result.
    case partlyFails
    case staysPending
    case staysRunning
    /// Is not known when it is asked for.
    case isUnknown
    /// Is cancelled by somebody else.
    case isCanceled
    /// The first queries are refused, or all of them.
    case queriesFail(Int?)
    /// The result is on a host that is not Alibaba's.
    case linkElsewhere
    /// The result is not there.
    case linkMissing
    /// The link leads to another.
    case linkRedirects

    static func named(_ name: String) -> TaskFault? {
        let lower = name.lowercased()
        if lower.hasPrefix("task-fails-") { return .fails(code: String(name.dropFirst(11))) }
        if lower.hasPrefix("queries-fail-"), let count = Int(name.dropFirst(13)), count > 0 {
            return .queriesFail(count)
        }
        return switch lower {
        case "task-partly-fails": .partlyFails
        case "task-stays-pending": .staysPending
        case "task-stays-running": .staysRunning
        case "task-is-unknown": .isUnknown
        case "task-is-canceled": .isCanceled
        case "queries-fail": .queriesFail(nil)
        case "link-elsewhere": .linkElsewhere
        case "link-missing": .linkMissing
        case "link-redirects": .linkRedirects
        default: nil
        }
    }
}
