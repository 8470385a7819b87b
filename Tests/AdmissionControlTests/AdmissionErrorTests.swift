import AdmissionControl
import Testing

@Test func anAdmissionErrorSaysWhatIsWrong() {
    #expect("\(AdmissionError("\"10.0.0.0/40\" is no range of addresses"))".contains("10.0.0.0/40"))
}
