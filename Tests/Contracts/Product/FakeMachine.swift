import Platform
import Synchronization

/// A machine with the facts that a test sets.
package final class FakeMachine: Machine {
    /// What it says; 48 MB free unless told otherwise.
    package struct State: Sendable {
        package var failure: MachineError?
        package var dataBytes: UInt64 = 1_000_000
        package var freeBytes: UInt64 = 48_000_000
        package var traffic = Traffic()
        package var lastMinute = Traffic()
        package var peak: UInt64 = 0
        package var routes: [RouteTraffic] = []
        package var lines: [LoggedLine] = []
    }

    package let state = Mutex(State())

    package init() {}

    package func facts() async throws(MachineError) -> MachineFacts {
        let state = state.withLock { $0 }
        if let failure = state.failure { throw failure }
        return MachineFacts(
            version: "test", started: Timestamp(milliseconds: 1_600_000_000_000),
            memoryBytes: 20_000_000, cores: 2, processorMilliseconds: 1_000,
            diskBytes: 100_000_000, freeBytes: state.freeBytes, dataBytes: state.dataBytes,
            parts: [FolderPart(name: "commit log", bytes: state.dataBytes)])
    }

    package var traffic: Traffic { state.withLock { $0.traffic } }
    package var lastMinute: Traffic { state.withLock { $0.lastMinute } }
    package func takePeak() -> UInt64 { state.withLock { $0.peak } }
    package var routes: [RouteTraffic] { state.withLock { $0.routes } }

    package func logLines(since: Timestamp, level: String, limit: Int) -> [LoggedLine] {
        let order = ["debug", "info", "warning", "error"]
        let least = order.firstIndex(of: level) ?? 1
        let lines = state.withLock { $0.lines }.filter {
            $0.time >= since && (order.firstIndex(of: $0.level) ?? 0) >= least
        }
        return Array(lines.prefix(limit))
    }
}
