import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The documents name exactly what is served.
struct EndpointListTests {
    private static func page(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static let rows = RouteTable.listed.flatMap { route in
        route.endpoints.map { (name: "`\($0.method.rawValue) \(route.pattern)`", summary: $0.summary) }
    }

    @Test func theTableHasEveryEndpointAndNoOther() throws {
        let lines = try Self.page("docs/endpoints.md").split(separator: "\n").filter {
            $0.hasPrefix("| `") && $0.contains(" /")
        }
        #expect(lines.map(String.init) == Self.rows.map { "| \($0.name) | \($0.summary) |" })
    }

    @Test func theChineseTableHasEveryEndpoint() throws {
        let page = try Self.page("docs/endpoints.zh-CN.md")
        let chinese = try ReferenceTranslationTests.translations()
        for row in Self.rows {
            #expect(page.contains("| \(row.name) | \(chinese[row.summary] ?? "") |\n"), "\(row.name)")
        }
    }

    @Test func theDescriptionHasEveryEndpoint() throws {
        struct Description: Decodable {
            struct Operation: Decodable {
                var summary: String
            }
            var paths: [String: [String: Operation]]
        }
        let data = Data(OpenAPIDescription.json.readableBytesView)
        let paths = try JSONDecoder().decode(Description.self, from: data).paths
        #expect(Set(paths.keys) == Set(RouteTable.listed.map(\.pattern)))
        for route in RouteTable.listed {
            let summaries = paths[route.pattern]?.mapValues(\.summary)
            let expected = route.endpoints.map { ($0.method.rawValue.lowercased(), $0.summary) }
            #expect(summaries == Dictionary(uniqueKeysWithValues: expected))
        }
    }

    @Test func everyPatternHasItsOwnPlace() {
        #expect(RouteTable.routes.map(\.index) == Array(0..<RouteTable.routes.count))
        #expect(RouteTable.patterns[RouteTable.unknown.index] == "other")
        #expect(RouteTable.patterns.last == "other")
        #expect(Set(RouteTable.patterns).count == RouteTable.patterns.count)
    }
}
