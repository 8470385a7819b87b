import Foundation
import Gateway
import Testing

struct ServiceNotifierTests {
    /// A socket of the service manager, at a path or at a name that is no file.
    private func listen(_ name: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + name.utf8.dropFirst() : Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(2 + bytes.count))
            }
        }
        try #require(result == 0)
        return descriptor
    }

    private func receive(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test(arguments: ["/tmp/notify-", "@notify-"])
    func theManagerHearsEachStateInOneDatagram(prefix: String) throws {
        let name = prefix + UUID().uuidString
        let descriptor = try listen(name)
        defer {
            close(descriptor)
            unlink(name)
        }
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name])
        #expect(notifier.isActive)
        #expect(notifier.ready(status: "serving\nMAINPID=1"))
        #expect(receive(descriptor) == "READY=1\nSTATUS=serving MAINPID=1")
        #expect(notifier.reloading(status: "reloading"))
        let reloading = receive(descriptor).split(separator: "\n")
        #expect(reloading.first == "RELOADING=1" && reloading.last == "STATUS=reloading")
        #expect(reloading.dropFirst().first?.wholeMatch(of: /MONOTONIC_USEC=[1-9][0-9]*/) != nil)
        notifier.watchdog()
        #expect(receive(descriptor) == "WATCHDOG=1")
        notifier.status("draining, 3 open")
        #expect(receive(descriptor) == "STATUS=draining, 3 open")
        notifier.stopping(status: "draining")
        #expect(receive(descriptor) == "STOPPING=1\nSTATUS=draining")
    }

    @Test(arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"]])
    func withoutAManagerNothingIsSent(environment: [String: String]) {
        let notifier = ServiceNotifier(environment: environment)
        #expect(!notifier.isActive)
        #expect(!notifier.ready(status: "serving"))
    }

    @Test func aManagerThatIsGoneIsNoFault() {
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": "/tmp/nobody-\(UUID().uuidString)"])
        #expect(!notifier.ready(status: "serving"))
        let long = ServiceNotifier(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)])
        #expect(!long.ready(status: "serving"))
    }

    @Test func theWatchdogsPeriodIsOursOnlyWithOurProcessID() {
        func period(_ environment: [String: String]) -> UInt64? {
            ServiceNotifier(environment: environment, processID: 42).watchdogMicroseconds
        }
        #expect(period(["WATCHDOG_USEC": "30000000"]) == 30_000_000)
        #expect(period(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]) == 30_000_000)
        #expect(period(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"]) == nil)
        #expect(period(["WATCHDOG_USEC": "0"]) == nil)
        #expect(period([:]) == nil)
    }
}
