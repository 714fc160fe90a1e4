import Host
import Testing

@Suite("timers", .timeLimit(.minutes(1)))
struct TimerTests {
    private func turn(_ loop: Loop, until isDone: () -> Bool) {
        while !isDone() { loop.turn(waiting: true) }
    }

    @Test("timers fire in order of their time, equal ones in order of their making")
    func order() {
        let loop = Loop(manual: 0)
        let fired = Locked<[Int]>([])
        loop.enter {
            for (index, delay) in ([8, 2, 5, 2, 0] as [UInt64]).enumerated() {
                loop.after(milliseconds: delay) { fired.withLock { $0.append(index) } }
            }
        }
        turn(loop) { fired.withLock { $0.count } == 5 }
        #expect(fired.withLock { $0 } == [4, 1, 3, 2, 0])
    }

    @Test("a cancelled timer never fires, a rescheduled one fires at its new time, once")
    func cancelling() {
        let loop = Loop(manual: 0)
        let fired = Locked<[String]>([])
        let (cancelled, moved, repeating) = loop.enter {
            let cancelled = loop.after(milliseconds: 1) { fired.withLock { $0.append("no") } }
            let moved = loop.timer { fired.withLock { $0.append("moved") } }
            moved.schedule(after: 1)
            moved.schedule(after: 6)
            let repeating = loop.timer { fired.withLock { $0.append("again") } }
            repeating.schedule(after: 1, repeating: 1)
            cancelled.cancel()
            return (cancelled, moved, repeating)
        }
        turn(loop) { fired.withLock { $0.filter { $0 == "again" }.count } >= 3 }
        loop.enter {
            repeating.pause()
            cancelled.cancel()
        }
        turn(loop) { fired.withLock { $0.contains("moved") } }
        loop.enter { fired.withLock { $0 = [] } }
        loop.enter {
            moved.schedule(after: 0)
            repeating.schedule(after: 1)
        }
        turn(loop) { fired.withLock { $0.count } >= 2 }
        #expect(fired.withLock { $0 } == ["moved", "again"])
        loop.enter {
            moved.cancel()
            repeating.cancel()
        }
        loop.stop()
    }

    @Test("the time of a loop goes forward between turns only")
    func time() {
        let loop = Loop(manual: 0)
        let before = loop.enter { loop.now }
        loop.enter { _ = loop.after(milliseconds: 3) {} }
        loop.turn(waiting: true)
        loop.turn(waiting: true)
        #expect(loop.enter { loop.now } >= before + 3)
    }
}
