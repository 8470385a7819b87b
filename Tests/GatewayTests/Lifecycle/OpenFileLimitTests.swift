import Testing

@testable import Gateway

/// Connections are fitted to the files that may be open.
struct OpenFileLimitTests {
    @Test(arguments: [
        (65_536, 16_384, 8192, 16_384), (1024, 16_384, 8192, 384), (4096, 16_384, 100, 3480), (16, 100, 10, 1),
        (Int.max, 16_384, 8192, 16_384),
    ]) func clientsGetWhatUpstreamLeaves(files: Int, wanted: Int, upstream: Int, connections: Int) {
        let count = OpenFileLimit(count: files).clientConnections(wanted: wanted, upstream: upstream)
        #expect(count == connections)
        // With the eighth above, which is accepted to be told to come back, and upstream's it fits.
        if files > 256 { #expect(count * 9 / 8 + 16 + min(upstream, files / 2) + 64 <= files) }
    }

    @Test func theSoftLimitIsRaised() {
        let raised = OpenFileLimit.raise()
        #expect(raised.count > 0)
        #expect(OpenFileLimit.raise().count == raised.count)
    }
}
