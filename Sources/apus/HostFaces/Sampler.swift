// Takes a sample at start, each hour and at stop, and leaves the growth in a small file, so that
// `apus doctor` can tell how long the disk will do while no server runs.

import Bytes
import Capacity
import Host
import Platform

/// The repeating look of a server that runs.
final class Sampler: Sendable {
    private let capacity: Capacity
    private let jobs: HostJobs
    private let workers: WorkerPool
    private let folder: String
    private let log: Log
    private let before = Locked(Traffic())

    private static let hourMilliseconds: UInt64 = 3_600_000
    /// What the last sample may take when the process stops.
    private static let endMilliseconds = 3_000

    init(
        capacity: Capacity, jobs: HostJobs, workers: WorkerPool, folder: String, log: Log
    ) {
        self.capacity = capacity
        self.jobs = jobs
        self.workers = workers
        self.folder = folder
        self.log = log
    }

    /// Begins; the loop's end ends it.
    func start(on loop: Loop) {
        loop.post {
            let timer = loop.timer { self.fire() }
            timer.schedule(after: 0, repeating: Sampler.hourMilliseconds)
        }
    }

    private func fire() {
        do throws(JobsError) {
            try jobs.start("sample", near: nil) { _ in await self.sample() }
        } catch .stopping {
            return
        } catch {
            log.warning("no sample was taken", ["reason": .text("\(error)")])
        }
    }

    private func sample() async {
        do throws(CapacityError) {
            let since = before.withLock { $0 }
            let (_, now) = try await capacity.takeSample(since: since)
            before.withLock { $0 = now }
            let outlook = try await capacity.outlook(.system)
            await leave(GrowthFile(time: outlook.time, growth: outlook.growth))
        } catch {
            log.warning("no sample was taken", ["reason": .text("\(error)")])
        }
    }

    private func leave(_ file: GrowthFile) async {
        let path = GrowthFile.path(in: folder)
        do throws(FileError) {
            _ = try await workers.runIfRoom { () throws(FileError) in
                try RealFileSystem().replace(path, with: file.encoded.bytes)
            }
        } catch {
            log.warning("the growth was not written", ["reason": .text("\(error)")])
        }
    }

    /// The last sample.
    func finish() async {
        let isDone = Locked(false)
        do throws(JobsError) {
            try jobs.start("last sample", near: nil) { _ in
                await self.sample()
                isDone.withLock { $0 = true }
            }
        } catch {
            return  // Too busy to look once more: the next start does.
        }
        var waited = 0
        while !isDone.withLock({ $0 }), waited < Sampler.endMilliseconds {
            try? await Task.sleep(for: .milliseconds(5))
            waited += 5
        }
    }
}

/// The file `growth` in a data folder: docs/formats/records.md. A hint that may be removed.
struct GrowthFile: Equatable, Sendable {
    var time: Timestamp
    /// Bytes a day; nil while it is not known.
    var bytesPerDay: Double?

    static func path(in folder: String) -> String { folder + "/growth" }

    init(time: Timestamp, growth: Growth?) {
        self.time = time
        self.bytesPerDay = growth?.perDay
    }

    var encoded: [UInt8] {
        let rate = bytesPerDay.map { "\(Int64($0.rounded()))" } ?? "unknown"
        return Array("apus growth 1\ntime \(time.milliseconds)\nbytes a day \(rate)\n".utf8)
    }

    /// Nil when the file is not there, or not of this form.
    init?(in folder: String) {
        guard
            let bytes = try? RealFileSystem().contents(GrowthFile.path(in: folder), limit: 4_096)
        else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 3, lines[0] == "apus growth 1", lines[1].hasPrefix("time "),
            let time = Int64(lines[1].dropFirst(5)), lines[2].hasPrefix("bytes a day ")
        else { return nil }
        self.time = Timestamp(milliseconds: time)
        self.bytesPerDay = Int64(lines[2].dropFirst(12)).map(Double.init)
    }
}
