/// Trouble with a batch that a caller asks for by the name of the model in its file.
enum BatchFault: Equatable, Sendable {
    /// Half of the requests have been answered when its time is over.
    case expires
    /// Stays in progress until it is cancelled.
    case stays

    static func named(_ name: String) -> BatchFault? {
        switch name {
        case "batch-expires": .expires
        case "batch-stays": .stays
        default: nil
        }
    }
}
