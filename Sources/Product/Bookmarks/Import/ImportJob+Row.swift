import Platform
import Text

extension ImportJob {
    /// After so long without progress a running job of another process is taken for dead.
    /// A running one writes its row twice a second while bytes come; one whose sender pauses longer
    /// looks interrupted to other processes only, and runs again with its next bytes.
    static let silentMilliseconds: Int64 = 5_000
    static let keptSeconds: Int64 = 30 * 86_400

    func item(of user: UserID, process: UInt64) -> Item {
        let refused = report.refused.map { refusal in
            Value.map([
                "line": .integer(refusal.line), "url": .string(refusal.url),
                "reason": .string(refusal.reason),
            ])
        }
        var item: Item = [
            "user": user.partition, "row": .string(BookmarkTable.jobRow(id)),
            "state": .string(state.rawValue), "read": .integer(bytesRead),
            "started": .time(started), "updated": .time(updated),
            "process": .number(Number(process)), "format": .string(report.format),
            "added": .integer(report.added), "changed": .integer(report.updated),
            "unchanged": .integer(report.unchanged), "feeds": .integer(report.feeds),
            "duplicates": .integer(report.duplicates), "refused": .list(refused),
            "refusedCount": .integer(report.refusedCount),
            "expires": .integer(updated.milliseconds / 1000 + ImportJob.keptSeconds),
        ]
        if let fault = report.fault { item["fault"] = .string(fault.truncated(toCharacters: 500)) }
        if let problem { item["problem"] = .string(problem.truncated(toCharacters: 500)) }
        if let bytesTotal { item["total"] = .integer(bytesTotal) }
        return item
    }

    /// - Parameter process: the reader's; a running job of another one is interrupted when it has
    ///   been silent.
    init(_ item: Item, now: Timestamp, process: UInt64) throws(RecordError) {
        func number(_ name: String) throws(RecordError) -> Int {
            Int(try item.need(name, of: ImportJobRecord.self, \.integer))
        }
        self.id = try item.need("row", of: ImportJobRecord.self) { value in
            value.string.flatMap { ImportJobID(text: String($0.dropFirst(2))) }
        }
        self.state = try item.need("state", of: ImportJobRecord.self) { value in
            value.string.flatMap(State.init(rawValue:))
        }
        self.problem = item["problem"]?.string
        self.bytesRead = try number("read")
        self.bytesTotal = item["total"]?.integer.map(Int.init)
        self.started = try item.need("started", of: ImportJobRecord.self, \.time)
        self.updated = try item.need("updated", of: ImportJobRecord.self, \.time)
        var report = ImportReport()
        report.format = item["format"]?.string ?? ""
        report.fault = item["fault"]?.string
        report.added = try number("added")
        report.updated = try number("changed")
        report.unchanged = try number("unchanged")
        report.duplicates = try number("duplicates")
        report.feeds = try number("feeds")
        report.refusedCount = try number("refusedCount")
        report.refused = (item["refused"]?.list ?? []).compactMap { value in
            guard let map = value.map else { return nil }
            return ImportReport.Refusal(
                line: Int(map["line"]?.integer ?? 0), url: map["url"]?.string ?? "",
                reason: map["reason"]?.string ?? "")
        }
        self.report = report
        let isSilent = updated.adding(milliseconds: ImportJob.silentMilliseconds) < now
        let isOwn = item["process"]?.number == Number(process)
        if state == .running, isSilent, !isOwn { self.state = .interrupted }
    }
}

/// Names the record in errors.
private struct ImportJobRecord: Record {
    static let table = BookmarkTable.name
    let key: Key
    let item: Item

    init(_ item: Item) throws(RecordError) {
        self.key = Key(
            try item.need("user", of: ImportJobRecord.self) { $0 },
            try item.need("row", of: ImportJobRecord.self) { $0 })
        self.item = item
    }
}
