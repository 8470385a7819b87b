// What scripts/sanitize.sh proves about a sanitizer before it believes its silence.
import Dispatch
import Glibc
import Synchronization

/// A counter that some of the cases below protect, and some do not.
final class Counter: @unchecked Sendable {
    let lock = Mutex(())
    let otherLock = Mutex(())
    var value = 0
}

/// Four threads that run the same body until each has counted.
func race(_ body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?) -> Int {
    let counter = Counter()
    var threads: [pthread_t] = []
    for _ in 0..<4 {
        var thread = pthread_t()
        precondition(pthread_create(&thread, nil, body, Unmanaged.passUnretained(counter).toOpaque()) == 0)
        threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    return counter.value
}

func counter(_ pointer: UnsafeMutableRawPointer?) -> Counter {
    guard let pointer else { preconditionFailure("a thread was started without its counter") }
    return Unmanaged<Counter>.fromOpaque(pointer).takeUnretainedValue()
}

indirect enum Node {
    case leaf, number(Int), text(String), nodes([Node])
}

/// Only the main thread touches it.
nonisolated(unsafe) var tree: [Node] = []

/// A continuation on its way to the thread that resumes it.
final class Parcel {
    let continuation: UnsafeContinuation<Int, Never>

    init(_ continuation: UnsafeContinuation<Int, Never>) { self.continuation = continuation }
}

/// Is resumed by another thread, most times before the task waits.
func resumedEarly(pause: UInt32) async -> Int {
    await withUnsafeContinuation { continuation in
        var thread = pthread_t()
        let created = pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Parcel>.fromOpaque(pointer).takeRetainedValue().continuation.resume(returning: 1)
                return nil
            },
            Unmanaged.passRetained(Parcel(continuation)).toOpaque()
        )
        precondition(created == 0)
        pthread_detach(thread)
        // Not joined: that would tell the sanitizer what the continuation has to tell.
        if pause > 0 { usleep(pause) }
    }
}

/// Runs one case.
///
/// Not at the top level, whose closures belong to the main actor.
func run(_ name: String?) {
    switch name {
    case "locked":
        // Correct: every access is under one lock, which is contended.
        let sum = race { pointer in
            let counter = counter(pointer)
            for _ in 0..<100_000 { counter.lock.withLock { _ in counter.value += 1 } }
            return nil
        }
        precondition(sum == 400_000, "the lock let two threads in")
    case "unlocked":
        // A race: no lock at all.
        _ = race { pointer in
            let counter = counter(pointer)
            for _ in 0..<100_000 { counter.value += 1 }
            return nil
        }
    case "other-lock":
        // A race: two contended locks, for the same counter.
        _ = race { pointer in
            let counter = counter(pointer)
            for round in 0..<100_000 {
                if round % 2 == 0 {
                    counter.lock.withLock { _ in counter.value += 1 }
                } else {
                    counter.otherLock.withLock { _ in counter.value += 1 }
                }
            }
            return nil
        }
    case "beside-lock":
        // A race: the lock is contended, and one access in a thousand forgets it.
        _ = race { pointer in
            let counter = counter(pointer)
            for round in 0..<100_000 {
                counter.lock.withLock { _ in counter.value += 1 }
                if round % 1_000 == 0 { counter.value += 1 }
            }
            return nil
        }
    case "continued":
        // Correct: a continuation orders what was before it is resumed and what comes after it is awaited.
        let pause: UInt32 = CommandLine.arguments.count > 2 ? 0 : 2_000
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            var sum = 0
            for _ in 0..<200 { sum += await resumedEarly(pause: pause) }
            precondition(sum == 200)
            end.signal()
        }
        end.wait()
    case "freed":
        // Memory that is read after it was given back.
        let number = UnsafeMutablePointer<Int>.allocate(capacity: 4)
        number.initialize(repeating: 7, count: 4)
        number.deallocate()
        print(number[CommandLine.arguments.count])
    case "beyond":
        // Memory behind the end of a block.
        let number = UnsafeMutablePointer<Int>.allocate(capacity: 4)
        number.initialize(repeating: 7, count: 4)
        print(number[CommandLine.arguments.count + 2])
        number.deallocate()
    case "leaked":
        // Memory that nobody can give back any more.
        for _ in 0..<100 {
            let number = UnsafeMutablePointer<Int>.allocate(capacity: 4)
            number.initialize(repeating: 7, count: 4)
            print(number[CommandLine.arguments.count])
        }
    case "held":
        // Correct: what the global array holds is no leak. Swift keeps the case in spare bits of the pointer.
        for number in 0..<100 { tree.append(.nodes([.number(number)])) }
        print(tree.count)
    case "plain":
        // Nothing wrong with memory.
        let number = UnsafeMutablePointer<Int>.allocate(capacity: 4)
        number.initialize(repeating: 7, count: 4)
        print(number[CommandLine.arguments.count])
        number.deallocate()
    default:
        print("usage: control locked|unlocked|other-lock|beside-lock|continued|freed|beyond|leaked|held|plain")
        exit(2)
    }
}

run(CommandLine.arguments.dropFirst().first)
