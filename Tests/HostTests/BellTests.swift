import Host
import Synchronization
import Testing

@Suite("Bell")
struct BellTests {
    @Test("a ring wakes the waiting thread, is kept when nobody waits, and counts once")
    func rings() {
        let bell = Bell()
        #expect(bell.wait(milliseconds: 0) == false)
        bell.ring()
        bell.ring()
        #expect(bell.wait(milliseconds: nil))
        #expect(bell.wait(milliseconds: 1) == false)

        let rounds = Atomic(0)
        let answer = Bell()
        let thread = WorkerThread(name: "sleeper") {
            for _ in 0..<100 {
                _ = bell.wait(milliseconds: nil)
                rounds.add(1, ordering: .relaxed)
                answer.ring()
            }
        }
        for _ in 0..<100 {
            bell.ring()
            _ = answer.wait(milliseconds: nil)
        }
        thread.join()
        #expect(rounds.load(ordering: .relaxed) == 100)
    }
}
