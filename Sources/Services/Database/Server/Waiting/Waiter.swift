// Somebody who waits on a loop, and is woken once: by what was waited for, by the deadline, or by
// an error. All waiters of a loop live and wake on it.

import Host
import Platform

/// A suspended caller. On one loop.
final class Waiter {
    private var reply: Reply<Void, DatabaseError>?
    /// Wall clock, milliseconds; nil: waits as long as it takes.
    let deadline: Int64?
    /// What the deadline says when it passes.
    private let late: DatabaseError

    init(
        _ reply: consuming Reply<Void, DatabaseError>, deadline: Int64?,
        late: DatabaseError = .deadlinePassed
    ) {
        self.reply = consume reply
        self.deadline = deadline
        self.late = late
    }

    var isWoken: Bool { reply == nil }

    func wake() {
        guard let reply = reply.take() else { return }
        reply.succeed(())
    }

    func fail(_ error: DatabaseError) {
        guard let reply = reply.take() else { return }
        reply.fail(error)
    }

    /// Wakes it when its time is over; answers whether it is awake.
    func checkDeadline(_ now: Int64) -> Bool {
        if let deadline, deadline <= now { fail(late) }
        return isWoken
    }
}

/// Waiters for durable sequences, in order. Inserting is O(1) for the newest, which is the rule.
struct DurableQueue {
    private var entries: [(sequence: UInt64, waiter: Waiter)] = []
    private var first = 0

    var count: Int { entries.count - first }
    var isEmpty: Bool { count == 0 }

    mutating func insert(_ sequence: UInt64, _ waiter: Waiter) {
        var place = entries.count
        while place > first, entries[place - 1].sequence > sequence { place -= 1 }
        entries.insert((sequence, waiter), at: place)
    }

    mutating func wake(through durable: UInt64) {
        while first < entries.count, entries[first].sequence <= durable {
            entries[first].waiter.wake()
            first += 1
        }
        if first == entries.count {
            entries.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 1_024, first > entries.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
    }

    mutating func failAll(_ error: DatabaseError) {
        for entry in entries[first...] { entry.waiter.fail(error) }
        entries.removeAll()
        first = 0
    }

    mutating func checkDeadlines(_ now: Int64) {
        guard !isEmpty else { return }
        var kept = 0
        for entry in entries[first...] where !entry.waiter.checkDeadline(now) {
            entries[kept] = entry
            kept += 1
        }
        entries.removeLast(entries.count - kept)
        first = 0
    }
}
