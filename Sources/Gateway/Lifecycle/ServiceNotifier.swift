#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tells the service manager (systemd) what the process does, by datagrams to the socket of `NOTIFY_SOCKET`.
///
/// Without that variable everything here does nothing. The protocol is that of sd_notify(3), which needs no library.
package struct ServiceNotifier: Sendable {
    private let address: [UInt8]?
    /// The time within which the manager wants a sign of life, in microseconds; `nil` where it wants none.
    package let watchdogMicroseconds: UInt64?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    package init(environment: [String: String], processID: Int32 = getpid()) {
        var address: [UInt8]?
        if let name = environment["NOTIFY_SOCKET"], let first = name.utf8.first {
            // A path, or `@` for a name that is no file.
            if first == UInt8(ascii: "/") { address = Array(name.utf8) }
            if first == UInt8(ascii: "@") { address = [0] + name.utf8.dropFirst() }
        }
        self.address = address
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        watchdogMicroseconds =
            isForUs ? environment["WATCHDOG_USEC"].flatMap(UInt64.init).flatMap { $0 > 0 ? $0 : nil } : nil
    }

    /// Whether a manager listens.
    package var isActive: Bool { address != nil }

    /// Started, or a reload is over.
    ///
    /// `status` is one line for people.
    @discardableResult
    package func ready(status: String) -> Bool { send("READY=1\nSTATUS=\(line(status))") }

    /// The state of the process, in one line for people.
    @discardableResult
    package func status(_ status: String) -> Bool { send("STATUS=\(line(status))") }

    /// The process drains and will end.
    @discardableResult
    package func stopping(status: String) -> Bool { send("STOPPING=1\nSTATUS=\(line(status))") }

    /// The configuration is read again; `ready` must follow.
    @discardableResult
    package func reloading(status: String) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1000
        return send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=\(line(status))")
    }

    /// A sign of life.
    @discardableResult
    package func watchdog() -> Bool { send("WATCHDOG=1") }

    /// A line break would begin another assignment.
    private func line(_ status: String) -> String {
        String(String.UnicodeScalarView(status.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }

    /// Sends one datagram; false where no one is listening.
    private func send(_ message: String) -> Bool {
        guard let address else { return false }
        var socketAddress = sockaddr_un()
        socketAddress.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: socketAddress.sun_path)
        guard address.count <= capacity else { return false }
        withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: address) }
        // An abstract name is as long as the address says: no zero behind it.
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2) + socklen_t(address.count)
        #if canImport(Darwin)
        let descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
        let flags: Int32 = 0
        #else
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A manager that does not read must not block the process.
        var timeout = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(message.utf8)
        let sent = withUnsafePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, flags, $0, length)
            }
        }
        return sent == bytes.count
    }
}
