import Foundation
import Testing

@testable import Gateway

/// What the process may use, read from folders that look like the system's.
struct MemoryLimitTests {
    private static let machine = "MemTotal:        8000000 kB\nMemFree: 1 kB\n"

    /// The limit in a folder with these files.
    private static func limit(_ files: [String: String]) throws -> MemoryLimit {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        return MemoryLimit(root: root.path)
    }

    private static func bytes(_ files: [String: String]) throws -> Int? {
        let limit = try limit(files)
        defer { try? FileManager.default.removeItem(atPath: limit.root) }
        return limit.bytes
    }

    @Test func withoutAGroupItIsTheMachines() throws {
        #expect(try Self.bytes(["proc/meminfo": Self.machine]) == 8_192_000_000)
        #expect(try Self.bytes([:]) == nil)
    }

    @Test func theSmallestOfTheGroupAndThoseAboveItCounts() throws {
        let files = [
            "proc/meminfo": Self.machine, "proc/self/cgroup": "0::/kube/pod/app\n",
            "sys/fs/cgroup/kube/pod/app/memory.max": "max\n", "sys/fs/cgroup/kube/pod/memory.max": "536870912\n",
            "sys/fs/cgroup/kube/memory.max": "4294967296\n",
        ]
        #expect(try Self.bytes(files) == 512 << 20)
    }

    @Test func aContainerSeesItsOwnGroupAsTheRoot() throws {
        let files = [
            "proc/meminfo": Self.machine, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1073741824\n",
        ]
        #expect(try Self.bytes(files) == 1 << 30)
    }

    @Test func theFirstVersionHasAHierarchyOfItsOwn() throws {
        let files = [
            "proc/meminfo": Self.machine,
            "proc/self/cgroup":
                "12:cpu,cpuacct:/x\n5:memory:/docker/abc\n1:name=systemd:/docker/abc\n0::/system.slice\n",
            // Inside of the container its own group is mounted in the place of the root.
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n",
            "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        #expect(try Self.bytes(files) == 256 << 20)
    }

    @Test func aGroupWithoutALimitLeavesTheMachines() throws {
        let files = [
            "proc/meminfo": Self.machine, "proc/self/cgroup": "0::/../other\n",
            "sys/fs/cgroup/other/memory.max": "max\n",
        ]
        #expect(try Self.bytes(files) == 8_192_000_000)
    }

    @Test func clientsGetAQuarterAndNoMoreThanAGibibyte() throws {
        let small = try Self.limit(["proc/meminfo": "MemTotal: 524288 kB\n"])
        let large = try Self.limit(["proc/meminfo": "MemTotal: 64000000 kB\n"])
        #expect(small.budget == 128 << 20)
        #expect(large.budget == 1 << 30)
        for limit in [small, large] { try FileManager.default.removeItem(atPath: limit.root) }
    }

    #if os(Linux)
    @Test func thisMachineHasALimit() {
        #expect(MemoryLimit().bytes ?? 0 > 64 << 20)
    }
    #endif
}
