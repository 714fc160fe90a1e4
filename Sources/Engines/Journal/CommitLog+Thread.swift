// The writer's thread: sleeps while there is nothing to write, never longer than the sync interval.

internal import Host

extension CommitLog {
    /// Starts the thread that writes. Not called when the owner drives `writeBatch` itself.
    package func start() {
        thread.withLock { thread in
            precondition(thread == nil, "the log has one writer")
            thread = WorkerThread(name: "commit log") { [self] in run() }
        }
    }

    private func run() {
        var interval: Duration?
        if case .interval(let milliseconds) = options.sync {
            interval = .milliseconds(milliseconds)
        }
        /// When what was acknowledged before its sync must be synced.
        var syncAt: ContinuousClock.Instant?
        while true {
            if let due = syncAt, ContinuousClock.now >= due {
                syncNow()
                syncAt = nil
            }
            switch writeBatch() {
            case .durable:
                if let interval, syncAt == nil { syncAt = ContinuousClock.now + interval }
            case .idle:
                let left = syncAt.map { due in
                    max(0, Int((due - ContinuousClock.now) / .milliseconds(1)) + 1)
                }
                if !sleepUntilWork(milliseconds: left) { return }
            case .stalled:
                if intake.withLock({ $0.isClosing }) { return }
                _ = bell.wait(milliseconds: options.retryMilliseconds)
            case .failed: return
            }
        }
    }

    /// False when the log closes and all is written.
    private func sleepUntilWork(milliseconds: Int?) -> Bool {
        let (mustSleep, goesOn) = intake.withLock { intake in
            let isBusy = intake.records > 0 || intake.maintenanceIsDue
            intake.writerSleeps = !isBusy && !intake.isClosing
            return (intake.writerSleeps, isBusy || !intake.isClosing)
        }
        if mustSleep { _ = bell.wait(milliseconds: milliseconds) }
        return goesOn
    }
}
