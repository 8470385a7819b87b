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
        until count: Int
    ) async throws -> [Event] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let recorder = Recorder()
        var request = WebSocketRequest(target: "/socket?a=b", headers: [("Authorization", "Bearer \(key)")])
        request.maximumFrameBytes = 1_024
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
