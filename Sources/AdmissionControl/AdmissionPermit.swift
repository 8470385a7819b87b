import Synchronization

/// The right to run one request.
///
/// Hand it to `AdmissionController.settle` however the request ends; only the first time counts.
///
/// Copies are the same permit. When the last one goes without having been settled, the places are given back all the
/// same and the controller counts it in `missingReleases`.
package struct AdmissionPermit: Sendable {
    /// Nil without any limit: then there is nothing to give back, and nothing is allocated.
    let lease: Lease?

    /// The rest of the caller's limits after this request; nil if no limit for callers is set.
    package var rateLimits: RateLimitSnapshot? { lease?.charge.rateLimits }

    final class Lease: Sendable {
        let controller: AdmissionController
        let charge: AdmissionCharge
        private let isSettled = Atomic(false)

        init(controller: AdmissionController, charge: AdmissionCharge) {
            self.controller = controller
            self.charge = charge
        }

        /// Whether this is the first call.
        func settleOnce() -> Bool {
            !isSettled.exchange(true, ordering: .acquiringAndReleasing)
        }

        deinit {
            if settleOnce() { controller.releaseMissing(charge) }
        }
    }
}
