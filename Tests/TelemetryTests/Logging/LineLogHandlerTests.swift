import Foundation
import Logging
import Telemetry
import Testing

struct LineLogHandlerTests {
    private func lines(_ format: LogFormat, _ body: (Logger, LogThreshold) -> Void) throws -> [String] {
        let path = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try LogWriter(path: path, format: format)
        let threshold = LogThreshold(.info)
        body(Logger(label: "t") { _ in LineLogHandler(writer: writer, threshold: threshold) }, threshold)
        writer.flush()
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func textShowsLevelMessageAndFacts() throws {
        let lines = try lines(.text) { logger, _ in
            logger.info("listening", metadata: ["port": "80", "host": "a b\n"])
        }
        #expect(lines.map { $0.dropFirst(25) } == ["info    listening host=\"a b\\n\" port=80"])
    }

    @Test func jsonCarriesTheSame() throws {
        let lines = try lines(.json) { logger, _ in logger.error("it\u{7F}", metadata: ["reason": "\"x\""]) }
        let object = try JSONDecoder().decode([String: String].self, from: Data(#require(lines.first).utf8))
        #expect(object["level"] == "error" && object["message"] == "it\u{7F}" && object["reason"] == "\"x\"")
        #expect(lines.first?.contains("\\u007f") == true)
    }

    @Test func theThresholdOfARunningLoggerCanBeChanged() throws {
        let lines = try lines(.text) { logger, threshold in
            var own = logger
            own.logLevel = .error
            logger.debug("one")
            threshold.level = .debug
            logger.debug("two")
            own.warning("three")
        }
        #expect(lines.count == 1 && lines.first?.hasSuffix("two") == true)
    }

    @Test func theFormatOfAnythingButATerminalIsJSON() {
        let file = open("/dev/null", O_WRONLY)
        defer { close(file) }
        #expect(LogFormat(setting: "auto", descriptor: file) == .json)
        #expect(LogFormat(setting: "text", descriptor: file) == .text)
        #expect(LogFormat(setting: "xml") == nil)
    }
}
