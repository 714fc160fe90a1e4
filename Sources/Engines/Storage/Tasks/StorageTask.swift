// Work that blocks, for a worker: flush a frozen memtable, merge sorted sets, remove files that
// nobody reads any more. A task has all that it needs (frozen structures, the manifest as it is);
// one task of a store is under way at a time, so nobody else writes the manifest meanwhile.
//
// Order on disk: new set, its sync, sync of the folder, then the manifest by rename and sync of the
// folder again. Until that rename the store is what it was, and a failed task removes its file.
// When it is not known whether the rename is durable, the file stays: a manifest that may be
// there after a crash names it.

package import Host
internal import Journal

/// One piece of background work. Made by `Store.nextTask`, its result goes to `Store.complete`.
package struct StorageTask: Sendable {
    enum Kind: Sendable {
        case flush(FrozenTable)
        /// Sets next to each other in age, the newest first.
        case merge([SortedSet])
        case remove([SortedSet])
    }

    let kind: Kind
    let folder: String
    let options: StoreOptions
    /// As it is now, with the numbers of running tasks taken.
    let manifest: Manifest
    /// Number of the set to be written.
    let number: UInt64
    /// Sequences that readers hold, ascending.
    let snapshots: [Sequence]
    /// Whether no older set is left out, so that deletions can end here.
    let isBottom: Bool

    /// What it is, for logs: "flush", "merge" or "remove".
    package var name: StaticString {
        switch kind {
        case .flush: "flush"
        case .merge: "merge"
        case .remove: "remove"
        }
    }

    package var isMerge: Bool { if case .merge = kind { true } else { false } }

    /// Does the work; blocks for milliseconds to minutes, so never on a loop.
    ///
    /// - Returns: what happened, errors included: give it to `Store.complete` in any case.
    package func run(_ fileSystem: any FileSystem) -> TaskResult {
        do throws(StorageError) {
            switch kind {
            case .remove(let sets):
                for set in sets { try remove(set.path, fileSystem) }
                return TaskResult(kind: kind, outcome: .done(nil, manifest))
            case .flush(let frozen):
                let source = EntrySource.memory(MemoryCursor(unsafe frozen.table))
                let set = try writeSet([source], [], fileSystem)
                var next = manifest
                next.flushedThrough = unsafe frozen.table.lastSequence
                if let set { next.sets.insert(entry(of: set), at: 0) }
                return install(set, next, fileSystem)
            case .merge(let inputs):
                let set = try writeSet(inputs.map { .set(SetCursor($0)) }, inputs, fileSystem)
                var next = manifest
                let numbers = inputs.map(\.number)
                let place = next.sets.firstIndex { numbers.contains($0.number) } ?? 0
                next.sets.removeAll { numbers.contains($0.number) }
                if let set { next.sets.insert(entry(of: set), at: place) }
                return install(set, next, fileSystem)
            }
        } catch {
            return TaskResult(kind: kind, outcome: .failed(error))
        }
    }

    private func entry(of set: SortedSet) -> Manifest.Entry {
        Manifest.Entry(number: set.number, bytes: set.bytes)
    }

    private func remove(_ path: String, _ fileSystem: any FileSystem) throws(StorageError) {
        do throws(FileError) {
            try fileSystem.remove(path)
        } catch {
            if case .notFound = error { return }
            throw .file(error)
        }
    }

    /// Makes the new manifest the store's.
    private func install(
        _ set: SortedSet?, _ next: Manifest, _ fileSystem: any FileSystem
    ) -> TaskResult {
        do throws(FileError) {
            if set != nil { try fileSystem.syncDirectory(folder) }
        } catch {
            // The manifest was not touched.
            return abandon(.file(error), fileSystem)
        }
        do throws(FileError) {
            try next.write(fileSystem, folder: folder)
            return TaskResult(kind: kind, outcome: .done(set, next))
        } catch {
            var isInPlace = true
            do throws(StorageError) {
                isInPlace = try Manifest.read(fileSystem, folder: folder) == next
            } catch {
                // Unreadable now: as if it were in place, which keeps the new set's file.
                isInPlace = true
            }
            if isInPlace { return TaskResult(kind: kind, outcome: .unknown(.file(error))) }
            return abandon(.file(error), fileSystem)
        }
    }

    /// A failure before the manifest changed: the new file goes.
    private func abandon(_ error: StorageError, _ fileSystem: any FileSystem) -> TaskResult {
        var result = TaskResult(kind: kind, outcome: .failed(error))
        result.leftover = removeOutput(fileSystem)
        return result
    }

    /// Removes the file being written; answers its path when it could not (the next start does).
    private func removeOutput(_ fileSystem: any FileSystem) -> String? {
        let path = folder + "/" + SetFormat.fileName(number)
        do throws(StorageError) {
            try remove(path, fileSystem)
            return nil
        } catch {
            return path
        }
    }

    /// Writes what is to be kept of the sources; nil when nothing is.
    private func writeSet(
        _ sources: [EntrySource], _ inputs: [SortedSet], _ fileSystem: any FileSystem
    ) throws(StorageError) -> SortedSet? {
        let path = folder + "/" + SetFormat.fileName(number)
        let handle = try ioFile { () throws(FileError) in try fileSystem.open(path, .create) }
        do throws(StorageError) {
            var writer = SetWriter(handle, number: number, options: options)
            var retention = Retention(snapshots: snapshots, isBottom: isBottom)
            var merge = MergeCursor(sources, .forward, from: .first)
            // Holds one block: the cursors keep those on which they stand.
            var cache = BlockCache(bytesMax: 0)
            while true {
                while let missing = merge.settle(&cache) {
                    guard let set = inputs.first(where: { $0.number == missing.set }) else {
                        preconditionFailure("a merge asks for a set that it does not read")
                    }
                    cache.insert(try set.read(missing))
                }
                guard merge.isValid else { break }
                try copy(merge.current, &retention, to: &writer)
                merge.advance()
            }
            guard !writer.isEmpty else {
                handle.close()
                try remove(path, fileSystem)
                return nil
            }
            let bytes = try writer.finish()
            handle.close()
            let set = try SortedSet.open(fileSystem, folder: folder, number: number)
            guard set.bytes == bytes else {
                throw .corrupt(path: path, offset: bytes, reason: .length)
            }
            return set
        } catch {
            handle.close()
            _ = removeOutput(fileSystem)
            throw error
        }
    }

    private func copy(
        _ source: EntrySource, _ retention: inout Retention, to writer: inout SetWriter
    ) throws(StorageError) {
        switch source {
        case .memory(let cursor):
            let entry = cursor.standing
            guard retention.keeps(entry.key, entry.sequence, isDeletion: entry.isDeletion) else {
                return
            }
            try writer.add(
                key: entry.key, sequence: entry.sequence,
                value: entry.isDeletion ? nil : entry.value)
        case .set(let cursor):
            guard retention.keeps(cursor.key, cursor.sequence, isDeletion: cursor.isDeletion)
            else { return }
            let (block, range) = cursor.value
            try writer.add(
                key: cursor.key, sequence: cursor.sequence,
                value: cursor.isDeletion ? nil : block.span.piece(range))
        }
    }
}

/// What became of a task.
package struct TaskResult: Sendable {
    enum Outcome: Sendable {
        /// On disk, durably: the new set, if one was needed, and the new manifest.
        case done(SortedSet?, Manifest)
        /// The store's files are as they were.
        case failed(StorageError)
        /// The manifest may or may not be the new one after a crash: no more writing.
        case unknown(StorageError)
    }

    let kind: StorageTask.Kind
    let outcome: Outcome
    /// A file that could not be removed; the next start removes it.
    var leftover: String?
}
