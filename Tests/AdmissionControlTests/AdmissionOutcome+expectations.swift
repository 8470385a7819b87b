import AdmissionControl

extension AdmissionOutcome {
    var permit: AdmissionPermit? {
        if case .admitted(let permit) = self { permit } else { nil }
    }

    var refusal: AdmissionRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
