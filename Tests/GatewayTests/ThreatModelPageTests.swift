import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `docs/threat-model.md` names for each abuse and attack the test that shows what holds.
struct ThreatModelPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Rows that no test can show.
    private static let withoutTest = ["Supply chain", "The emulator reached from outside"]

    private static func rows() throws -> [Substring] {
        let page = try String(contentsOf: root.appending(path: "docs/threat-model.md"), encoding: .utf8)
        let parts = page.components(separatedBy: "\n## ").filter {
            $0.hasPrefix("Abuses") || $0.hasPrefix("Attacks")
        }
        return parts.flatMap { part in
            part.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        }
    }

    private static func codeSpans(of row: Substring) -> [Substring] {
        row.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map(\.element)
    }

    /// The names of all suites and tests, and the stages of `test.sh` that attack.
    private static func names() throws -> Set<Substring> {
        var names: Set<Substring> = ["attacks", "costs", "hostile", "scripts/surplus.sh", "scripts/fuzz.sh"]
        let tests = root.appending(path: "Tests").path
        for path in try FileManager.default.subpathsOfDirectory(atPath: tests) where path.hasSuffix("Tests.swift") {
            let text = try String(contentsOfFile: tests + "/" + path, encoding: .utf8)
            for line in text.split(separator: "\n") {
                for word in ["func ", "struct "] {
                    guard let start = line.firstRange(of: word)?.upperBound else { continue }
                    names.insert(line[start...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
                }
            }
        }
        return names
    }

    @Test func everyRowNamesATestThatExists() throws {
        let names = try Self.names()
        let rows = try Self.rows()
        #expect(rows.count > 30)
        for row in rows where !Self.withoutTest.contains(where: { row.hasPrefix("| \($0)") }) {
            #expect(Self.codeSpans(of: row).contains(where: names.contains), "\(row.prefix(60))")
        }
    }

    @Test func everyTestThatIsNamedExists() throws {
        let names = try Self.names()
        for row in try Self.rows() {
            for span in Self.codeSpans(of: row) where Self.isTest(span) {
                #expect(names.contains(span), "\(span)")
            }
        }
    }

    /// Names of suites end in `Tests`; those of tests are sentences without blanks, which nothing else here is.
    private static func isTest(_ span: Substring) -> Bool {
        guard span.allSatisfy({ $0.isLetter || $0.isNumber }) else { return false }
        return span.hasSuffix("Tests") || span.first?.isLowercase == true && span.filter(\.isUppercase).count >= 3
    }
}
