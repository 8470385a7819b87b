import Foundation
import FuzzTargets
import Testing

/// Every committed input of the fuzzers, read once more.
struct CorpusTests {
    @Test(arguments: FuzzTarget.allCases) func noInputOfTheCorpusBreaksALaw(target: FuzzTarget) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Corpora").appending(path: target.rawValue)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count >= 3)
        for name in names {
            let input = try Data(contentsOf: folder.appending(path: name))
            let broken = input.withUnsafeBytes { target.run($0) }
            #expect(broken == nil, "\(name)")
            // Cut short at every place, too.
            for length in stride(from: 0, to: input.count, by: max(1, input.count / 64)) {
                #expect(input.prefix(length).withUnsafeBytes { target.run($0) } == nil, "\(name), \(length) bytes")
            }
        }
    }
}
