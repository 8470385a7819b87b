/// How the emulator behaves where the documentation leaves it free.
package struct EmulatorConfiguration: Sendable {
    /// Time between two events of a stream.
    package var eventDelay: Duration
    /// Time between two events of `emulator-slow`, which names no time of its own.
    package var slowEventDelay: Duration
    /// How many native requests are kept for inspection.
    package var recordedRequests: Int
    /// Larger bodies are recorded by their size only.
    package var maximumRecordedBodyBytes: Int
    /// The number of the query at which an asynchronous task has ended.
    package var queriesOfTask: Int
    /// How long a task over WebSocket waits for its next text.
    package var textPatience: Duration
    /// The most queries about tasks within a second, as DashScope counts them for an account; nil for any number.
    package var taskQueriesPerSecond: Int?
    /// The scheme of links to the emulator itself.
    package var scheme: String

    package init(
        eventDelay: Duration = .milliseconds(15),
        slowEventDelay: Duration = .seconds(2),
        recordedRequests: Int = 200,
        maximumRecordedBodyBytes: Int = 1 << 20,
        queriesOfTask: Int = 2,
        textPatience: Duration = .seconds(23),
        taskQueriesPerSecond: Int? = nil,
        scheme: String = "http"
    ) {
        self.eventDelay = eventDelay
        self.slowEventDelay = slowEventDelay
        self.recordedRequests = recordedRequests
        self.maximumRecordedBodyBytes = maximumRecordedBodyBytes
        self.queriesOfTask = queriesOfTask
        self.textPatience = textPatience
        self.taskQueriesPerSecond = taskQueriesPerSecond
        self.scheme = scheme
    }
}
