import Foundation
import NIOCore
import Testing

@testable import Gateway

/// What the page `/docs` says of the API has a translation, made of `docs/translations/zh-CN.txt`.
struct ReferenceTranslationTests {
    static let file = "zh-CN.json"

    static func translations() throws -> [String: String] {
        let file = try #require(WebFiles.all[Self.file])
        return try JSONDecoder().decode([String: String].self, from: Data("\(file.text)".utf8))
    }

    @Test func everyTextOfTheReferenceHasAChineseOneAndNoOtherHas() throws {
        let shown = try ShownTexts().all
        let known = Set(try Self.translations().keys)
        #expect(shown.count > 150)
        let missing = shown.subtracting(known).sorted()
        #expect(missing.isEmpty, "docs/translations/zh-CN.txt has no Chinese below # reference: \(missing)")
        let unused = known.subtracting(shown).sorted()
        #expect(unused.isEmpty, "docs/translations/zh-CN.txt has below # reference what /docs does not say: \(unused)")
    }

    @Test func theProgramHasTheTranslationsAsTheyAre() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/translations/zh-CN.txt"), encoding: .utf8)
        let parts = text.components(separatedBy: "# pages\n")
        var written: [String: String] = [:]
        for entry in try #require(parts.first).components(separatedBy: "\n\n") {
            let lines = entry.split(separator: "\n")
            if lines.count == 2 { written[String(lines[0])] = lines[1].trimmingCharacters(in: .whitespaces) }
        }
        let isEqual = try Self.translations() == written
        #expect(parts.count == 2 && isEqual, "run scripts/embed-web.py")
    }

    /// Names are the same in both languages, and the page joins sentences without a space between them.
    @Test func translationsKeepTheNamesAndEndAsTheTextDoes() throws {
        func names(_ text: String) -> Set<Substring> {
            Set(
                text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
                    .map(\.element)
            )
        }
        for (english, chinese) in try Self.translations() {
            #expect(names(english) == names(chinese), "\(english)")
            #expect(english.hasSuffix(".") == chinese.hasSuffix("。"), "\(english)")
            #expect(!chinese.contains("`，`") && chinese.contains { !$0.isASCII }, "\(english)")
        }
    }
}

/// The texts that `reference.js` shows of `/openapi.json`; those of several lines are several texts.
private struct ShownTexts {
    private typealias Members = [String: Any]
    private let description: [String: Any]
    private(set) var all: Set<String> = []

    init() throws {
        let data = Data(OpenAPIDescription.json.readableBytesView)
        description = try #require(try JSONSerialization.jsonObject(with: data) as? Members)
        for case let operations as Members in try #require(description["paths"] as? Members).values {
            for case let operation as Members in operations.values { add(operation: operation) }
        }
    }

    private mutating func add(operation: [String: Any]) {
        add(operation["summary"])
        add(operation["description"])
        for response in (operation["responses"] as? Members ?? [:]).values { add(resolved(response)["description"]) }
        let content = resolved(operation["requestBody"])["content"] as? Members
        let body = content?["application/json"] as? Members
        for field in (resolved(body?["schema"])["properties"] as? Members ?? [:]).values {
            add((field as? Members)?["description"] ?? resolved(field)["description"])
        }
    }

    private mutating func add(_ text: Any?) {
        for line in (text as? String ?? "").split(separator: "\n") { all.insert(String(line)) }
    }

    private func resolved(_ value: Any?) -> [String: Any] {
        var found = value as? Members ?? [:]
        while let path = found["$ref"] as? String {
            found = path.split(separator: "/").dropFirst().reduce(description) { place, name in
                place[String(name)] as? Members ?? [:]
            }
        }
        return found
    }
}
