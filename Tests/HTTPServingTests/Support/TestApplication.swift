import NIOCore
import NIOHTTP1
import Synchronization

@testable import HTTPServing

/// Answers with what it was asked, and remembers it.
final class TestApplication: HTTPApplication {
    struct Record: Sendable, Equatable {
        var requests: [String] = []
        var rejections: [HTTPRejection] = []
        var left = 0
        var addresses: [String] = []
        var roles: [ListenerRole] = []
        var versions: [String] = []
        var headers: [[String: String]] = []
        var writability: [Bool] = []
        /// Bytes of bodies that came in pieces.
        var streamed = 0
        /// The last body of more than a megabyte.
        var longBody: ByteBuffer?
    }

    private let state = Mutex(Record())

    var record: Record { state.withLock { $0 } }

    func note(_ change: (inout Record) -> Void) { state.withLock { change(&$0) } }

    /// Waits until the record satisfies the condition; the test's time limit bounds it.
    func wait(until condition: @Sendable (Record) -> Bool, on loop: any EventLoop) async throws {
        while !condition(record) { try await loop.scheduleTask(in: .milliseconds(2)) {}.futureResult.get() }
    }

    func receive(_ exchange: HTTPExchange) {
        note { record in
            record.addresses.append(exchange.remoteAddress.text)
            record.roles.append(exchange.role)
            record.versions.append("\(exchange.httpVersion)")
            record.headers.append(
                Dictionary(exchange.head.headers.list.map { ($0.name.lowercased(), $0.value) }) { "\($0),\($1)" }
            )
        }
        if exchange.head.uri == "/early" {
            note { $0.requests.append("early") }
            return exchange.respond(status: 401, headers: ByteBuffer(), body: ByteBuffer(string: "no"))
        }
        let answer = TestAnswer(application: self)
        exchange.delegate = answer
        if exchange.head.uri.hasPrefix("/pieces") { exchange.streamBody(limit: TestAnswer.pieceLimit) }
        if exchange.head.uri == "/pieces/held" { exchange.pauseBody(true) }
    }

    func reject(_ exchange: HTTPExchange, reason: HTTPRejection) {
        note { $0.rejections.append(reason) }
        var headers = ByteBuffer()
        if reason.status == 503 { headers.writeHeader("Retry-After", "1") }
        exchange.respond(status: reason.status, headers: headers, body: ByteBuffer(string: "refused"))
    }
}

/// Answers one request of the test application.
final class TestAnswer: HTTPExchangeDelegate {
    static let bigSize = 12 << 20

    static let pieceLimit = 40 << 20

    private let application: TestApplication
    private var remaining = 0
    /// Bytes of a streamed body so far.
    private var streamed = 0

    init(application: TestApplication) {
        self.application = application
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        application.reject(exchange, reason: reason)
    }

    /// Wants the next piece in the next turn of the loop.
    func bodyPiece(_ bytes: ByteBuffer, of exchange: HTTPExchange) {
        streamed += bytes.readableBytes
        application.note { $0.streamed += bytes.readableBytes }
        exchange.pauseBody(true)
        let bound = NIOLoopBound(exchange, eventLoop: exchange.eventLoop)
        exchange.eventLoop.execute { bound.value.pauseBody(false) }
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        let text = body.readableBytes <= 100 ? String(buffer: body) : "\(body.readableBytes) bytes"
        application.note {
            $0.requests.append("\(exchange.head.method.rawValue) \(exchange.head.uri) \(text)")
            if body.readableBytes > 1 << 20 { $0.longBody = body }
        }
        var headers = ByteBuffer()
        headers.writeHeader("Content-Type", "text/plain")
        headers.writeHeader("X-Request-Id", "42")
        switch exchange.head.uri {
        case "/hold": break
        case "/pieces":
            let text = ByteBuffer(string: "[\(streamed) bytes in pieces]")
            exchange.startStream(status: 200, headers: headers, length: text.readableBytes)
            exchange.write(text)
            exchange.finish()
        case "/raw":
            exchange.startStream(status: 200, headers: headers)
            exchange.write(ByteBuffer(string: "raw "))
            send("framed", exchange)
            exchange.finish()
        case "/stream":
            exchange.startStream(status: 200, headers: headers)
            for index in 0..<3 { send("part \(index);", exchange) }
            exchange.finish()
        case "/begin":
            exchange.startStream(status: 200, headers: headers)
            send("begun", exchange)
            exchange.flush()
        case "/cut":
            exchange.startStream(status: 200, headers: headers)
            send("begun", exchange)
            exchange.flush()
            exchange.abort()
        case "/big":
            exchange.respond(status: 200, headers: headers, body: ByteBuffer(repeating: 0x78, count: Self.bigSize))
        case "/flood":
            exchange.startStream(status: 200, headers: headers)
            remaining = Self.bigSize
            pump(exchange)
        default:
            exchange.respond(
                status: 200,
                headers: headers,
                body: ByteBuffer(string: "[\(exchange.head.method.rawValue) \(exchange.head.uri) \(text)]")
            )
        }
    }

    private func send(_ text: String, _ exchange: HTTPExchange) {
        var chunk = exchange.makeChunk(capacity: text.utf8.count)
        chunk.bytes.writeString(text)
        exchange.write(chunk)
    }

    /// Writes while the client takes it.
    private func pump(_ exchange: HTTPExchange) {
        while remaining > 0, exchange.isWritable {
            var chunk = exchange.makeChunk(capacity: 16_384)
            chunk.bytes.writeRepeatingByte(0x79, count: min(16_384, remaining))
            remaining -= 16_384
            exchange.write(chunk)
            exchange.flush()
        }
        if remaining <= 0 { exchange.finish() }
    }

    func clientLeft(_ exchange: HTTPExchange) {
        application.note { $0.left += 1 }
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {
        application.note { $0.writability.append(isWritable) }
        if isWritable, remaining > 0 { pump(exchange) }
    }
}
