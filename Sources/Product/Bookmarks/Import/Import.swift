// An import in progress: bytes of the file in, rows and a job's row out. The caller brings the
// bytes as they arrive, so a file of any length takes the memory of one batch and of what its
// reader keeps, plus 16 bytes for each address seen (repeats in one file are told from what was
// there before).
//
// A file that cannot be read to its end: nothing of it was read, then the import fails and has
// changed nothing; or something was, then that stays and the report says where the file broke.
//
// Crash: batches that were written stay, whole; the job's row says `running` and its process is
// gone, so it is shown as interrupted. The same file again goes on, since all of it is idempotent.

import Bytes
import Platform
import Text

/// Takes a file's bytes and imports them. One owner; not shared.
package struct Import: Sendable {
    /// The job as it is now.
    package private(set) var job: ImportJob

    private let bookmarks: Bookmarks
    private let user: UserID
    private let context: Context
    /// What a bookmark is when the file does not say.
    private let isPrivateByDefault: Bool
    /// Until the format is known.
    private var head: [UInt8] = []
    /// Nil until the format is known.
    private var reader: (any BookmarkReader)?
    private var utf16: UTF16Text?
    private var seen: Set<AddressKey> = []
    /// Hosts whose icon the file brought, and the icons that are not kept yet.
    private var iconHosts: Set<IconHost> = []
    private var icons: [(host: IconHost, bytes: [UInt8])] = []
    private var pending: [ImportEntry] = []
    private var pendingIndex: [AddressKey: Int] = [:]
    private var ordinal: UInt32 = 0
    private var random: RandomSource
    private var storedAt: Timestamp
    /// Bookmarks added or changed since the index was brought up to date.
    private var unindexed = 0

    static let batchEntries = 400
    static let progressMilliseconds: Int64 = 500

    init(
        _ bookmarks: Bookmarks, _ user: UserID, bytesTotal: Int?,
        otherwisePrivate isPrivate: Bool, _ context: Context
    ) {
        self.isPrivateByDefault = isPrivate
        let now = bookmarks.clock.now
        self.bookmarks = bookmarks
        self.user = user
        self.context = context
        self.random = RandomSource(seed: bookmarks.secrets.randomNumber())
        self.storedAt = now
        self.job = ImportJob(
            id: bookmarks.newID(at: now), state: .running, problem: nil, bytesRead: 0,
            bytesTotal: bytesTotal, started: now, updated: now, report: ImportReport())
    }

    /// Takes the next bytes of the file, of any length.
    ///
    /// - Throws: `.notRead` when the format is none that is read (nothing was changed), database
    ///   errors. The job is then failed, and nothing more is taken.
    package mutating func feed(_ bytes: [UInt8]) async throws(BookmarksError) {
        do {
            try await take(bytes)
        } catch {
            await fail(error)
            throw error
        }
    }

    /// The file is over: does the rest and answers the report.
    package mutating func finish() async throws(BookmarksError) -> ImportReport {
        do {
            try recognise(isWhole: true)
            reader?.finish()
            try accept()
            try await flush(isLast: true)
            try await keepSearches()
            try await index()
            job.state = .done
            try await store()
            return job.report
        } catch {
            await fail(error)
            throw error
        }
    }

    /// The file will not come to its end (the sender went away, the process stops): what was done
    /// stays, and the job says so.
    package mutating func abandon() async { await fail(.interrupted) }

    private mutating func take(_ bytes: [UInt8]) async throws(BookmarksError) {
        precondition(job.state == .running, "an import that ended takes no bytes")
        job.bytesRead += bytes.count
        if reader == nil {
            head += bytes
            try recognise(isWhole: false)
        } else {
            read(bytes)
        }
        try accept()
        try await flush(isLast: false)
        let due = storedAt.adding(milliseconds: Import.progressMilliseconds)
        if bookmarks.clock.now > due { try await store() }
    }

    private mutating func recognise(isWhole: Bool) throws(BookmarksError) {
        guard reader == nil, isWhole || head.count >= FileFormat.headBytes else { return }
        var start = head
        head = []
        if var decoder = UTF16Text(mark: start) {
            start = decoder.utf8(Array(start.dropFirst(2)))
            utf16 = decoder
        } else if start.starts(with: [0xef, 0xbb, 0xbf]) {
            start.removeFirst(3)
        }
        switch FileFormat.recognise(Array(start.prefix(FileFormat.headBytes))) {
        case .read(let reader): self.reader = reader
        case .notRead(let name, let reason): throw .notRead(format: name, reason: reason)
        }
        reader?.feed(start.bytes)
    }

    private mutating func read(_ bytes: [UInt8]) {
        guard utf16 != nil else {
            reader?.feed(bytes.bytes)
            return
        }
        let text = utf16?.utf8(bytes) ?? []
        reader?.feed(text.bytes)
    }

    /// Takes what the reader has, and looks whether it can go on.
    private mutating func accept() throws(BookmarksError) {
        guard let anchors = reader?.take(), let format = reader?.format else { return }
        job.report.format = format.rawValue
        for anchor in anchors {
            guard !anchor.isFeed else {
                job.report.feeds += 1
                continue
            }
            ordinal += 1
            let now = bookmarks.clock.now
            do throws(AddressProblem) {
                var entry = try ImportEntry(anchor, ordinal: ordinal, now: now)
                entry.isPrivateByDefault = isPrivateByDefault
                noteIcon(anchor, entry.address)
                accept(entry)
            } catch {
                refuse(line: anchor.line, anchor.url ?? "", error.reason)
            }
        }
        guard let fault = reader?.fault, job.report.fault == nil else { return }
        guard ordinal > 0 else {
            throw .notRead(
                format: format.rawValue, reason: "\(fault.reason) (line \(fault.line))")
        }
        job.report.fault = "Line \(fault.line): \(fault.reason). What stands before it was read."
    }

    private mutating func accept(_ entry: ImportEntry) {
        guard seen.contains(entry.key) else {
            seen.insert(entry.key)
            append(entry)
            return
        }
        job.report.duplicates += 1
        if let index = pendingIndex[entry.key] {
            let tags = FieldChecks.unique(pending[index].tags + entry.tags)
            pending[index].tags = Array(tags.prefix(Bookmark.tagsMax))
        } else if !entry.tags.isEmpty {
            var tagsOnly = entry
            tagsOnly.isRepeat = true
            append(tagsOnly)
        }
    }

    private mutating func noteIcon(_ anchor: ParsedAnchor, _ address: Address) {
        let host = IconHost(address)
        guard let text = anchor.icon, iconHosts.count < FileIcon.countMax,
            !iconHosts.contains(host), let bytes = FileIcon.bytes(of: text)
        else { return }
        iconHosts.insert(host)
        icons.append((host, bytes))
    }

    private mutating func append(_ entry: ImportEntry) {
        pendingIndex[entry.key] = pending.count
        pending.append(entry)
    }

    private mutating func refuse(line: Int, _ text: String, _ reason: String) {
        job.report.refusedCount += 1
        guard job.report.refused.count < ImportReport.refusedListedMax else { return }
        let shown = text.withoutProblems(allowsLines: false)
            .truncated(toCharacters: 200, bytesMax: 400)
        job.report.refused.append(.init(line: line, url: shown, reason: reason))
    }

    private mutating func flush(isLast: Bool) async throws(BookmarksError) {
        let now = bookmarks.clock.now
        var start = 0
        while pending.count - start >= (isLast ? 1 : Import.batchEntries) {
            let batch = Array(pending[start..<min(start + Import.batchEntries, pending.count)])
            start += batch.count
            let numbers = batch.map { _ in random.next() }
            let done = try await bookmarks.near(user, context) {
                (rows) async throws(BookmarksError) in
                try await rows.importBatch(batch, random: numbers, now: now)
            }
            job.report.added += done.tally.added
            job.report.updated += done.tally.updated
            job.report.unchanged += done.tally.unchanged
            unindexed += done.tally.added + done.tally.updated
            if let failure = done.failure { throw failure }
        }
        if !icons.isEmpty, isLast || icons.count >= 48 {
            _ = try await bookmarks.keepIcons(user, icons, context)
            icons = []
        }
        guard start > 0 else { return }
        if unindexed >= Indexer.marksMax { try await index() }
        pending.removeFirst(start)
        pendingIndex = [:]
        for (index, entry) in pending.enumerated() { pendingIndex[entry.key] = index }
    }

    /// Searches whose name is taken stay as the user has them.
    private mutating func keepSearches() async throws(BookmarksError) {
        for search in reader?.searches ?? [] {
            do {
                _ = try await bookmarks.saveSearch(
                    user, name: search.name, query: search.query, context)
            } catch .searchNameTaken {
                continue
            } catch .database(let error) {
                throw .database(error)
            } catch {
                refuse(line: search.line, search.name, "this saved search is not kept: \(error)")
            }
        }
    }

    /// Many at once: each block of the index is then written once for all of them. When another
    /// process is at it, that one does these too.
    private mutating func index() async throws(BookmarksError) {
        guard unindexed > 0 else { return }
        unindexed = 0
        let bookmarks = bookmarks
        _ = try await bookmarks.near(user, context) { (rows) async throws(BookmarksError) in
            try await bookmarks.settle(rows, roundMarks: Indexer.marksMax)
        }
    }

    private mutating func store() async throws(BookmarksError) {
        storedAt = bookmarks.clock.now
        job.updated = storedAt
        let item = job.item(of: user, process: bookmarks.process)
        try await bookmarks.near(user, context) { (rows) async throws(BookmarksError) in
            try await rows.store(item)
        }
    }

    /// Best effort: when the database is what failed, the row is left to be seen as interrupted.
    private mutating func fail(_ error: BookmarksError) async {
        guard job.state == .running else { return }
        job.state = error == .interrupted ? .interrupted : .failed
        if case .notRead(_, let reason) = error {
            job.problem = reason
        } else {
            job.problem = "\(error)"
        }
        pending = []
        do {
            try await store()
        } catch {
            job.problem = "\(job.problem ?? ""); its state could not be stored: \(error)"
        }
    }
}
