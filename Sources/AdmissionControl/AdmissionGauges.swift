/// Figures of the admission controller for metrics.
package struct AdmissionGauges: Sendable, Equatable {
    /// Callers that are remembered.
    package var callers: Int
    /// Client addresses that are remembered.
    package var addresses: Int
    /// Running requests, as far as an overall limit makes them count.
    package var running: Int
    /// Permits that were dropped without having been settled, since the start: a fault of the program.
    package var missingReleases: Int
    /// Callers and addresses forgotten with requests running, since the start: the bound on entries is too low.
    package var forgottenWhileRunning: Int

    package init(
        callers: Int = 0,
        addresses: Int = 0,
        running: Int = 0,
        missingReleases: Int = 0,
        forgottenWhileRunning: Int = 0
    ) {
        self.callers = callers
        self.addresses = addresses
        self.running = running
        self.missingReleases = missingReleases
        self.forgottenWhileRunning = forgottenWhileRunning
    }
}
