import Foundation
import NIOCore
import NIOPosix
import Testing
import Upstream

@testable import WebSocketTransport

/// The client among those that Autobahn's test suite judges; `scripts/autobahn.sh` starts the suite and reads its report.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["AUTOBAHN_PORT"] != nil), .timeLimit(.minutes(30)))
struct AutobahnTests {
    /// Sends back whatever comes.
    private final class Echo: WebSocketDelegate, @unchecked Sendable {
        // Set on the loop before anything is told.
        var connection: WebSocketConnection?
        let ended: EventLoopPromise<WebSocketMessage?>
        private let sendsBack: Bool
        private var last: WebSocketMessage?

        init(sendsBack: Bool, on loop: any EventLoop) {
            self.sendsBack = sendsBack
            ended = loop.makePromise()
        }

        func webSocketOpened() {}
        func webSocketReadComplete() {}

        func webSocketReceived(_ message: WebSocketMessage) {
            if sendsBack { connection?.send(message) } else { last = message }
        }

        func webSocketEnded(_ end: WebSocketEnd) {
            connection = nil
            ended.succeed(last)
        }

        func webSocketFailed(_ failure: WebSocketFailure) {
            connection = nil
            switch failure {
            case .unreachable(let error): ended.fail(error)
            case .refused(let head, _): ended.fail(UpstreamError(.invalidResponse, detail: "status \(head.status)"))
            }
        }
    }

    /// Opens a path; the last message where messages are not sent back.
    private func open(_ path: String, sendsBack: Bool = true) async throws -> WebSocketMessage? {
        let port = try #require(ProcessInfo.processInfo.environment["AUTOBAHN_PORT"].flatMap { Int($0) })
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await loop.flatSubmit {
            let echo = Echo(sendsBack: sendsBack, on: loop)
            var request = WebSocketRequest(target: path, headers: [])
            // The suite's largest messages have 16 MiB.
            request.maximumFrameBytes = 32 << 20
            request.maximumMessageBytes = 32 << 20
            echo.connection = WebSocketClient.connect(
                to: UpstreamConfiguration(host: "127.0.0.1", port: port),
                request,
                on: loop,
                delegate: echo
            )
            return echo.ended.futureResult
        }.get()
    }

    @Test func everyCaseIsRun() async throws {
        guard case .text(let text) = try await open("/getCaseCount", sendsBack: false),
            let count = Int(String(buffer: text))
        else {
            Issue.record("the suite does not tell how many cases it has")
            return
        }
        for number in 1...count { _ = try await open("/runCase?case=\(number)&agent=gateway") }
        _ = try await open("/updateReports?agent=gateway", sendsBack: false)
    }
}
