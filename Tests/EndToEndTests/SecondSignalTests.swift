import HTTPServing
import Logging
import NIOCore
import Testing
import Upstream

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Signals go to a process, so the test has one of its own.
@Suite(.timeLimit(.minutes(15)))
struct SecondSignalTests {
    @Test func aSecondSignalEndsTheDrainWithAnEventForEveryStream() async {
        await #expect(processExitsWith: .exitCode(143)) {
            let signals = await TerminationSignals()
            let upstream = ScriptedUpstream { _, writer in
                try await writer.startEvents()
                try await writer.event("one")
                await Signal().wait()
            }
            try await GatewayUnderTest.run(upstream: upstream) {
                $0.drain.timeout = .minutes(10)
            } _: { gateway in
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendChat(
                        #"{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
                    )
                    _ = try await client.head()
                    _ = try await client.read(until: "one")
                    let process = GatewayProcess(
                        service: gateway.service,
                        group: gateway.group,
                        notifier: ServiceNotifier(environment: [:]),
                        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                    )
                    async let status = process.run(signals)
                    kill(getpid(), SIGINT)
                    try await eventually { gateway.service.phase.current == .draining }
                    kill(getpid(), SIGTERM)
                    let rest = try await client.read(until: "shutting_down")
                    guard !rest.contains("[DONE]") else { exit(1) }
                    exit(await status)
                }
            }
        }
    }
}
