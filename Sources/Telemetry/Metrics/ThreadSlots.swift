import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Gives each thread a number of its own, so that threads that count at once use different memory.
///
/// The number is kept in thread-specific storage: asking for it costs a nanosecond or two. Numbers start again at
/// zero after `count` threads; two threads with the same number are slower, never wrong.
final class ThreadSlots: Sendable {
    /// How many numbers there are; a power of two.
    let count: Int
    private let key: pthread_key_t
    /// No key could be made: every thread uses slot 0.
    private let hasKey: Bool
    private let next = Atomic<Int>(0)

    init(count: Int) {
        precondition(count > 0 && count & (count - 1) == 0, "the number of slots is a power of two")
        self.count = count
        var key = pthread_key_t()
        hasKey = pthread_key_create(&key, nil) == 0
        self.key = key
    }

    deinit {
        if hasKey { pthread_key_delete(key) }
    }

    /// Twice the processors, so that loops rarely share a slot with other threads; at most 32.
    static var defaultCount: Int {
        let wanted = min(32, max(2, 2 * sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        var count = 2
        while count < wanted { count *= 2 }
        return count
    }

    /// The number of this thread, below `count`.
    @inline(__always)
    var current: Int {
        let kept = Int(bitPattern: pthread_getspecific(key))
        return kept > 0 ? kept - 1 : assign()
    }

    /// The next number, for one who keeps it instead of asking each time.
    func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue & (count - 1) }

    @inline(never)
    private func assign() -> Int {
        guard hasKey else { return 0 }
        let slot = take()
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: slot + 1))
        return slot
    }
}
