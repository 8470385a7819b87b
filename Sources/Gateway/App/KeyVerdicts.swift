import APITranslation
import AdmissionControl
import NIOCore
import Synchronization

/// DashScope's verdicts on keys, by their keyed hash; each is kept for a minute, and their number is bounded.
final class KeyVerdicts: Sendable {
    private static let limit = 4096
    private static let lifetime = TimeAmount.seconds(60)

    private let verdicts = Mutex<[CallerID: (isValid: Bool, until: NIODeadline)]>([:])

    /// Whether the key is valid; nil if it was not checked recently.
    func verdict(of caller: CallerID, now: NIODeadline) -> Bool? {
        verdicts.withLock { verdicts in
            guard let entry = verdicts[caller], entry.until > now else { return nil }
            return entry.isValid
        }
    }

    func remember(_ isValid: Bool, of caller: CallerID, now: NIODeadline) {
        verdicts.withLock { verdicts in
            if verdicts.count >= Self.limit { verdicts.removeAll(keepingCapacity: true) }
            verdicts[caller] = (isValid, now + Self.lifetime)
        }
    }
}
