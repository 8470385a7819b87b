/// A reply that takes some failures of its task as an answer.
package protocol TaskFailureReading: ReplyTranslating {
    /// Whether a task that has failed with this code is read as one that has ended well.
    func reads(failure code: String) -> Bool
}
