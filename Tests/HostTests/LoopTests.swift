import Host
import Testing

@Suite("loops", .timeLimit(.minutes(1)))
struct LoopTests {
    @Test("a task stays on its loop across awaits, hops to another's box and comes back")
    func staying() async {
        let group = LoopGroup.start(count: 2)
        let first = group.loops[0]
        let second = group.loops[1]
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
        }.value
        group.stop()
    }
}
