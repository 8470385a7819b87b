import Dispatch
import Foundation
import Gateway
import NIOCore
import Testing

struct HealthProbeTests {
    /// Listens at a free port, answers one connection with `reply` and closes; `nil` says nothing and keeps it open.
    private func serve(_ reply: String?) throws -> (port: Int, descriptor: Int32) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(result)
        if let reply {
            DispatchQueue.global().async {
                let connection = accept(descriptor, nil, nil)
                var request: [UInt8] = []
                while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                    var byte: UInt8 = 0
                    guard recv(connection, &byte, 1, 0) == 1 else { break }
                    request.append(byte)
                }
                let answer = String(decoding: request, as: UTF8.self).hasPrefix("GET /ready HTTP/1.1\r\n") ? reply : ""
                _ = send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
        }
        return (Int(UInt16(bigEndian: address.sin_port)), descriptor)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true, "healthy: /ready at 127.0.0.1:PORT answered 200"),
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", false, "unhealthy: /ready at 127.0.0.1:PORT answered 503"),
        ("\u{15}\u{3}\u{1}", false, "unhealthy: /ready at 127.0.0.1:PORT: the answer is not HTTP"),
        ("", false, "unhealthy: /ready at 127.0.0.1:PORT: closed without an answer"),
    ])
    func theStatusDecides(reply: String, isHealthy: Bool, line: String) async throws {
        let server = try serve(reply)
        defer { close(server.descriptor) }
        let verdict = await HealthProbe(target: .address(host: "0.0.0.0", port: server.port), path: "/ready").run()
        #expect(
            verdict
                == HealthVerdict(
                    isHealthy: isHealthy,
                    line: line.replacingOccurrences(of: "PORT", with: "\(server.port)")
                )
        )
    }

    @Test func aGatewayThatSaysNothingIsUnhealthy() async throws {
        let server = try serve(nil)
        defer { close(server.descriptor) }
        let target = HealthProbe.Target.address(host: "127.0.0.1", port: server.port)
        let verdict = await HealthProbe(target: target, timeout: .milliseconds(50)).run()
        #expect(
            verdict
                == HealthVerdict(
                    isHealthy: false,
                    line: "unhealthy: /health at 127.0.0.1:\(server.port): no answer in time"
                )
        )
    }

    @Test func nobodyListeningIsUnhealthy() async throws {
        let server = try serve(nil)
        close(server.descriptor)
        let verdict = await HealthProbe(target: .address(host: "127.0.0.1", port: server.port)).run()
        #expect(!verdict.isHealthy)
        #expect(
            verdict.line == "unhealthy: cannot connect to 127.0.0.1:\(server.port): Connection refused"
        )
        let missing = await HealthProbe(target: .unixSocket(path: "/tmp/none-\(UUID().uuidString)")).run()
        #expect(!missing.isHealthy && missing.line.hasSuffix(": No such file or directory"))
    }
}
