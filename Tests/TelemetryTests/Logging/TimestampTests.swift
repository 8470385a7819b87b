import Telemetry
import Testing

@Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
    (1_795_488_933, "2026-11-24T02:55:33.000Z"),
])
func aTimestampIsRFC3339(seconds: Int, text: String) {
    #expect(Timestamp.rfc3339(seconds: seconds, milliseconds: 0) == text)
}
