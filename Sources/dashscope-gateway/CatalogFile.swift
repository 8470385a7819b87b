import APITranslation
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The model catalogue with the operator's file laid over it.
enum CatalogFile {
    static func load(_ path: String?) throws -> ModelCatalog {
        guard let path else { return ModelCatalog() }
        do {
            let bytes = try Data(contentsOf: URL(filePath: path))
            return try ModelCatalog(overlay: ByteBuffer(bytes: bytes))
        } catch {
            StandardError.write("configuration: catalog.file: \(path): \(error)")
            throw ExitStatus.configuration
        }
    }
}
