// Waiting for the disk, for a held shard, for a block. All of it on the loop of the caller's shard.

import DatabaseEngine
import Host
import Journal
import Platform
import Storage
import Synchronization

extension LocalDatabase {
    /// Suspends until the log is durable through `sequence`. On a loop of ours.
    func waitDurable(_ sequence: Sequence, _ context: Context) async throws(DatabaseError) {
        if sequence <= log.durable { return }
        guard let index = currentLoopIndex else {
            preconditionFailure("answers wait on the loop of their shard")
        }
        try await awaitReply { (reply: consuming Reply<Void, DatabaseError>) in
            let waiter = Waiter(reply, deadline: context.deadline?.milliseconds)
            let isTaken = loopStates[index].withCurrent { state in
                guard state.durable.count < options.waitingMax else { return false }
                state.durable.insert(sequence.rawValue, waiter)
                return true
            }
            guard isTaken else { return waiter.fail(.overloaded("too many wait for the disk")) }
            signals[index].want()
            // The batch may have ended between the look and the wish.
            wake(index)
            failIfHopeless(index)
        }
    }

    /// The log's writer tells of a batch, or of its trouble.
    func observed(_ event: LogEvent) {
        switch event {
        case .durable: if health.ofLog == .stalled { health.set(.good) }
        case .stalled:
            health.set(.stalled)
            report.error("the disk is full: writes are refused until there is space")
        case .failed(let error):
            health.set(.failed)
            report.error(
                "the disk failed: writes have stopped until a restart",
                ["error": .text("\(error)")])
        }
        for (index, signal) in signals.enumerated() where signal.take() {
            loopStates[index].loop.post {
                self.wake(index)
                self.failIfHopeless(index)
            }
        }
    }

    /// Wakes who waited for what is durable now, and starts work that it allows. On the loop.
    func wake(_ index: Int) {
        let durable = log.durable
        let isResting = loopStates[index].withCurrent { state in
            state.durable.wake(through: durable.rawValue)
            let waiters = state.feedWaiters
            state.feedWaiters.removeAll(keepingCapacity: true)
            for waiter in waiters { waiter.wake() }
            return state.durable.isEmpty && state.feedWaiters.isEmpty
        }
        if isResting { signals[index].rest() }
        for shard in loopStates[index].withCurrent({ $0.shards }) { startWork(shard) }
    }

    /// Tells waiters that they wait in vain: for good, or until somebody makes space.
    private func failIfHopeless(_ index: Int) {
        switch health.ofLog {
        case .good, .closed: return
        case .stalled:
            failWaiters(index, .full("the disk is full; whether the write is kept is open"))
        case .failed:
            failWaiters(index, .readOnly("the disk failed; whether the write is kept is open"))
        }
    }

    func failWaiters(_ index: Int, _ error: DatabaseError) {
        loopStates[index].withCurrent { $0.durable.failAll(error) }
    }

    /// Tells those who wait for others, not for the disk, that nobody will wake them any more.
    private func failIdle(_ index: Int) {
        let error = DatabaseError.closed
        loopStates[index].withCurrent { state in
            let waiters = state.feedWaiters
            state.feedWaiters.removeAll()
            for waiter in waiters { waiter.fail(error) }
        }
        for shard in loopStates[index].withCurrent({ $0.shards }) {
            shards[shard].withCurrent { state in
                let waiters = state.waiting
                state.waiting.removeAll()
                for waiter in waiters { waiter.fail(error) }
            }
        }
    }

    /// Suspends until a shard's hold or pressure is gone. On its loop.
    func waitUntilFree(_ shard: Int, _ context: Context) async throws(DatabaseError) {
        if health.current == .closed { throw .closed }
        let last = now.milliseconds + options.heldMilliseconds
        let deadline = context.deadline?.milliseconds ?? .max
        let isHeld = shards[shard].withCurrent { $0.isHeld }
        let late: DatabaseError =
            deadline <= last
            ? .deadlinePassed
            : (isHeld ? .conflict : .overloaded("flush and merge are behind"))
        try await awaitReply { (reply: consuming Reply<Void, DatabaseError>) in
            let waiter = Waiter(reply, deadline: min(deadline, last), late: late)
            let isTaken = shards[shard].withCurrent { state in
                guard state.waiting.count < options.heldMax else { return false }
                state.waiting.append(waiter)
                return true
            }
            if !isTaken { waiter.fail(.overloaded("too many wait for one shard")) }
        }
    }

    /// Suspends until there may be new changes, or `milliseconds` have passed. On the loop.
    ///
    /// - Parameter durable: what was durable when there were none.
    func waitForChanges(
        _ milliseconds: Int, since durable: Sequence, _ context: Context
    ) async throws(DatabaseError) {
        if health.current == .closed { throw .closed }
        guard let index = currentLoopIndex else { preconditionFailure("feeds are read on a loop") }
        let loop = loopStates[index].loop
        var timer: LoopTimer?
        // A busy table wakes its readers often: their timers must not pile up until they fire.
        defer { timer?.cancel() }
        try await awaitReply { (reply: consuming Reply<Void, DatabaseError>) in
            let waiter = Waiter(reply, deadline: context.deadline?.milliseconds)
            let isTaken = loopStates[index].withCurrent { state in
                guard state.feedWaiters.count < options.feedWaitsMax else { return false }
                state.feedWaiters.append(waiter)
                return true
            }
            guard isTaken else { return waiter.fail(.overloaded("too many wait for changes")) }
            signals[index].want()
            if log.durable > durable { return waiter.wake() }
            timer = loop.after(milliseconds: UInt64(milliseconds)) { waiter.wake() }
        }
    }

    /// Reads a block on a worker.
    func load(_ request: BlockRequest) async throws(DatabaseError) -> Block {
        // First counted, then looked whether the database closes: `close` does it the other way
        // round, and the workers are there until it returns.
        let count = parkedReads.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        defer { parkedReads.wrappingSubtract(1, ordering: .releasing) }
        guard health.current != .closed else { throw .closed }
        guard count <= options.parkedReadsMax else {
            throw .overloaded("too many reads wait for the disk")
        }
        do throws(StorageError) {
            return try await workers.run { () throws(StorageError) in try request.run() }
        } catch { throw DatabaseError(error) }
    }

    // MARK: The tick

    func startTicking(_ index: Int) {
        let box = loopStates[index]
        let timer = box.loop.timer { [weak self] in self?.tick(index) }
        timer.schedule(after: options.tickMilliseconds, repeating: options.tickMilliseconds)
        box.withCurrent { $0.timer = timer }
        for shard in box.withCurrent({ $0.shards }) { startWork(shard) }
    }

    func stopTicking(_ index: Int) {
        loopStates[index].withCurrent { state in
            state.timer?.cancel()
            state.timer = nil
        }
        failIdle(index)
    }

    private func tick(_ index: Int) {
        let now = self.now.milliseconds
        let shardNumbers = loopStates[index].withCurrent { state in
            state.durable.checkDeadlines(now)
            state.feedWaiters.removeAll { $0.checkDeadline(now) }
            return state.shards
        }
        for shard in shardNumbers {
            shards[shard].withCurrent { state in
                state.waiting.removeAll { $0.checkDeadline(now) }
            }
            relieveLog(shard)
            startWork(shard)
            startSweep(shard)
        }
        leaveFigures(index, shardNumbers)
    }
}
