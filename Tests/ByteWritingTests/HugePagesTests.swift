#if os(Linux)
import ByteWriting
import Foundation
import NIOCore
import Testing

/// What the system was asked for is read from its table of the process's memory.
@Suite struct HugePagesTests {
    private static let isSupported = FileManager.default.fileExists(atPath: "/sys/kernel/mm/transparent_hugepage")

    private func hugeBytes(of buffer: inout ByteBuffer) throws -> Int {
        let place = buffer.withUnsafeMutableWritableBytes { memory in
            (UInt(bitPattern: memory.baseAddress), UInt(bitPattern: memory.baseAddress) + UInt(memory.count))
        }
        var area: (UInt, UInt) = (0, 0)
        var sum = 0
        // A file without a size: `String(contentsOfFile:)` reads its first page only.
        let table = try #require(try FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd())
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("VmFlags:") {
                let common = min(area.1, place.1).subtractingReportingOverflow(max(area.0, place.0))
                if line.contains(" hg"), !common.overflow { sum += Int(common.partialValue) }
            } else if let dash = line.firstIndex(of: "-"), let blank = line.firstIndex(of: " "), dash < blank,
                let start = UInt(line[..<dash], radix: 16),
                let end = UInt(line[line.index(after: dash)..<blank], radix: 16)
            {
                area = (start, end)
            }
        }
        return sum
    }

    @Test(.enabled(if: isSupported))
    func onlyPagesThatWillBeFilledAreLarge() throws {
        let count = 10_500_000
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        buffer.expectLargeWrite(of: count)
        let bytes = try hugeBytes(of: &buffer)
        #expect(bytes % (2 << 20) == 0)
        #expect((6 << 20...count).contains(bytes))
        buffer.writeRepeatingByte(7, count: count)
        #expect(buffer == ByteBuffer(repeating: 7, count: count))
    }

    @Test(.enabled(if: isSupported), arguments: [1000, 3 << 20])
    func littleStaysAsItIs(count: Int) throws {
        var buffer = ByteBufferAllocator().buffer(capacity: 8 << 20)
        buffer.expectLargeWrite(of: count)
        #expect(try hugeBytes(of: &buffer) == 0)
    }

    @Test(.enabled(if: isSupported))
    func whatDoesNotFitIsNotAskedFor() throws {
        var buffer = ByteBufferAllocator().buffer(capacity: 4 << 20)
        buffer.expectLargeWrite(of: 16 << 20)
        #expect(try hugeBytes(of: &buffer) == 0)
    }
}
#endif
