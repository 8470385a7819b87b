import APITranslation
import Foundation
import Testing

struct BuiltInCatalogTests {
    /// `models.json` as it stands beside the sources.
    private static func fileText() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Sources/APITranslation/Catalog/models.json")
        return try String(contentsOf: file, encoding: .utf8)
    }

    @Test func theEmbeddedTextIsTheFile() throws {
        var text = try Self.fileText()
        while text.hasSuffix("\n") { text.removeLast() }
        // Compared as a whole first: a difference in a text of this size would flood the report.
        let isEqual = text == defaultCatalogText.description
        #expect(isEqual, "run scripts/embed-catalog.py")
    }

    @Test func everyModelOfTheFileIsCatalogued() throws {
        let parsed = try JSONSerialization.jsonObject(with: Data(try Self.fileText().utf8)) as? [String: Any]
        let models = try #require(parsed?["models"] as? [[String: Any]])
        #expect(models.count == 707)
        let catalog = ModelCatalog()
        for model in models {
            let id = try #require(model["id"] as? String)
            let resolved = catalog.resolve(id)
            #expect(resolved.isCatalogued && resolved.upstreamName == id && resolved.requestedName == id, "\(id)")
            let entry = try #require(catalog.entry(id))
            #expect(entry.kind != nil, "\(id)")
            if let maximum = model["max_output_tokens"] as? Int {
                #expect(resolved.traits.maxOutputTokens == maximum, "\(id)")
            }
        }
    }

    @Test func everyChatModelIsSettled() throws {
        let catalog = ModelCatalog()
        let parsed = try JSONSerialization.jsonObject(with: Data(try Self.fileText().utf8)) as? [String: Any]
        for model in try #require(parsed?["models"] as? [[String: Any]]) {
            let id = try #require(model["id"] as? String)
            guard let entry = catalog.entry(id), entry.kind == .chat, entry.isListed else { continue }
            #expect(entry.thinking != nil && entry.input != nil && entry.output != nil, "\(id)")
        }
    }
}
