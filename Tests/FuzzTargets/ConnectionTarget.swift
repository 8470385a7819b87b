import HTTPServing
import NIOCore
import NIOEmbedded

/// A whole connection of the server, from its first byte to its end.
enum ConnectionTarget {
    private static let http2Start: [UInt8] =
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

    static func http1(_ bytes: ByteBuffer) -> String? {
        compare(bytes, HTTPListener(.tcp(host: "", port: 0)))
    }

    static func proxyHeader(_ bytes: ByteBuffer) -> String? {
        compare(bytes, HTTPListener(.tcp(host: "", port: 0), proxyProtocol: .always))
    }

    static func http2(_ bytes: ByteBuffer) -> String? {
        let listener = HTTPListener(.tcp(host: "", port: 0), allowsCleartextHTTP2: true)
        var whole = ByteBuffer(bytes: http2Start)
        whole.writeImmutableBuffer(bytes)
        return serve([whole], listener).fault ?? serve(whole.pieces(of: 64), listener).fault
    }

    private static func compare(_ bytes: ByteBuffer, _ listener: HTTPListener) -> String? {
        let first = serve([bytes], listener)
        let second = serve(bytes.pieces(of: 7), listener)
        if let fault = first.fault ?? second.fault { return fault }
        return first.answers == second.answers ? nil : "the division of the bytes changes the answers"
    }

    private static func serve(_ pieces: [ByteBuffer], _ listener: HTTPListener) -> (answers: ByteBuffer, fault: String?)
    {
        var configuration = HTTPServerConfiguration(listeners: [listener])
        configuration.maximumBodyBytes = 4096
        configuration.maximumHeaderBytes = 4096
        configuration.maximumHeaderCount = 32
        configuration.maximumConcurrentStreams = 4
        let channel = EmbeddedChannel()
        var answers = ByteBuffer()
        func collect() throws {
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) { answers.writeImmutableBuffer(bytes) }
        }
        let connection: EmbeddedConnection
        do {
            connection = try EmbeddedConnection(
                channel,
                listener: listener,
                configuration: configuration,
                application: EchoApplication()
            )
            try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        } catch {
            return (answers, "the connection does not start: \(error)")
        }
        for piece in pieces where channel.isActive {
            _ = try? channel.writeInbound(piece)
            channel.embeddedEventLoop.run()
            // Many requests behind each other give other connections their turn.
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
            try? collect()
        }
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        channel.close(promise: nil)
        channel.embeddedEventLoop.run()
        try? collect()
        _ = try? channel.finish(acceptAlreadyClosed: true)
        let statistics = connection.statistics
        if statistics.heldBytes != 0 { return (answers, "\(statistics.heldBytes) bytes are held") }
        if statistics.openConnections != 0 { return (answers, "the connection is not let go") }
        return (answers, nil)
    }
}

/// Answers at once, as a stream, with a refusal on the head, or never, as the path says.
private struct EchoApplication: HTTPApplication {
    func receive(_ exchange: HTTPExchange) {
        if exchange.head.uri == "/early" {
            return exchange.respond(status: 401, headers: ByteBuffer(), body: ByteBuffer(string: "no"))
        }
        exchange.delegate = EchoAnswer()
    }

    func reject(_ exchange: HTTPExchange, reason: HTTPRejection) {
        exchange.respond(status: reason.status, headers: ByteBuffer(), body: ByteBuffer(string: "refused"))
    }
}

private final class EchoAnswer: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        switch exchange.head.uri {
        case "/never": break
        case "/stream":
            exchange.startStream(status: 200, headers: ByteBuffer())
            var chunk = exchange.makeChunk(capacity: body.readableBytes)
            chunk.bytes.writeImmutableBuffer(body)
            exchange.write(chunk)
            exchange.finish()
        case "/cut":
            exchange.startStream(status: 200, headers: ByteBuffer())
            exchange.abort()
        default:
            exchange.respond(status: 200, headers: ByteBuffer(), body: body)
        }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        exchange.respond(status: reason.status, headers: ByteBuffer(), body: ByteBuffer(string: "refused"))
    }

    func clientLeft(_ exchange: HTTPExchange) {}
    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}
