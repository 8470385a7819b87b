import ByteWriting
import Testing

struct ReadBufferSizeTests {
    private func sizes(after reads: [Int]) -> [Int?] {
        var size = ReadBufferSize()
        return reads.map { read in
            _ = size.record(actualReadBytes: read)
            return size.nextBufferSize()
        }
    }

    @Test func beginsSmall() {
        #expect(ReadBufferSize().nextBufferSize() == 1_024)
    }

    @Test func growsByFourWithFullReadsUpToItsLargest() {
        #expect(sizes(after: [1_024, 4_096, 16_384, 65_536]) == [4_096, 16_384, 65_536, 65_536])
    }

    @Test func tellsWhetherTheNextReadIsLarger() {
        var size = ReadBufferSize()
        let grows = [900, 1_024, 3_000].map { size.record(actualReadBytes: $0) }
        #expect(grows == [false, true, false])
    }

    @Test func shrinksAfterTwoShortReadsInARow() {
        #expect(sizes(after: [1_024, 100, 100, 100, 100, 100]) == [4_096, 4_096, 2_048, 2_048, 1_024, 1_024])
        #expect(sizes(after: [1_024, 100, 3_000, 100, 3_000]) == [4_096, 4_096, 4_096, 4_096, 4_096])
    }
}
