import Host
import Synchronization
import Testing

@Suite("mailboxes", .timeLimit(.minutes(1)))
struct MailboxTests {
    @Test("a full mailbox refuses, loses nothing, and takes more once messages were received")
    func bound() {
        let loop = Loop(manual: 0)
        let received = Locked<[Int]>([])
        let mailbox = Mailbox<Int>(to: loop, capacity: 3) { message in
            received.withLock { $0.append(message) }
        }
        #expect((0..<5).map { mailbox.send($0) } == [true, true, true, false, false])
        #expect(received.withLock { $0 } == [])
        while received.withLock({ $0.count }) < 3 { loop.turn() }
        loop.turn()
        #expect(mailbox.send(5) && mailbox.send(6))
        while received.withLock({ $0.count }) < 5 { loop.turn() }
        #expect(received.withLock { $0 } == [0, 1, 2, 5, 6])
    }

    @Test("what is sent while messages are received comes after them, also from the loop itself")
    func reentry() {
        let loop = Loop(manual: 0)
        let received = Locked<[Int]>([])
        let slot = Locked<Mailbox<Int>?>(nil)
        let mailbox = Mailbox<Int>(to: loop, capacity: 428) { message in
            received.withLock { $0.append(message) }
            if message < 300 {
                #expect(slot.withLock { $0 }?.send(message + 300) == true)
            }
        }
        slot.withLock { $0 = mailbox }
        for message in 0..<300 { #expect(mailbox.send(message)) }
        for _ in 0..<20 { loop.turn() }
        // Room comes back when a delivery of at most 128 is over, so their echoes need 128 more.
        #expect(received.withLock { $0 } == Array(0..<600))
        slot.withLock { $0 = nil }
    }

    @Test("many senders: each one's messages arrive once and in order, never too many under way")
    func manySenders() async {
        let loop = Loop(index: 0)
        let box = LoopOwned(loop, [[Int]](repeating: [], count: 3))
        let refusals = Atomic<Int>(0)
        let mailbox = Mailbox<(sender: Int, number: Int)>(to: loop, capacity: 16) { message in
            box.withCurrent { $0[message.sender].append(message.number) }
        }
        let senders = (0..<3).map { sender in
            WorkerThread(name: "sender-\(sender)") {
                for number in 0..<3_000 {
                    while !mailbox.send((sender, number)) {
                        refusals.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        for sender in senders { sender.join() }
        while await box.visit({ $0.map(\.count) }) != [3_000, 3_000, 3_000] { await loop.pause() }
        let seen = await box.visit { $0 }
        #expect(seen == [[Int]](repeating: Array(0..<3_000), count: 3))
        loop.stop()
    }
}

extension Loop {
    /// Comes back after other work of the loop; from anywhere.
    func pause() async {
        await withTaskExecutorPreference(self) { await yield() }
    }
}
