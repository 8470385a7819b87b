import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tells failures to connect that are this machine's from those that are the host's.
enum LocalShortage {
    private static let codes: Set<CInt> = [EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM]

    /// The resource that this machine lacks; nil where the failure is the host's.
    static func describe(_ error: any Error) -> String? {
        if let error = error as? IOError { return codes.contains(error.errnoCode) ? "\(error)" : nil }
        guard let error = error as? NIOConnectionError else { return nil }
        for attempt in error.connectionErrors {
            if let shortage = describe(attempt.error) { return shortage }
        }
        // The resolver needs a descriptor, too, and does not say that it got none.
        return error.connectionErrors.isEmpty ? missingDescriptor() : nil
    }

    private static func missingDescriptor() -> String? {
        let descriptor = dup(STDERR_FILENO)
        guard descriptor < 0 else {
            close(descriptor)
            return nil
        }
        let code = errno
        return codes.contains(code) ? "\(IOError(errnoCode: code, reason: "dup"))" : nil
    }
}
