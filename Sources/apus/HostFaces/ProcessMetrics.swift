// The process, its server and its queues in /metrics.

import HTTP
import Host

/// Registers what is read when somebody asks for /metrics.
struct ProcessMetrics {
    let metrics: Metrics

    /// What is there from the start.
    func expose(_ assembly: Assembly) {
        metrics.collected("apus_build_info", "Always 1; the version is in the label", .gauge) {
            [.number([("version", Program.version)], 1)]
        }
        let started = Double(SystemClock().wallMilliseconds) / 1000
        metrics.computed("apus_start_time_seconds", "When the process began, since 1970") {
            started
        }
        metrics.computed("apus_process_resident_bytes", "Memory of the process") {
            Double(ProcessFacts.residentBytes)
        }
        metrics.computed("apus_process_open_descriptors", "Open files and sockets") {
            Double(ProcessFacts.openDescriptors)
        }
        metrics.collected("apus_process_cpu_seconds_total", "Processor time so far", .counter) {
            [.number([], Double(ProcessFacts.cpuNanoseconds) / 1e9)]
        }
        let folder = assembly.settings.folder
        metrics.collected("apus_disk_bytes", "The disk of the data folder", .gauge) {
            // A disk that does not answer has no numbers; doctor and the log say why.
            guard let space = try? RealFileSystem().space(folder) else { return [] }
            return [
                .number([("state", "free")], Double(space.free)),
                .number([("state", "total")], Double(space.total)),
            ]
        }
        metrics.computed("apus_jobs_running", "Background jobs") { [jobs = assembly.jobs] in
            Double(jobs.count)
        }
        let pools = [("disk", assembly.workers), ("passwords", assembly.hashers)]
        metrics.collected("apus_queue_length", "Work that waits for a thread", .gauge) {
            pools.map { .number([("queue", $0.0)], Double($0.1.queued)) }
        }
    }

    /// What a server adds.
    func expose(_ server: HTTPServer, _ wire: WireCounts) {
        metrics.computed("apus_http_connections", "Open connections") {
            Double(server.connections)
        }
        metrics.collected("apus_http_bytes_total", "Bytes of requests and answers", .counter) {
            [
                .number([("direction", "received")], Double(wire.received.value)),
                .number([("direction", "sent")], Double(wire.sent.value)),
            ]
        }
    }
}
