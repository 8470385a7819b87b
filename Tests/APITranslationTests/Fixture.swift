import Foundation

/// The files of `Tests/Fixtures`.
enum Fixture {
    static func text(_ path: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures")
        return try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }
}
