import APITranslation
import NIOCore
import Synchronization
import Testing

@testable import Gateway

struct TaskAnswersTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    /// What waiters are told.
    private final class Told: Sendable {
        private let list = Mutex<[String]>([])
        var texts: [String] { list.withLock { $0 } }
        func waiter(_ name: String) -> @Sendable (TaskAnswers.Outcome) -> Void {
            { outcome in
                let text = (try? outcome.get()).map { String(buffer: $0) } ?? "failed"
                self.list.withLock { $0.append("\(name):\(text)") }
            }
        }
    }

    private func key(_ task: String, owner: UInt64 = 1, context: String = "") -> TaskAnswers.Key {
        TaskAnswers.Key(owner: owner, context: context, task: task)
    }

    private func find(
        _ answers: TaskAnswers,
        _ key: TaskAnswers.Key,
        _ told: Told,
        _ name: String,
        after: TimeAmount = .zero
    ) -> String {
        switch answers.find(key, age: .seconds(1), now: start + after, waiter: told.waiter(name)).0 {
        case .answer(let body): String(buffer: body)
        case .underWay: "under way"
        case .nothing: "nothing"
        }
    }

    @Test func oneAsksForAll() {
        let (answers, told) = (TaskAnswers(), Told())
        #expect(find(answers, key("a"), told, "1") == "nothing")
        #expect(find(answers, key("a"), told, "2") == "under way")
        #expect(find(answers, key("b"), told, "3") == "nothing")
        // Another caller, and another workspace of the same one.
        #expect(find(answers, key("a", owner: 2), told, "4") == "nothing")
        #expect(find(answers, key("a", context: "w"), told, "5") == "nothing")
        answers.end(key("a"), .success(ByteBuffer(string: "x")), now: start)
        #expect(told.texts == ["1:x", "2:x"])
        #expect(find(answers, key("a"), told, "6", after: .milliseconds(999)) == "x")
        #expect(find(answers, key("a"), told, "7", after: .milliseconds(1000)) == "nothing")
    }

    @Test func aFailureIsNotKept() {
        let (answers, told) = (TaskAnswers(), Told())
        #expect(find(answers, key("a"), told, "1") == "nothing")
        answers.end(key("a"), .failure(.taskTimeout), now: start)
        #expect(told.texts == ["1:failed"])
        #expect(find(answers, key("a"), told, "2") == "nothing")
    }

    @Test func nobodyIsToldWhoHasLeft() {
        let (answers, told) = (TaskAnswers(), Told())
        let number = answers.find(key("a"), age: .zero, now: start, waiter: told.waiter("1")).1
        #expect(answers.isAwaited(key("a")))
        answers.leave(key("a"), number)
        #expect(!answers.isAwaited(key("a")))
        #expect(find(answers, key("a"), told, "2") == "nothing")
        answers.end(key("a"), .success(ByteBuffer(string: "x")), now: start)
        #expect(told.texts == ["2:x"])
    }

    /// The oldest answers give way, and those that are asked for anew do not count.
    @Test func thereIsABound() {
        let (answers, told) = (TaskAnswers(), Told())
        let large = ByteBuffer(repeating: 0x20, count: 1 << 20)
        for index in 0..<40 {
            #expect(find(answers, key("\(index)"), told, "") == "nothing")
            answers.end(key("\(index)"), .success(large), now: start)
        }
        let kept = (0..<40).filter { find(answers, key("\($0)"), told, "") != "nothing" }
        #expect(kept == Array(32..<40))
    }
}
