// The machine and this process, as the product asks about them.

import Host
import Platform

/// Looks at the disk, the process, the requests and the log.
final class HostMachine: Machine {
    private let folder: String
    private let workers: WorkerPool
    private let output: LogOutput
    private let started: Timestamp
    /// Set once the site's routes are known; before that nothing is counted.
    private let meters = Locked<RouteMeters?>(nil)

    init(folder: String, workers: WorkerPool, output: LogOutput, started: Timestamp) {
        self.folder = folder
        self.workers = workers
        self.output = output
        self.started = started
    }

    func counts(by meters: RouteMeters) { self.meters.withLock { $0 = meters } }

    func facts() async throws(MachineError) -> MachineFacts {
        let folder = folder
        let sizes: FolderSizes?
        do throws(FileError) {
            sizes = try await workers.runIfRoom { () throws(FileError) in
                try FolderSizes(of: folder)
            }
        } catch { throw .unreadable("\(folder): \(error)") }
        guard let sizes else { throw .unreadable("\(folder): too much waits for the disk") }
        return MachineFacts(
            version: Program.version, started: started,
            memoryBytes: UInt64(ProcessFacts.residentBytes), cores: ProcessFacts.cores,
            processorMilliseconds: ProcessFacts.cpuNanoseconds / 1_000_000,
            diskBytes: sizes.disk.total, freeBytes: sizes.disk.free, dataBytes: sizes.all,
            parts: [
                FolderPart(name: "commit log", bytes: sizes.log),
                FolderPart(name: "sorted sets", bytes: sizes.sets),
                FolderPart(name: "other", bytes: sizes.all - sizes.log - sizes.sets),
            ])
    }

    var traffic: Traffic { meters.withLock { $0 }?.traffic ?? Traffic() }
    var lastMinute: Traffic { meters.withLock { $0 }?.lastMinute ?? Traffic() }
    func takePeak() -> UInt64 { meters.withLock { $0 }?.takePeak() ?? 0 }
    var routes: [RouteTraffic] { meters.withLock { $0 }?.routes ?? [] }

    func logLines(since: Timestamp, level: String, limit: Int) -> [LoggedLine] {
        output.recent(
            since: since.milliseconds, atLeast: LogLevel(name: level) ?? .info, limit: limit
        ).map {
            LoggedLine(
                time: Timestamp(milliseconds: $0.time), level: $0.level.name, text: $0.text)
        }
    }
}

/// What a data folder takes, by part, and its disk. Reading it blocks.
struct FolderSizes: Sendable {
    let disk: DiskSpace
    let log: UInt64
    let sets: UInt64
    let all: UInt64

    init(of folder: String) throws(FileError) {
        let files = RealFileSystem()
        self.disk = try files.space(folder)
        self.log = try files.bytesOnDisk(below: folder + "/log")
        self.sets = try files.bytesOnDisk(below: folder + "/shards")
        var other: UInt64 = 0
        for name in try files.list(folder) where name != "log" && name != "shards" {
            do throws(FileError) {
                other += try files.status(folder + "/" + name).bytesOnDisk
            } catch .notFound { continue }
        }
        self.all = log + sets + other
    }
}
