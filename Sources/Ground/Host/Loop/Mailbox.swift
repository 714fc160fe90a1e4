// Messages from any thread to one loop, at most `capacity` of them under way. They share the lock
// of the loop's inbox and its one wake-up a batch; once warm a message allocates nothing.
//
// When it is full `send` answers false and the sender still has the message: it parks the work,
// refuses it, or tries in a later turn. Nothing is ever dropped here.

/// A bounded queue into a loop.
package final class Mailbox<Message: Sendable>: @unchecked Sendable {
    // SAFETY: `pending`, `isScheduled` and `unread` are guarded by the lock of the loop's inbox;
    // `batch`, `next` and `receive` are reached only on the loop.

    /// Where messages arrive.
    package let loop: Loop
    /// The most messages that were sent and not yet received. Their room comes back after each
    /// delivery of at most 128.
    package let capacity: Int

    private var pending: [Message] = []
    private var isScheduled = false
    private var unread = 0
    private var batch: [Message] = []
    private var next = 0
    private let receive: (Message) -> Void

    /// Messages received in one go, before other work of the loop has its turn.
    private static var deliveredMax: Int { 128 }

    /// - Parameter receive: gets each message on the loop, in order of sending.
    package init(
        to loop: Loop, capacity: Int, receive: @escaping @Sendable (Message) -> Void
    ) {
        precondition(capacity > 0)
        self.loop = loop
        self.capacity = capacity
        self.receive = receive
    }

    /// Sends, or answers false when `capacity` messages are under way. From any thread.
    package func send(_ message: Message) -> Bool {
        var accepted = false
        loop.deliver {
            guard unread < capacity else { return nil }
            accepted = true
            unread += 1
            pending.append(message)
            guard !isScheduled else { return nil }
            isScheduled = true
            return .closure { self.deliver() }
        }
        return accepted
    }

    private func deliver() {
        if next == batch.count {
            batch.removeAll(keepingCapacity: true)
            next = 0
            loop.underInboxLock { swap(&batch, &pending) }
        }
        let end = min(batch.count, next + Mailbox.deliveredMax)
        let delivered = end - next
        while next < end {
            receive(batch[next])
            next += 1
        }
        if next == batch.count {
            batch.removeAll(keepingCapacity: true)
            next = 0
        }
        loop.deliver {
            unread -= delivered
            isScheduled = !(pending.isEmpty && batch.isEmpty)
            return isScheduled ? .closure { self.deliver() } : nil
        }
    }
}
