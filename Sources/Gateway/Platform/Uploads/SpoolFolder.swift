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

/// A folder of this process alone, which nobody else can read, for the parts of uploads.
///
/// It is locked while the process lives: so another process can tell those that a crash has left.
final class SpoolFolder: Sendable {
    static let prefix = "dashscope-gateway-uploads-"

    let path: String
    private let descriptor: Int32

    /// Makes a folder in `base` with a name that cannot be guessed.
    init(in base: String) throws(SpoolError) {
        for _ in 0..<4 {
            var template = Array("\(base)/\(Self.prefix)XXXXXX".utf8CString)
            // Mode 0700.
            guard mkdtemp(&template) != nil else { throw .last("mkdtemp") }
            let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // Another process that cleans up may have taken it before it was locked.
            guard let descriptor = Self.lock(path) else {
                rmdir(path)
                continue
            }
            self.path = path
            self.descriptor = descriptor
            return
        }
        throw .failed("the new folder cannot be locked")
    }

    deinit { close(descriptor) }

    /// Opens and locks a folder of this user's; nil where it is another's, or in use, or gone.
    private static func lock(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0, status.st_uid == geteuid(),
            status.st_nlink > 0
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    // MARK: - Files

    /// Makes a file for a part; its name has nothing of the caller's.
    func makeFile() throws(SpoolError) -> SpoolFile {
        let name = RandomID.make()
        let file = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last("open") }
        return SpoolFile(name: name, descriptor: file)
    }

    func openFile(_ name: String) throws(SpoolError) -> SpoolFile {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .last("open") }
        return SpoolFile(name: name, descriptor: file)
    }

    func remove(_ name: String) { unlinkat(descriptor, name, 0) }

    // MARK: - The end

    /// Removes the folder with all that is in it.
    func removeAll() { Self.removeAll(path, descriptor) }

    private static func removeAll(_ path: String, _ descriptor: Int32) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            unlinkat(descriptor, name, 0)
        }
        rmdir(path)
    }

    /// Removes what processes of this user have left in `base` that ended without cleaning up.
    static func removeAbandoned(in base: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(base)/\(name)"
            guard let descriptor = lock(path) else { continue }
            removeAll(path, descriptor)
            close(descriptor)
        }
    }

    /// Why parts cannot be kept in a folder; nil where nothing speaks against it.
    static func problem(_ base: String) -> String? {
        let descriptor = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        close(descriptor)
        return access(base, W_OK | X_OK) == 0 ? nil : String(cString: strerror(errno))
    }
}
