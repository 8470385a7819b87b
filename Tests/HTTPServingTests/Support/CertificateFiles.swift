import Foundation

/// Certificates made with the openssl command for one test.
struct CertificateFiles {
    let certificate: String
    let key: String

    static let ellipticKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    static let rsaKey = ["-newkey", "rsa:2048"]

    /// A self-signed certificate for localhost with the common name.
    init(_ name: String, in folder: String, key kind: [String] = ellipticKey) throws {
        certificate = "\(folder)/\(name).pem"
        key = "\(folder)/\(name).key"
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments =
            ["openssl", "req", "-x509"] + kind + [
                "-nodes", "-keyout", key, "-out", certificate, "-days", "10", "-subj", "/CN=\(name)", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
            ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    /// Runs `body` with a folder of its own.
    static func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            try await body(folder)
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Puts another pair in the place of this one.
    func replace(with other: CertificateFiles) throws {
        for (old, new) in [(certificate, other.certificate), (key, other.key)] {
            try Data(contentsOf: URL(fileURLWithPath: new)).write(to: URL(fileURLWithPath: old))
        }
    }
}
