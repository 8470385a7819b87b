#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much memory the process may use: the machine's, or less where a cgroup says so.
struct MemoryLimit {
    /// The folder that holds `proc` and `sys`; empty for the system's own.
    var root = ""

    /// The smallest of the machine's memory and the limits of the process's cgroup and of those above it; nil where
    /// nobody says.
    var bytes: Int? {
        ([machine] + groups.map(limit)).compactMap { $0 }.min()
    }

    /// Memory that clients may take where the operator says nothing: a quarter of the limit, at most 1 GiB.
    var budget: Int { min(1 << 30, max(16 << 20, (bytes ?? 4 << 30) / 4)) }

    /// `MemTotal:  8013532 kB`.
    private var machine: Int? {
        let line = text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    /// Files that may hold a limit: cgroup v2 and v1, each from the process's own group up to the root.
    private var groups: [String] {
        var files: [String] = []
        for line in text("/proc/self/cgroup").split(separator: "\n") {
            // Number, controllers, path; v2 has the number 0 and no controllers.
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let isVersion2 = fields[0] == "0" && fields[1].isEmpty
            guard isVersion2 || fields[1].split(separator: ",").contains("memory") else { continue }
            var path = fields[2].split(separator: "/").filter { $0 != ".." }
            while true {
                let folder = path.isEmpty ? "" : "/" + path.joined(separator: "/")
                if isVersion2 {
                    files.append("/sys/fs/cgroup\(folder)/memory.max")
                    files.append("/sys/fs/cgroup/unified\(folder)/memory.max")
                } else {
                    files.append("/sys/fs/cgroup/memory\(folder)/memory.limit_in_bytes")
                }
                if path.popLast() == nil { break }
            }
        }
        return files
    }

    /// The number in a file; nil where there is none, such as `max`.
    private func limit(_ file: String) -> Int? {
        Int(text(file).prefix { $0 != "\n" }).flatMap { $0 > 0 ? $0 : nil }
    }

    /// The text of a small file; empty where it cannot be read.
    private func text(_ file: String) -> String {
        guard let stream = fopen(root + file, "re") else { return "" }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&bytes, 1, bytes.count, stream)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
