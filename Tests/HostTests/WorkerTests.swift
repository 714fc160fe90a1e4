import Host
import Synchronization
import Testing

@Suite("threads", .timeLimit(.minutes(1)))
struct WorkerTests {
    /// A gate that workers wait at.
    private final class Gate: Sendable {
        private let isOpen = Monitor(false)
        func pass() { isOpen.wait(until: { $0 }, then: { _ in }) }
        func open() {
            isOpen.withLock { $0 = true }
            isOpen.broadcast()
        }
    }

    @Test("a full pool refuses at once, run waits for its turn, and nothing accepted is lost")
    func full() async throws {
        let pool = WorkerPool(name: "test", threads: 2, queueMax: 3)
        let gate = Gate()
        let begun = Monitor(0)
        let done = Atomic<Int>(0)
        for _ in 0..<2 {
            let accepted = pool.submit {
                begun.withLock { $0 += 1 }
                begun.signal()
                gate.pass()
                done.add(1, ordering: .relaxed)
            }
            #expect(accepted)
        }
        begun.wait(until: { $0 == 2 }, then: { _ in })
        #expect(
            (0..<5).map { _ in pool.submit { done.add(1, ordering: .relaxed) } }
                == [true, true, true, false, false])
        let refused: Int? = await pool.runIfRoom { 1 }
        #expect(refused == nil && pool.queued == 3)
        let waiting = Task { await pool.run { done.add(1, ordering: .relaxed).newValue } }
        while pool.queued < 4 { await Task.yield() }
        gate.open()
        let last = await waiting.value
        #expect(last >= 4)
        pool.stop()
        #expect(done.load(ordering: .relaxed) == 6)
        let late: Int? = await pool.runIfRoom { 1 }
        #expect(late == nil && !pool.submit {})
    }

    @Test("work runs away from the loop and its caller resumes on it, with value or typed error")
    func resuming() async {
        struct Refused: Error, Equatable {}
        let pool = WorkerPool(name: "test", threads: 1, queueMax: 8)
        let loop = Loop(index: 0)
        await loop.run {
            let wasOnLoop = await pool.run { loop.isCurrent }
            #expect(!wasOnLoop && loop.isCurrent)
            do throws(Refused) {
                try await pool.run { () throws(Refused) in throw Refused() }
                Issue.record("nothing was thrown")
            } catch {
                #expect(error == Refused() && loop.isCurrent)
            }
            let value: Int? = await pool.runIfRoom { 3 }
            #expect(value == 3 && loop.isCurrent)
        }.value
        pool.stop()
        pool.stop()
        loop.stop()
    }

    @Test("a lock admits one thread at a time")
    func locks() {
        struct Pair: ~Copyable { var left = 0, right = 0 }
        let locked = Locked(Pair())
        let threads = (0..<4).map { _ in
            WorkerThread(name: "a name that is longer than the kernel takes") {
                for _ in 0..<5_000 {
                    locked.withLock { pair in
                        pair.left += 1
                        pair.right = pair.left
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        threads[0].join()
        let (left, right) = locked.withLock { ($0.left, $0.right) }
        #expect(left == 20_000 && right == 20_000)
    }
}
