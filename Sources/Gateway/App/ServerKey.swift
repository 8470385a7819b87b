#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's own DashScope key: a setting, a file, or a credential handed over by systemd.
struct ServerKey {
    let text: String
    let isCredential: Bool

    private static let credentialName = "dashscope-api-key"

    /// Reads the key; nil where callers must bring their own.
    ///
    /// - Throws: ``ConfigurationProblems``; the key itself is in no message.
    static func read(_ configuration: GatewayConfiguration, credentials: String?) throws -> ServerKey? {
        guard configuration.callers.mayOmitKey else { return nil }
        if let file = configuration.upstream.keyFile {
            return ServerKey(text: try read(file: file), isCredential: false)
        }
        if let key = configuration.upstream.key { return ServerKey(text: key, isCredential: false) }
        if let credentials {
            let file = "\(credentials)/\(credentialName)"
            if FileManager.default.fileExists(atPath: file) {
                return ServerKey(text: try read(file: file), isCredential: true)
            }
        }
        throw ConfigurationProblems(problems: [
            ConfigurationProblem(
                key: "callers.mayOmitKey",
                reason: "needs the server's own key: upstream.key, upstream.keyFile or the credential \(credentialName)"
            )
        ])
    }

    private static func read(file: String) throws -> String {
        func problem(_ reason: String) -> ConfigurationProblems {
            ConfigurationProblems(problems: [
                ConfigurationProblem(key: "upstream.keyFile", reason: "\(file) \(reason)")
            ])
        }
        guard let text = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else {
            throw problem("cannot be read")
        }
        let key = text.split(whereSeparator: \.isNewline).first.map { line in
            String(line.drop { $0.isWhitespace }.prefix { !$0.isWhitespace })
        }
        guard let key, !key.isEmpty, key.utf8.count <= 1024, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw problem("does not hold a key on its first line")
        }
        return key
    }
}
