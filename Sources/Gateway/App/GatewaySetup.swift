package import APITranslation
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sources of a process's settings; a reload reads the same places again.
package struct GatewaySetup: Sendable {
    package var sources: ConfigurationSources

    package init(_ sources: ConfigurationSources) {
        self.sources = sources
    }

    /// Reads configuration, catalogue and key.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong.
    package func load() async throws -> LiveSettings {
        let loaded = try await ConfigurationLoader.loadWithOrigins(sources)
        return try LiveSettings(
            configuration: loaded.configuration,
            catalog: try Self.catalog(loaded.configuration.catalogFile),
            credentials: sources.environment["CREDENTIALS_DIRECTORY"],
            ignoredSettings: loaded.ignored.map(\.key)
        )
    }

    /// The model catalogue with the operator's file laid over it.
    package static func catalog(_ path: String?) throws -> ModelCatalog {
        guard let path else { return ModelCatalog() }
        do {
            let bytes = try Data(contentsOf: URL(filePath: path))
            return try ModelCatalog(overlay: ByteBuffer(bytes: bytes))
        } catch {
            throw ConfigurationProblems(problems: [
                ConfigurationProblem(key: "catalog.file", reason: "\(path): \(error)")
            ])
        }
    }
}
