import ArgumentParser
import DashScopeEmulator
import Gateway
import HTTPServing
import NIOCore
import NIOPosix
import NIOSSL
import Telemetry

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
        let tls = try makeTLS()
        let server: HTTPServer
        do {
            server = try await HTTPServer.start(
                HTTPServerConfiguration(
                    host: host,
                    port: port,
                    maximumBodyBytes: DashScopeEmulator.maximumBodyBytes,
                    tls: tls
                ),
                group: MultiThreadedEventLoopGroup.singleton,
                responder: DashScopeEmulator(configuration: .init(scheme: tls == nil ? "http" : "https"))
            )
        } catch let error as ServerListenError {
            StandardError.write("\(error)")
            throw ExitStatus.unavailable
        }
        // Who waits for the line reads a pipe: it must not stay in a buffer.
        let console = LogWriter()
        let name = host.contains(":") ? "[\(host)]" : host
        console.write("DashScope emulator at \(tls == nil ? "http" : "https")://\(name):\(server.port)\n")
        console.flush()
        for await event in signals.events where event != .reload { break }
        await server.shutdown(drain: .seconds(1))
    }

    private func makeTLS() throws -> NIOSSLContext? {
        guard tlsCertificate != nil || tlsKey != nil else { return nil }
        guard let tlsCertificate, let tlsKey else {
            StandardError.write("TLS needs both --tls-certificate and --tls-key")
            throw ExitStatus.configuration
        }
        do {
            return try TLSCredentials(certificateFile: tlsCertificate, keyFile: tlsKey).makeContext()
        } catch {
            StandardError.write("\(error)")
            throw ExitStatus.configuration
        }
    }
}
