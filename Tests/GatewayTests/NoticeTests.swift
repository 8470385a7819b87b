import Gateway
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The notices that travel with the program.
struct NoticeTests {
    private struct Resolved: Decodable {
        struct Pin: Decodable {
            var identity: String
            var location: String
        }

        var pins: [Pin]
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func theProgramHoldsTheFileAsItIs() throws {
        let text = try String(contentsOf: Self.root.appending(path: "NOTICE"), encoding: .utf8)
        let isEqual = "\(noticeText)" == text
        #expect(isEqual, "run scripts/notice.py")
    }

    /// Every package that is resolved is named, and what it asks to be told stands there.
    @Test func everyPackageIsNamedWithItsNotice() throws {
        let data = try Data(contentsOf: Self.root.appending(path: "Package.resolved"))
        let pins = try JSONDecoder().decode(Resolved.self, from: data).pins
        #expect(pins.count > 10)
        let text = "\(noticeText)"
        for pin in pins {
            let address = pin.location.hasSuffix(".git") ? String(pin.location.dropLast(4)) : pin.location
            let isNamed = text.contains("\n\(pin.identity): \(address) (")
            #expect(isNamed, "\(pin.identity): run scripts/notice.py")
            let name = address.split(separator: "/").last.map(String.init) ?? ""
            let notice = Self.root.appending(path: ".build/checkouts/\(name)/NOTICE.txt")
            guard let wanted = try? String(contentsOf: notice, encoding: .utf8) else { continue }
            let lines = wanted.split(separator: "\n").map { String($0.reversed().drop { $0 == " " }.reversed()) }
            let isWhole = lines.allSatisfy { text.contains($0) }
            #expect(isWhole, "\(pin.identity): run scripts/notice.py")
        }
    }
}
