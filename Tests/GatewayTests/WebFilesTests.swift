import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files of the pages and what the program holds of them.
struct WebFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Gateway/Web/files")

    @Test func theProgramHoldsTheFilesAsTheyAre() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        // What is made of the translations has tests of its own.
        let files = WebFiles.all.filter { $0.key != ReferenceTranslationTests.file }
        #expect(Set(names) == Set(files.keys))
        for (name, file) in files {
            let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            let isEqual = "\(file.text)" == text
            #expect(isEqual, "\(name): run scripts/embed-web.py")
        }
    }

    /// The policy of the pages forbids what stands in them, and requests to other hosts.
    @Test func noPageHasScriptsOrStylesInItself() {
        for (name, file) in WebFiles.all where name.hasSuffix(".html") {
            let text = "\(file.text)"
            #expect(!text.contains("<style") && !text.contains("style=\"") && !text.contains("onclick"), "\(name)")
            #expect(text.matches(of: /<script[^>]*>[^<]/).isEmpty, "\(name)")
        }
    }
}
