#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A blocking socket of the health probe, with the time that is left as its timeout.
struct ProbeConnection: ~Copyable {
    struct Failure: Error {
        var reason: String

        init(reason: String) { self.reason = reason }

        /// Of the last system call.
        init(systemError: Int32) {
            switch systemError {
            case EAGAIN, EINPROGRESS, ETIMEDOUT: reason = "no answer in time"
            default: reason = String(cString: strerror(systemError))
            }
        }
    }

    private let descriptor: Int32

    init(host: String, port: Int, deadline: ContinuousClock.Instant) throws(Failure) {
        var hints = addrinfo()
        hints.ai_socktype = streamType
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw Failure(reason: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var failure = Failure(reason: "no address")
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            let descriptor = socket(entry.ai_family, streamType, 0)
            guard descriptor >= 0 else {
                failure = Failure(systemError: errno)
                continue
            }
            Self.setTimeout(of: descriptor, deadline: deadline)
            if connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 {
                self.descriptor = descriptor
                return
            }
            failure = Failure(systemError: errno)
            close(descriptor)
        }
        throw failure
    }

    init(path: String, deadline: ContinuousClock.Instant) throws(Failure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(reason: "the path is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, streamType, 0)
        guard descriptor >= 0 else { throw Failure(systemError: errno) }
        Self.setTimeout(of: descriptor, deadline: deadline)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let failure = Failure(systemError: errno)
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(Failure) {
        Self.setTimeout(of: descriptor, deadline: deadline)
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        // A request this small goes in one piece, or the connection is of no use.
        guard systemSend(descriptor, bytes, bytes.count, flags) == bytes.count else {
            throw Failure(systemError: errno)
        }
    }

    /// Some bytes; none at the end.
    func receive(deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
        guard deadline > .now else { throw Failure(systemError: ETIMEDOUT) }
        Self.setTimeout(of: descriptor, deadline: deadline)
        var bytes = [UInt8](repeating: 0, count: 512)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count >= 0 { return Array(bytes.prefix(count)) }
            if errno != EINTR { throw Failure(systemError: errno) }
        }
    }

    private static func setTimeout(of descriptor: Int32, deadline: ContinuousClock.Instant) {
        let rest = max(.milliseconds(1), deadline - .now).components
        var timeout = timeval()
        timeout.tv_sec = .init(rest.seconds)
        timeout.tv_usec = .init(rest.attoseconds / 1_000_000_000_000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        // Also bounds `connect`.
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }
}

#if canImport(Darwin)
private let streamType = SOCK_STREAM
#else
private let streamType = Int32(SOCK_STREAM.rawValue)
#endif

private func systemSend(_ descriptor: Int32, _ bytes: [UInt8], _ count: Int, _ flags: Int32) -> Int {
    #if canImport(Glibc)
    Glibc.send(descriptor, bytes, count, flags)
    #elseif canImport(Musl)
    Musl.send(descriptor, bytes, count, flags)
    #else
    Darwin.send(descriptor, bytes, count, flags)
    #endif
}
