import Foundation
import Gateway
import Testing

struct RunningGatewayTests {
    /// A folder like `/proc` with the given processes.
    private func withProcesses<Result>(
        _ processes: [(id: Int, name: String, user: Int, words: [String], variables: [String]?)],
        _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "proc-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func data(_ words: [String]) -> Data { Data(words.map { $0 + "\0" }.joined().utf8) }
        for process in processes {
            let own = folder.appending(path: "\(process.id)")
            try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
            try Data("\(process.name)\n".utf8).write(to: own.appending(path: "comm"))
            let status = "Name:\t\(process.name)\nUid:\t0\t\(process.user)\t0\t0\nGid:\t7\t7\t7\t7\n"
            try Data(status.utf8).write(to: own.appending(path: "status"))
            try data(process.words).write(to: own.appending(path: "cmdline"))
            if let variables = process.variables { try data(variables).write(to: own.appending(path: "environ")) }
        }
        try FileManager.default.createDirectory(at: folder.appending(path: "sys"), withIntermediateDirectories: true)
        return try body(folder.path)
    }

    @Test func processesOfTheSameProgramAndUserAreFound() throws {
        let program = "/usr/bin/dashscope-gateway"
        let found = try withProcesses([
            (50, "dashscope-gatew", 7, [program, "healthcheck"], nil),
            (1, "dashscope-gatew", 7, [program, "serve", "--set", "a=b c", ""], ["PORT=9000", "EMPTY=", "X=1=2"]),
            (9, "dashscope-gatew", 7, [program], nil),
            (10, "dashscope-gatew", 8, [program], nil),
            (11, "sh", 7, ["sh", program], nil),
            (12, "dashscope-gatew", 7, [], nil),
        ]) { RunningGateway.all(in: $0, besides: 50) }
        #expect(
            found == [
                RunningGateway(
                    processID: 1,
                    arguments: ["serve", "--set", "a=b c", ""],
                    environment: ["PORT": "9000", "EMPTY": "", "X": "1=2"]
                ),
                RunningGateway(processID: 9, arguments: []),
            ]
        )
    }

    @Test func rootSeesThoseOfAllUsers() throws {
        let found = try withProcesses([
            (50, "g", 0, ["g"], nil), (2, "g", 7, ["g", "serve"], nil),
        ]) { RunningGateway.all(in: $0, besides: 50) }
        #expect(found == [RunningGateway(processID: 2, arguments: ["serve"])])
    }

    @Test func whereThereIsNoProcFolderThereIsNone() {
        #expect(RunningGateway.all(in: "/none-\(UUID().uuidString)").isEmpty)
    }
}
