/// Figures of the admission controller for metrics.
package struct AdmissionGauges: Sendable, Equatable {
    /// Callers that are remembered.
    package var callers = 0
    /// Client addresses that are remembered.
    package var addresses = 0
    /// Running requests, as far as an overall limit makes them count.
    package var running = 0
    /// Permits that were dropped without having been settled, since the start: a fault of the program.
    package var missingReleases = 0
    /// Callers and addresses forgotten with requests running, since the start: the bound on entries is too low.
    package var forgottenWhileRunning = 0
}
