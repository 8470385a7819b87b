#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Another process of this program on this machine, as the kernel tells of it.
///
/// A health check finds by it what the gateway beside it was started with, and so where it listens.
package struct RunningGateway: Equatable, Sendable {
    package var processID: Int
    /// The command line without the program's name.
    package var arguments: [String]
    /// The environment it was started with; nil where this process may not read it.
    package var environment: [String: String]?

    package init(processID: Int, arguments: [String], environment: [String: String]? = nil) {
        self.processID = processID
        self.arguments = arguments
        self.environment = environment
    }

    /// The processes of the same program and user, by their number; none where there is no `/proc`.
    package static func all(in folder: String = "/proc", besides own: Int = Int(getpid())) -> [RunningGateway] {
        func read(_ process: Int, _ file: String) -> Data? {
            try? Data(contentsOf: URL(filePath: "\(folder)/\(process)/\(file)"))
        }
        func words(_ data: Data) -> [String] {
            data.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        // The effective user, among the lines of the file.
        func user(_ process: Int) -> Substring? {
            read(process, "status").flatMap { status in
                String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Uid:") }?
                    .split(whereSeparator: \.isWhitespace).dropFirst(2).first
            }
        }
        guard let name = read(own, "comm"), let ownUser = user(own),
            let entries = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else { return [] }
        return entries.compactMap { Int($0) }.sorted().compactMap { process in
            guard process != own, read(process, "comm") == name, let owner = user(process),
                owner == ownUser || ownUser == "0", let line = read(process, "cmdline"), !line.isEmpty
            else { return nil }
            var environment: [String: String]?
            // Readable to root alone: the program forbids it to others, because keys may stand there.
            if let variables = read(process, "environ"), !variables.isEmpty {
                environment = [:]
                for variable in words(variables) {
                    guard let equals = variable.firstIndex(of: "=") else { continue }
                    environment?[String(variable[..<equals])] = String(variable[variable.index(after: equals)...])
                }
            }
            return RunningGateway(
                processID: process,
                arguments: Array(words(line).dropFirst()),
                environment: environment
            )
        }
    }
}
