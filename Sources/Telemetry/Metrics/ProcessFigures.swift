#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Figures about this process from the operating system, read on demand.
package struct ProcessFigures: Sendable, Equatable {
    /// User and system time.
    package var cpuSeconds: Double
    package var residentBytes: Int
    package var virtualBytes: Int
    package var threads: Int
    /// Seconds since 1970.
    package var startTime: Double?
    package var openDescriptors: Int?
    package var maxDescriptors: Int?

    /// When the system started, in seconds since 1970; it stays the same.
    private static let bootTime = text(of: "/proc/stat", limit: 1 << 20).flatMap { bootTime(in: $0) }

    /// The figures now; nil where there is no `/proc`.
    package static func read() -> ProcessFigures? {
        guard let stat = text(of: "/proc/self/stat") else { return nil }
        var figures = ProcessFigures(
            stat: stat,
            bootTime: bootTime,
            ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)),
            pageSize: sysconf(Int32(_SC_PAGESIZE))
        )
        figures?.openDescriptors = openDescriptorCount()
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        figures?.maxDescriptors = limit > 0 ? limit : nil
        return figures
    }

    /// Reads the text of `/proc/self/stat`; see proc(5).
    package init?(stat: String, bootTime: Double?, ticksPerSecond: Int, pageSize: Int) {
        // The name of the program is in parentheses and may contain anything, parentheses too.
        guard ticksPerSecond > 0, let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split { $0 == " " || $0 == "\n" }
        // Field 3 of the page is the first one here.
        func field(_ number: Int) -> Int? { number - 3 < fields.count ? Int(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
            let virtual = field(23), let resident = field(24)
        else { return nil }
        let ticks = Double(ticksPerSecond)
        cpuSeconds = Double(user + system) / ticks
        self.threads = threads
        virtualBytes = virtual
        residentBytes = resident * pageSize
        startTime = bootTime.map { $0 + Double(start) / ticks }
    }

    /// The start of the system in the text of `/proc/stat`, in seconds since 1970.
    package static func bootTime(in text: String) -> Double? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) }
    }

    private static func openDescriptorCount() -> Int? {
        // Linux from 6.2 tells the number as the size of the folder; before, the entries have to be counted.
        var status = stat()
        if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return Int(status.st_size) }
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without the two dots and the descriptor that reads the folder.
        return max(0, count - 3)
    }

    private static func text(of path: String, limit: Int = 16_384) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = readPart(descriptor, &part)
            guard count > 0 else { break }
            bytes += part.prefix(count)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private static func readPart(_ descriptor: Int32, _ part: inout [UInt8]) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, &part, part.count)
        #elseif canImport(Musl)
        Musl.read(descriptor, &part, part.count)
        #else
        Darwin.read(descriptor, &part, part.count)
        #endif
    }
}
