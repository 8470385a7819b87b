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
        #expect(lines.map { $0.dropFirst(25) } == ["INFO    listening host=\"a b\\n\" port=80"])
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

    @Test func theJournalIsToldTheLevelOfEachLine() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        var status = stat()
        try #require(fstat(descriptor, &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        #expect(JournalStream.isOurs(descriptor: descriptor, environment: ["JOURNAL_STREAM": stream]))
        // The variable of a parent whose streams are others.
        for other in ["\(status.st_dev):\(status.st_ino + 1)", "\(status.st_dev + 1):\(status.st_ino)", "", "1"] {
            #expect(!JournalStream.isOurs(descriptor: descriptor, environment: ["JOURNAL_STREAM": other]))
        }
        #expect(!JournalStream.isOurs(descriptor: descriptor, environment: [:]))
        let writer = LogWriter(descriptor: descriptor, format: .text, marksLevels: true)
        let logger = Logger(label: "t") { _ in LineLogHandler(writer: writer, level: .debug) }
        logger.debug("a")
        logger.info("b")
        logger.notice("c")
        logger.warning("d")
        logger.error("e")
        logger.critical("f")
        writer.write("g\n", level: .error)
        writer.flush()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.map { $0.prefix(3) } == ["<7>", "<6>", "<5>", "<4>", "<3>", "<2>", "<3>"])
        #expect(lines.map { $0.suffix(1) } == ["a", "b", "c", "d", "e", "f", "g"])
        // As `grep ERROR` looks for them.
        #expect(
            lines.dropLast().map { $0.split(separator: " ")[1] }
                == ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"]
        )
    }
}
