import Telemetry
import Testing

@Suite struct ProcessFiguresTests {
    @Test func fieldsAreFoundWhateverTheProgramIsCalled() throws {
        let stat =
            "42 (odd) name (x) S 1 42 42 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 7 0 12345 104857600 2560 18446744073709551615 1 1\n"
        let system = "cpu  1 2 3\nintr 5\nbtime 1700000000\nprocesses 9\n"
        let figures = try #require(
            ProcessFigures(
                stat: stat,
                bootTime: ProcessFigures.bootTime(in: system),
                ticksPerSecond: 100,
                pageSize: 4096
            )
        )
        #expect(figures.cpuSeconds == 4)
        #expect(figures.threads == 7)
        #expect(figures.virtualBytes == 104_857_600)
        #expect(figures.residentBytes == 10_485_760)
        #expect(figures.startTime == 1_700_000_123.45)
        #expect(ProcessFigures(stat: "42 (short) S 1", bootTime: nil, ticksPerSecond: 100, pageSize: 4096) == nil)
    }

    #if os(Linux)
    @Test func thisProcessIsSeen() throws {
        let figures = try #require(ProcessFigures.read())
        #expect(figures.residentBytes > 1_000_000)
        #expect(figures.virtualBytes >= figures.residentBytes)
        #expect(figures.threads >= 1)
        let open = try #require(figures.openDescriptors)
        let limit = try #require(figures.maxDescriptors)
        #expect(open >= 3 && open < limit)
        let start = try #require(figures.startTime)
        #expect(start > 1_600_000_000)
    }
    #endif
}
