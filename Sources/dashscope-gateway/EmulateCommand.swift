import ArgumentParser
import DashScopeEmulator
import Gateway
import HTTPServing
import NIOCore
import NIOPosix
import NIOSSL

/// Serves the emulator of DashScope alone.
struct EmulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulate",
        abstract: "Serve the emulator of DashScope alone."
    )

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 takes a free one.")
    var port = 8001

    @Option(help: "PEM file with the certificate chain, to serve TLS.")
    var tlsCertificate: String?

    @Option(help: "PEM file with the private key, to serve TLS.")
    var tlsKey: String?

    func run() async throws {
        let signals = await TerminationSignals()
        var tls: NIOSSLContext?
        if let tlsCertificate, let tlsKey {
            let chain = try NIOSSLCertificate.fromPEMFile(tlsCertificate).map(NIOSSLCertificateSource.certificate)
            tls = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: chain,
                    privateKey: .privateKey(NIOSSLPrivateKey(file: tlsKey, format: .pem))
                )
            )
        }
        let server = try await HTTPServer.start(
            HTTPServerConfiguration(host: host, port: port, tls: tls),
            group: MultiThreadedEventLoopGroup.singleton,
            responder: DashScopeEmulator()
        )
        print("DashScope emulator at \(tls == nil ? "http" : "https")://\(host):\(server.port)")
        for await event in signals.events where event != .reload { break }
        await server.shutdown(drain: .seconds(1))
    }
}
