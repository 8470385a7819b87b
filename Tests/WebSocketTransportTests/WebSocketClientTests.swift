import NIOCore
import NIOPosix
import Testing
import Upstream

@testable import WebSocketTransport

/// A client and a server with real sockets between them.
@Suite(.timeLimit(.minutes(5)))
struct WebSocketClientTests {
    private enum Event: Equatable {
        case opened
        case text(String)
        case binary([UInt8])
        case ended(WebSocketEnd)
        case refused(status: Int, id: String?, body: String)
        case failed(UpstreamError.Code)
    }

    private final class Recorder: WebSocketDelegate, Sendable {
        let events: AsyncStream<Event>
        private let continuation: AsyncStream<Event>.Continuation

        init() { (events, continuation) = AsyncStream.makeStream() }

        func webSocketOpened() { continuation.yield(.opened) }
        func webSocketReadComplete() {}

        func webSocketReceived(_ message: WebSocketMessage) {
            switch message {
            case .text(let bytes): continuation.yield(.text(String(buffer: bytes)))
            case .binary(let bytes): continuation.yield(.binary(Array(bytes.readableBytesView)))
            }
        }

        func webSocketEnded(_ end: WebSocketEnd) {
            continuation.yield(.ended(end))
            continuation.finish()
        }

        func webSocketFailed(_ failure: WebSocketFailure) {
            switch failure {
            case .unreachable(let error): continuation.yield(.failed(error.code))
            case .refused(let head, let body):
                continuation.yield(
                    .refused(status: head.status, id: head.first("x-request-id"), body: String(buffer: body))
                )
            }
            continuation.finish()
        }
    }

    /// Sends texts once the connection is open, and then closes it unless the texts make the server do so.
    private func talk(
        port: Int,
        _ texts: [String],
        closes: Bool = true,
        key: String = "sk-test",
        maximumFrameBytes: Int = 1_024,
        until count: Int
    ) async throws -> [Event] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let recorder = Recorder()
        var request = WebSocketRequest(target: "/socket?a=b", headers: [("Authorization", "Bearer \(key)")])
        request.maximumFrameBytes = maximumFrameBytes
        let connection = try await loop.submit { [request] in
            NIOLoopBound(
                WebSocketClient.connect(
                    to: UpstreamConfiguration(host: "127.0.0.1", port: port),
                    request,
                    on: loop,
                    delegate: recorder
                ),
                eventLoop: loop
            )
        }.get()
        var events: [Event] = []
        for await event in recorder.events {
            events.append(event)
            if event == .opened {
                try await loop.submit {
                    for text in texts { connection.value.send(.text(ByteBuffer(string: text))) }
                }.get()
            }
            if closes, events.count == count { try await loop.submit { connection.value.close() }.get() }
        }
        return events
    }

    @Test func messagesGoThereAndBackAndTheEndIsClean() async throws {
        let events = try await WebSocketServer.run { try await talk(port: $0, ["héllo", ""], until: 3) }
        #expect(
            events == [.opened, .text("héllo"), .text(""), .ended(WebSocketEnd(code: .normal, isClean: true))]
        )
    }

    @Test func framesAreJoinedAndPingsAnswered() async throws {
        let events = try await WebSocketServer.run { try await talk(port: $0, ["divided"], until: 3) }
        #expect(events.prefix(3) == [.opened, .binary([1, 2, 3]), .text("pong: between")])
    }

    /// About where the form of a frame's length changes.
    @Test(arguments: [0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537, 1 << 20])
    func messagesOfAllLengths(count: Int) async throws {
        let text = String(repeating: "x", count: count)
        let events = try await WebSocketServer.run {
            try await talk(port: $0, [text, "binary \(count)"], maximumFrameBytes: 1 << 20, until: 3)
        }
        #expect(events.count == 4)
        #expect(events.dropFirst(1).first == .text(text))
        #expect(events.dropFirst(2).first == .binary(Array(repeating: 7, count: count)))
    }

    /// Bytes of a server in hexadecimal, and what becomes of them.
    private static let wire: [(bytes: String, event: Event)] =
        (1...7).map { bits in
            // Reserved bits, on texts and on pings.
            (hex([bits % 2 == 0 ? 0x81 | bits << 4 : 0x89 | bits << 4, 1, 0x61]), failure(.protocolError))
        }
        + [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF].map { opcode in
            (hex([0x80 | opcode, 0]), failure(.protocolError))
        }
        + [
            // Masked, with a mask that changes nothing, too.
            (hex([0x81, 0x81, 1, 2, 3, 4, 0x60]), failure(.protocolError)),
            (hex([0x81, 0x81, 0, 0, 0, 0, 0x61]), failure(.protocolError)),
            // A continuation of nothing, also behind a message; a message inside another.
            (hex([0x80, 1, 0x61]), failure(.protocolError)),
            (hex([0x00, 1, 0x61]), failure(.protocolError)),
            (hex([0x01, 1, 0x61, 0x81, 1, 0x62]), failure(.protocolError)),
            (hex([0x01, 1, 0x61, 0x02, 1, 0x62]), failure(.protocolError)),
            // Control frames that are divided or too long.
            (hex([0x09, 1, 0x61]), failure(.protocolError)),
            (hex([0x0A, 1, 0x61]), failure(.protocolError)),
            (hex([0x08, 0]), failure(.protocolError)),
            (hex([0x89, 126, 0, 126] + Array(repeating: 0x61, count: 126)), failure(.protocolError)),
            (hex([0x8A, 126, 0, 126] + Array(repeating: 0x61, count: 126)), failure(.protocolError)),
            (hex([0x88, 126, 0, 126, 3, 232] + Array(repeating: 0x61, count: 124)), failure(.protocolError)),
            // Longer than may be, and longer than can be.
            (hex([0x82, 126, 4, 1]), failure(.tooLarge)),
            (hex([0x82, 127, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF]), failure(.tooLarge)),
            (hex([0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), failure(.tooLarge)),
            (hex([0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), failure(.tooLarge)),
            // No UTF-8, which is seen before the last frame comes.
            (hex([0x01, 3, 0x61, 0xC3, 0x28]), failure(.invalidText)),
            (hex([0x01, 1, 0xF4, 0x00, 1, 0x90]), failure(.invalidText)),
            // What follows a close is not read.
            (hex([0x88, 2, 3, 232, 0x81, 1, 0x61]), .ended(WebSocketEnd(code: .normal, isClean: true))),
            (hex([0x88, 0, 0x88, 2, 3, 233]), .ended(WebSocketEnd(code: nil, isClean: true))),
            (hex([0x88, 1, 3]), failure(.protocolError)),
            (hex([0x88, 3, 3, 232, 0xFF]), failure(.invalidText)),
        ]

    private static func hex(_ bytes: [Int]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// An end that is ours.
    private static func failure(_ code: WebSocketCloseCode) -> Event {
        .ended(WebSocketEnd(code: code, isClean: false))
    }

    @Test(arguments: wire.indices) func whatAServerMustNotSendEndsIt(index: Int) async throws {
        let (bytes, expected) = Self.wire[index]
        let events = try await WebSocketServer.run {
            try await talk(port: $0, ["raw \(bytes)"], closes: false, until: 0)
        }
        #expect(events.count == 2, "\(events)")
        guard case .ended(var end) = events.last else {
            Issue.record("\(events)")
            return
        }
        if !end.isClean { end.reason = "" }
        #expect(Event.ended(end) == expected, "\(bytes.prefix(40))")
    }

    @Test func theServerMayClose() async throws {
        let events = try await WebSocketServer.run { try await talk(port: $0, ["close"], closes: false, until: 0) }
        #expect(events == [.opened, .ended(WebSocketEnd(code: .goingAway, reason: "bye", isClean: true))])
    }

    @Test(arguments: [("large", WebSocketCloseCode.tooLarge), ("no text", .invalidText)])
    func whatIsOutOfBoundsEndsIt(text: String, code: WebSocketCloseCode) async throws {
        let events = try await WebSocketServer.run { try await talk(port: $0, [text], closes: false, until: 0) }
        guard case .ended(let end) = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(end.code == code)
        #expect(!end.isClean)
    }

    @Test func aConnectionThatIsCutIsTold() async throws {
        let events = try await WebSocketServer.run { try await talk(port: $0, ["cut"], closes: false, until: 0) }
        guard case .ended(let end) = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(!end.isClean)
    }

    @Test func aRefusalKeepsItsStatusAndBody() async throws {
        let events = try await WebSocketServer.run { try await talk(port: $0, [], key: "sk-wrong", until: 0) }
        #expect(events == [.refused(status: 401, id: "r-1", body: "{\"code\":\"InvalidApiKey\"}")])
    }

    @Test func aHostThatIsNotThereIsUnreachable() async throws {
        // A port that was free a moment ago.
        let port = try await WebSocketServer.run { $0 }
        #expect(try await talk(port: port, [], until: 0) == [.failed(.unreachable)])
    }
}
