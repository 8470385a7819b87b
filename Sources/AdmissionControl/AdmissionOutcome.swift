/// The answer to whether a request may run.
package enum AdmissionOutcome: Sendable {
    case admitted(AdmissionPermit)
    case refused(AdmissionRefusal)
}
