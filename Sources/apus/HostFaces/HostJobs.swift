// Background work of the product: tasks on the loops, counted, so that the process can refuse more
// than it can bear and wait for them when it stops.

import Host
import Platform
import Synchronization

/// Runs jobs on the loops of this process.
final class HostJobs: Jobs {
    private let loops: LoopGroup
    private let home: @Sendable (Value) -> (any TaskExecutor)?
    private let log: Log
    private let runningMax: Int
    private let running = Atomic<Int>(0)
    private let next = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)

    /// - Parameter home: where a partition's data lives.
    /// - Parameter runningMax: more jobs at once are refused.
    init(
        loops: LoopGroup, log: Log, runningMax: Int = 64,
        home: @escaping @Sendable (Value) -> (any TaskExecutor)?
    ) {
        self.loops = loops
        self.home = home
        self.log = log
        self.runningMax = runningMax
    }

    func start(
        _ name: String, near partition: Value?,
        _ work: @escaping @Sendable (_ stopping: @Sendable () -> Bool) async -> Void
    ) throws(JobsError) {
        guard !isStopping.load(ordering: .acquiring) else { throw .stopping }
        let before = running.add(1, ordering: .acquiringAndReleasing).oldValue
        guard before < runningMax else {
            running.subtract(1, ordering: .acquiringAndReleasing)
            throw .full(limit: runningMax)
        }
        let turn = next.add(1, ordering: .relaxed).oldValue
        let executor =
            partition.flatMap(home) ?? loops.loops[turn % loops.loops.count] as any TaskExecutor
        log.debug("job starts", ["job": .text(name)])
        Task(executorPreference: executor) {
            await work { self.isStopping.load(ordering: .acquiring) }
            self.running.subtract(1, ordering: .acquiringAndReleasing)
            self.log.debug("job ends", ["job": .text(name)])
        }
    }

    /// Jobs that run now.
    var count: Int { running.load(ordering: .acquiring) }

    /// Takes no more, and tells those that run to end.
    func stop() { isStopping.store(true, ordering: .releasing) }
}
