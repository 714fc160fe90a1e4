import Glibc
import Host
import Testing

@Suite("loops", .timeLimit(.minutes(1)))
struct LoopTests {
    @Test("a task stays on its loop across awaits, hops to another's box and comes back")
    func staying() async {
        let group = LoopGroup.start(count: 2)
        let first = group.loop(for: 4)
        let second = group.loop(for: 5)
        let box = LoopOwned(second, 0)
        await first.run {
            #expect(first.isCurrent)
            await Task.yield()
            #expect(first.isCurrent)
            await first.sleep(milliseconds: 1)
            #expect(first.isCurrent)
            let (count, wasThere) = await box.visit { count in
                count += 1
                return (count, second.isCurrent)
            }
            #expect(count == 1 && wasThere)
            #expect(first.isCurrent && Loop.current === first)
            async let child = first.isCurrent
            #expect(await child)
            let inGroup = await withTaskGroup(of: Bool.self) { tasks in
                for _ in 0..<4 { tasks.addTask { first.isCurrent } }
                return await tasks.reduce(true) { $0 && $1 }
            }
            #expect(inGroup && first.isCurrent)
        }.value
        #expect(Loop.current == nil)
        group.stop()
    }

    @Test("a visit on the owner's loop runs in place, without a suspension")
    func inPlace() {
        let loop = Loop(manual: 0)
        let box = LoopOwned(loop, [String]())
        loop.run {
            loop.post { box.withCurrent { $0.append("posted") } }
            for _ in 0..<100 { await box.visit { $0.append("visit") } }
            box.withCurrent { $0.append("end") }
        }
        loop.turn()
        let expected = [String](repeating: "visit", count: 100) + ["end", "posted"]
        let seen = loop.enter { box.withCurrent { $0 } }
        #expect(seen == expected)
    }

    @Test("a box holds what cannot be copied, and errors keep their type through a hop")
    func boxes() async {
        struct Refused: Error, Equatable { let count: Int }
        struct State: ~Copyable { var count = 0 }
        let loop = Loop(index: 0)
        let box = LoopOwned(loop, State())
        await box.visit { $0.count += 1 }
        box.post { $0.count += 1 }
        do throws(Refused) {
            try await box.visit { (state) throws(Refused) in throw Refused(count: state.count) }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == Refused(count: 2))
        }
        loop.stop()
    }

    @Test("a task of nothing but visits in place does not hold its loop")
    func fairness() {
        let loop = Loop(manual: 0)
        let box = LoopOwned(loop, (busy: 0, other: 0, worst: 0))
        loop.run {
            for _ in 0..<10_000 { await box.visit { $0.busy += 1 } }
        }
        loop.run {
            for _ in 0..<20 {
                await loop.yield()
                await box.visit { $0.other += 1 }
            }
        }
        var turns = 0
        var before = 0
        while loop.turn(), turns < 10_000 {
            turns += 1
            let state = loop.enter { box.withCurrent { $0 } }
            loop.enter { box.withCurrent { $0.worst = max($0.worst, state.busy - before) } }
            before = state.busy
        }
        let state = loop.enter { box.withCurrent { $0 } }
        #expect(state.busy == 10_000 && state.other == 20)
        // Two batches a turn, each of 128 visits and the one that waited for its turn.
        #expect(state.worst <= 258 && turns >= 10_000 / 258)
    }

    @Test("work that always makes new work lets timers and sockets have their turns")
    func endlessWork() {
        let loop = Loop(manual: 0)
        let box = LoopOwned(loop, (rounds: 0, isOver: false))
        loop.enter {
            spin(loop, box)
            loop.after(milliseconds: 2) { box.withCurrent { $0.isOver = true } }
        }
        var turns = 0
        while loop.turn() { turns += 1 }
        let state = loop.enter { box.withCurrent { $0 } }
        #expect(state.isOver && turns > 0 && state.rounds <= (turns + 2) * 256)
    }

    private func spin(_ loop: Loop, _ box: LoopOwned<(rounds: Int, isOver: Bool)>) {
        box.withCurrent { state in
            state.rounds += 1
            if !state.isOver { loop.post { self.spin(loop, box) } }
        }
    }

    @Test("jobs of other threads run once each, in the order of each thread")
    func posting() async {
        let loop = Loop(index: 0)
        let box = LoopOwned(loop, [[Int]](repeating: [], count: 4))
        let threads = (0..<4).map { thread in
            WorkerThread(name: "poster-\(thread)") {
                for number in 0..<2_000 { box.post { $0[thread].append(number) } }
            }
        }
        for thread in threads { thread.join() }
        let seen = await box.visit { $0 }
        #expect(seen == [[Int]](repeating: Array(0..<2_000), count: 4))
        loop.stop()
    }

    @Test("a reply resumes its caller on the caller's loop, with the value or the typed error")
    func replies() async {
        struct Refused: Error, Equatable {}
        let group = LoopGroup.start(count: 2)
        let (asker, answerer) = (group.loops[0], group.loops[1])
        await asker.run {
            let value: Int = await awaitReply { (reply: consuming Reply<Int, Never>) in
                let box = LoopOwned<Reply<Int, Never>?>(answerer, consume reply)
                answerer.post { box.withCurrent { $0.take()?.succeed(7) } }
            }
            #expect(value == 7 && asker.isCurrent)
            do throws(Refused) {
                let _: Int = try await awaitReply { reply in reply.fail(Refused()) }
                Issue.record("nothing was thrown")
            } catch {
                #expect(error == Refused() && asker.isCurrent)
            }
        }.value
        group.stop()
    }

    @Test("stopping a loop runs what is ready, closes what is open and forgets its timers")
    func stopping() async {
        let loop = Loop(index: 0)
        let ran = Locked<[String]>([])
        loop.post {
            loop.after(milliseconds: 3_600_000) { ran.withLock { $0.append("timer") } }
            loop.timer {}.schedule(after: 1, repeating: 1)
        }
        for _ in 0..<1_000 { loop.post { ran.withLock { $0.append("job") } } }
        loop.stop()
        loop.stop()
        #expect(ran.withLock { $0 } == [String](repeating: "job", count: 1_000))
    }

    @Test("a descriptor is watched for what is asked, and no more after the end of the watch")
    func watching() async throws {
        let loop = Loop(manual: 0)
        var ends: [Int32] = [0, 0]
        let code = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        #expect(code == 0)
        let seen = Locked<[WatchEvents]>([])
        let watcher = try loop.enter { () throws(NetworkError) in
            try loop.watch(fd: ends[0], events: .readable) { events in
                seen.withLock { $0.append(events) }
            }
        }
        loop.turn()
        #expect(seen.withLock { $0 } == [])
        #expect(unsafe write(ends[1], "x", 1) == 1)
        loop.turn()
        loop.enter { watcher.change([.readable, .writable]) }
        loop.turn()
        loop.enter { watcher.change([]) }
        loop.turn()
        #expect(seen.withLock { $0 } == [.readable, [.readable, .writable]])
        loop.enter {
            watcher.cancel()
            watcher.cancel()
        }
        loop.turn()
        #expect(seen.withLock { $0.count } == 2)
        close(ends[0])
        close(ends[1])
        #expect(throws: NetworkError.failed(operation: "watch", code: EBADF)) {
            try loop.enter { () throws(NetworkError) in
                _ = try loop.watch(fd: ends[0], events: .readable) { _ in }
            }
        }
    }
}
