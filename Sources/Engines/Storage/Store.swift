// A log-structured store: writes go to a memtable, memtables become sorted sets, sets are merged
// in the background (O'Neil et al., The Log-Structured Merge-Tree, 1996).
//
//   write ─► memtable ─► frozen memtables ─► sorted sets, from new to old
//   read  ─► the same way, and stops at the first version that it may see
//
// Owner: one shard, on its loop. Nothing here blocks, waits, knows the time or writes a file: a
// read that lacks a block answers which, work on disk is handed out as tasks. Durability is the
// commit log's, which holds every write before it comes here; what lies in sets is in no need of
// the log any more (`lowWater`).

internal import Bytes
package import Host
package import Journal

/// What a get found.
package enum Read<Value> {
    /// What the caller made of the value, and the sequence that wrote it.
    case value(Value, Sequence)
    /// The key was deleted by that sequence.
    case deleted(Sequence)
    case absent
    /// Read that block (`blockRequest`), `supply` it, and repeat the call.
    case needs(BlockID)
}

/// One shard's rows on disk and in RAM. One owner; no call blocks but `open`.
package struct Store: ~Copyable {
    private let folder: String
    private let options: StoreOptions
    private var memtable = Memtable()
    /// The newest last.
    private var frozen: [Memtable] = []
    /// The newest first.
    private var sets: [SortedSet]
    /// Replaced by compaction, perhaps still read by somebody.
    private var obsolete: [SortedSet] = []
    private var manifest: Manifest
    private var cache: BlockCache
    /// Blocks of the plain `get` that waits.
    private var pins = BlockPins()
    /// Sequences that readers hold, ascending, with repetitions.
    private var snapshots: [Sequence] = []
    private var taskIsRunning = false
    private var counters = StoreStatistics()

    /// The last sequence applied.
    package private(set) var lastSequence: Sequence

    /// Why the store writes no more (a sync failed); reads go on. nil while all is well.
    package private(set) var failure: StorageError?

    private init(
        folder: String, options: StoreOptions, manifest: Manifest, sets: [SortedSet]
    ) {
        self.folder = folder
        self.options = options
        self.manifest = manifest
        self.sets = sets
        self.cache = BlockCache(bytesMax: options.cacheBytesMax)
        self.lastSequence = manifest.flushedThrough
    }

    /// Opens the store in `folder`, or makes it; removes files that no manifest names.
    ///
    /// Blocks: before the loop starts. Then records of the commit log after `flushedThrough` are
    /// to be applied again.
    ///
    /// - Throws: `corrupt`, `unknownFormat`, `manifestMissing`, `setMissing`, `file`.
    package static func open(
        _ fileSystem: any FileSystem, folder: String, options: StoreOptions = StoreOptions()
    ) throws(StorageError) -> Store {
        try ioFile { () throws(FileError) in
            try fileSystem.createDirectory(folder)
            try fileSystem.syncDirectory(parentPath(folder))
        }
        let names = try ioFile { () throws(FileError) in try fileSystem.list(folder) }
        guard let manifest = try Manifest.read(fileSystem, folder: folder) else {
            guard !names.contains(where: { $0.hasSuffix(".set") }) else {
                throw .manifestMissing(folder: folder)
            }
            let manifest = Manifest()
            try ioFile { () throws(FileError) in try manifest.write(fileSystem, folder: folder) }
            return Store(folder: folder, options: options, manifest: manifest, sets: [])
        }
        var sets: [SortedSet] = []
        for entry in manifest.sets {
            let set = try SortedSet.open(fileSystem, folder: folder, number: entry.number)
            guard set.bytes == entry.bytes else {
                throw .corrupt(path: set.path, offset: set.bytes, reason: .length)
            }
            sets.append(set)
        }
        let known = Set(manifest.sets.map { SetFormat.fileName($0.number) })
        for name in names where name != Manifest.fileName && !known.contains(name) {
            guard name.hasSuffix(".set") || name.hasSuffix(".new") else { continue }
            try ioFile { () throws(FileError) in try fileSystem.remove(folder + "/" + name) }
        }
        return Store(folder: folder, options: options, manifest: manifest, sets: sets)
    }

    /// Whether there is a store in `folder`.
    package static func exists(
        _ fileSystem: any FileSystem, folder: String
    ) throws(StorageError) -> Bool {
        try ioFile { () throws(FileError) in
            try fileSystem.exists(folder + "/" + Manifest.fileName)
        }
    }

    // MARK: Writes

    /// Applies a batch; all of it is visible at once, under one sequence.
    ///
    /// - Parameter sequence: greater than every one before.
    /// - Complexity: O(log n) for each operation; copies keys and values.
    package mutating func apply(_ batch: borrowing WriteBatch, at sequence: Sequence) {
        apply(batch.bytes, at: sequence)
    }

    /// The same for the encoded form of a batch, as it lies in a log record.
    package mutating func apply(_ operations: RawSpan, at sequence: Sequence) {
        precondition(sequence > lastSequence && sequence < .max)
        if memtable.bytes >= options.memtableBytesMax
            || memtable.entries >= options.memtableEntriesMax
        {
            freeze()
        }
        var reader = BatchReader(operations)
        while reader.next() {
            memtable.insert(key: reader.key, value: reader.value, sequence: sequence)
        }
        precondition(reader.isAtEnd, "a batch that was not checked")
        lastSequence = sequence
    }

    /// Freezes the memtable, if there is anything in it, so that the next task flushes it (at
    /// shutdown, or when the commit log waits for this store).
    package mutating func freeze() {
        guard !memtable.isEmpty else { return }
        memtable.freeze()
        frozen.append(memtable)
        memtable = Memtable()
    }

    /// Whether more writes should be let in; `apply` itself never refuses, since what it gets is
    /// in the log already.
    package var pressure: StorePressure {
        if frozen.count >= options.frozenTablesMax || sets.count >= options.setsMax * 2 {
            return .stop
        }
        return sets.count >= options.setsMax ? .slow : .none
    }

    // MARK: Reads

    /// Reads one key.
    ///
    /// - Parameter sequence: `max` for the newest, or one that `snapshot` gave.
    /// - Parameter body: gets the value, borrowed.
    /// - Complexity: O(log n) in memtables, and in each set that covers the key until one has it.
    package mutating func get<Value, Failure: Error>(
        _ key: RawSpan, at sequence: Sequence = .max,
        _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Read<Value> {
        var own = BlockPins()
        swap(&own, &pins)
        defer { swap(&own, &pins) }
        return try get(key, at: sequence, pins: &own, body)
    }

    /// Reads one key, for a read that may be parked beside others: it keeps its blocks in `pins`
    /// while it waits, and lets them go when it is done.
    package mutating func get<Value, Failure: Error>(
        _ key: RawSpan, at sequence: Sequence = .max, pins: inout BlockPins,
        _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Read<Value> {
        if let entry = findInMemory(key, at: sequence) {
            pins.clear()
            if entry.isDeletion { return .deleted(entry.sequence) }
            return .value(try body(entry.value), entry.sequence)
        }
        switch findInSets(key, at: sequence, pins: &pins) {
        case .absent:
            pins.clear()
            return .absent
        case .needs(let id): return .needs(id)
        case .found(let block, let entry):
            pins.clear()
            if entry.isDeletion { return .deleted(entry.sequence) }
            return .value(try body(block.span.piece(entry.value)), entry.sequence)
        }
    }

    private func findInMemory(_ key: RawSpan, at sequence: Sequence) -> MemtableEntry? {
        if let entry = memtable.find(key, at: sequence) { return entry }
        var index = frozen.count
        while index > 0 {
            index -= 1
            if let entry = frozen[index].find(key, at: sequence) { return entry }
        }
        return nil
    }

    private mutating func findInSets(
        _ key: RawSpan, at sequence: Sequence, pins: inout BlockPins
    ) -> SetFinding {
        for position in sets.indices where sets[position].covers(key) {
            let finding = find(key, at: sequence, in: sets[position], &pins)
            switch finding {
            case .absent: continue
            case .found: return finding
            case .needs:
                holdPath(to: position, key, at: sequence, &pins)
                return finding
            }
        }
        return .absent
    }

    private mutating func find(
        _ key: RawSpan, at sequence: Sequence, in set: SortedSet, _ pins: inout BlockPins
    ) -> SetFinding {
        set.find(key, at: sequence) { id in
            if !pins.isEmpty, let block = pins.find(id) { return block }
            return cache.find(id)
        }
    }

    /// Keeps the blocks that a get has passed before it lacked one.
    private func holdPath(
        to last: Int, _ key: RawSpan, at sequence: Sequence, _ pins: inout BlockPins
    ) {
        for position in 0...last where sets[position].covers(key) {
            _ = sets[position].find(key, at: sequence) { id in
                guard let block = pins.find(id) ?? cache.peek(id) else { return nil }
                pins.hold(block)
                return block
            }
        }
    }

    /// A cursor over the rows of `range`, which stands before the first step's row.
    ///
    /// - Parameter sequence: `max` for all that is applied now, or one that `snapshot` gave.
    /// - Parameter deletions: whether steps also stop at deleted keys.
    /// - Complexity: O(memtables + sets).
    package func cursor(
        _ range: KeyRange, _ direction: Direction = .forward, at sequence: Sequence = .max,
        deletions: Bool = false
    ) -> Cursor {
        var sources: [EntrySource] = []
        sources.reserveCapacity(1 + frozen.count + sets.count)
        if !memtable.isEmpty { sources.append(.memory(MemoryCursor(memtable))) }
        for table in frozen.reversed() { sources.append(.memory(MemoryCursor(table))) }
        for set in sets where set.overlaps(range) { sources.append(.set(SetCursor(set))) }
        return Cursor(
            sources, range, direction, at: min(sequence, lastSequence), withDeletions: deletions)
    }

    /// Goes to the next row. After `needs` the same step is repeated once the block has come.
    ///
    /// - Complexity: amortised O(log sets) comparisons; no allocation once warm.
    package mutating func next(_ cursor: inout Cursor) -> Step { cursor.step(&cache) }

    // MARK: Blocks

    /// The reading of a block that a get or a step asked for, to be run on a worker.
    package func blockRequest(_ id: BlockID) -> BlockRequest {
        let known = sets.first { $0.number == id.set } ?? obsolete.first { $0.number == id.set }
        guard let known else { preconditionFailure("a block of a set that nobody holds") }
        return BlockRequest(set: known, id: id)
    }

    /// Takes a block that was read into the cache.
    package mutating func supply(_ block: Block) { cache.insert(block) }

    // MARK: Snapshots

    /// The state of now: reads at this sequence see it until `release`.
    package mutating func snapshot() -> Sequence {
        snapshots.append(lastSequence)
        return lastSequence
    }

    /// Ends one use of a snapshot.
    package mutating func release(_ snapshot: Sequence) {
        guard let index = snapshots.lastIndex(of: snapshot) else {
            preconditionFailure("a snapshot that nobody holds")
        }
        snapshots.remove(at: index)
    }

    // MARK: Background work

    /// All writes up to here are in the sets, durably: records of the commit log up to it are not
    /// to be applied again.
    package var flushedThrough: Sequence { manifest.flushedThrough }

    /// The store needs no record of the commit log up to here; `max` when it needs none at all.
    package var lowWater: Sequence {
        if let oldest = frozen.first { return Sequence(oldest.firstSequence.rawValue - 1) }
        return memtable.isEmpty ? .max : Sequence(memtable.firstSequence.rawValue - 1)
    }

    /// Work that is due, one at a time; nil while there is none or one is under way.
    ///
    /// - Parameter durable: how far the commit log is on disk. Nothing newer is flushed, else a
    ///   crash could keep a write in this store that the log, and so another shard, has lost.
    /// - Parameter idle: load is low and the interval of the second trigger of LS-7 has passed.
    /// - Parameter merging: false while a merge that failed is not to be tried again yet.
    package mutating func nextTask(
        durable: Sequence, idle: Bool = false, merging: Bool = true
    ) -> StorageTask? {
        guard !taskIsRunning, failure == nil else { return nil }
        if let oldest = frozen.first, oldest.lastSequence <= durable {
            return start(.flush(FrozenTable(oldest)), isBottom: sets.isEmpty)
        }
        let unread = takeUnread()
        if !unread.isEmpty { return start(.remove(unread), isBottom: false) }
        guard merging else { return nil }
        if let run = CompactionPolicy.choose(sets.map(\.bytes), options, idle: idle) {
            return start(.merge(Array(sets[run])), isBottom: run.upperBound == sets.count)
        }
        return nil
    }

    private mutating func start(_ kind: StorageTask.Kind, isBottom: Bool) -> StorageTask {
        taskIsRunning = true
        let number = manifest.nextNumber
        manifest.nextNumber += 1
        return StorageTask(
            kind: kind, folder: folder, options: options, manifest: manifest, number: number,
            snapshots: snapshots, isBottom: isBottom)
    }

    /// Obsolete sets that nobody else holds.
    private mutating func takeUnread() -> [SortedSet] {
        var unread: [SortedSet] = []
        var index = obsolete.count
        while index > 0 {
            index -= 1
            if isKnownUniquelyReferenced(&obsolete[index]) {
                unread.append(obsolete.remove(at: index))
            }
        }
        return unread
    }

    /// Takes over what a task has done.
    ///
    /// - Throws: why the task failed; the store is then as it was and `nextTask` offers the work
    ///   again, unless `failure` is set.
    package mutating func complete(_ result: TaskResult) throws(StorageError) {
        precondition(taskIsRunning)
        taskIsRunning = false
        switch result.outcome {
        case .done(let set, let next):
            install(set, next, result.kind)
        case .failed(let error):
            counters.failedTasks += 1
            // Files that could not be removed are tried again with the next ones.
            if case .remove(let sets) = result.kind { obsolete += sets }
            if case .file(.syncFailed) = error { failure = error }
            throw error
        case .unknown(let error):
            counters.failedTasks += 1
            failure = error
            throw error
        }
    }

    private mutating func install(
        _ set: SortedSet?, _ next: Manifest, _ kind: StorageTask.Kind
    ) {
        manifest = next
        counters.bytesWritten += set?.bytes ?? 0
        switch kind {
        case .remove: break
        case .flush(let flushed):
            precondition(frozen.first === (unsafe flushed.table))
            frozen.removeFirst()
            if let set { sets.insert(set, at: 0) }
            counters.flushes += 1
        case .merge(let inputs):
            guard let place = sets.firstIndex(where: { $0 === inputs[0] }) else {
                preconditionFailure("a merge of sets that are not the store's")
            }
            sets.replaceSubrange(place..<place + inputs.count, with: set.map { [$0] } ?? [])
            obsolete += inputs
            for input in inputs { cache.removeAll(ofSet: input.number) }
            counters.compactions += 1
        }
    }

    /// Figures of now.
    package var statistics: StoreStatistics {
        var figures = counters
        figures.sets = sets.count
        for set in sets {
            figures.setBytes += set.bytes
            figures.setEntries += set.properties.entries
            figures.setTombstones += set.properties.deletions
        }
        figures.memtableBytes = memtable.bytes
        figures.memtableEntries = memtable.entries
        figures.frozenTables = frozen.count
        figures.frozenBytes = frozen.reduce(0) { $0 + $1.bytes }
        figures.cacheBytes = cache.bytes
        figures.cacheHits = cache.hits
        figures.cacheMisses = cache.misses
        return figures
    }
}
