// Reads all of a store's files and checks all that can be checked, for `apus doctor`: sums,
// structure, order over block borders, that each table leads where it says, and the counts.

internal import Bytes
package import Host
internal import Journal

/// What a scan of a store's folder found.
package struct VerifyReport: Sendable, Equatable {
    package var sets = 0
    package var blocks: UInt64 = 0
    package var entries: UInt64 = 0
    package var bytes: UInt64 = 0
    /// Each with file and offset; empty when all is well.
    package var problems: [StorageError] = []
    /// Files in the folder that the manifest does not name: left by a crash, removed at the next
    /// start.
    package var orphans: [String] = []

    package init() {}
}

extension Store {
    /// The format of the sorted sets that this program writes.
    package static var formatVersion: Int { Int(SetFormat.version) }

    /// Reads every block of the store in `folder`, which may be in use or not; blocks.
    ///
    /// - Returns: what was read and what is wrong; one bad block does not hide others.
    /// - Throws: `file` when the folder cannot be read at all.
    /// - Complexity: reads all bytes once.
    package static func verify(
        _ fileSystem: any FileSystem, folder: String
    ) throws(StorageError) -> VerifyReport {
        var report = VerifyReport()
        let names = try ioFile { () throws(FileError) in try fileSystem.list(folder) }
        let manifest: Manifest
        do throws(StorageError) {
            guard let found = try Manifest.read(fileSystem, folder: folder) else {
                throw .manifestMissing(folder: folder)
            }
            manifest = found
        } catch {
            report.problems.append(error)
            return report
        }
        let known = Set(manifest.sets.map { SetFormat.fileName($0.number) })
        report.orphans = names.filter { $0 != Manifest.fileName && !known.contains($0) }
        for entry in manifest.sets {
            do throws(StorageError) {
                let set = try SortedSet.open(fileSystem, folder: folder, number: entry.number)
                guard set.bytes == entry.bytes else {
                    throw .corrupt(path: set.path, offset: set.bytes, reason: .length)
                }
                verify(set, &report)
                report.sets += 1
                report.bytes += set.bytes
            } catch {
                report.problems.append(error)
            }
        }
        return report
    }

    private static func verify(_ set: SortedSet, _ report: inout VerifyReport) {
        var scan = SetScan(set)
        scan.run()
        report.problems += scan.problems
        report.blocks += scan.blocks
        report.entries += scan.entries
    }
}

/// One pass over a set.
private struct SetScan: ~Copyable {
    private let set: SortedSet
    private(set) var problems: [StorageError] = []
    private(set) var blocks: UInt64 = 0
    private(set) var entries: UInt64 = 0
    private var deletions: UInt64 = 0
    private var lastKey: [UInt8] = []
    private var lastSequence = Sequence.zero
    private var isFirst = true

    init(_ set: SortedSet) { self.set = set }

    mutating func run() {
        var pages: [(last: [UInt8], sequence: Sequence, id: BlockID)] = []
        targets(of: set.index, into: &pages)
        for page in pages {
            guard let block = read(page.id) else { continue }
            var targets: [(last: [UInt8], sequence: Sequence, id: BlockID)] = []
            self.targets(of: block, into: &targets)
            guard let end = targets.last, end.last == page.last, end.sequence == page.sequence
            else {
                disagree(page.id.offset)
                continue
            }
            for target in targets {
                guard let data = read(target.id) else { continue }
                scan(data)
                if lastKey != target.last || lastSequence != target.sequence {
                    disagree(target.id.offset)
                }
            }
        }
        let properties = set.properties
        if problems.isEmpty,
            entries != properties.entries || deletions != properties.deletions
                || lastKey != properties.lastKey
        {
            disagree(set.index.id.offset)
        }
    }

    private mutating func read(_ id: BlockID) -> Block? {
        do throws(StorageError) {
            let block = try set.read(id)
            blocks += 1
            return block
        } catch {
            problems.append(error)
            // What comes next is not the set's first entry.
            isFirst = false
            return nil
        }
    }

    private mutating func disagree(_ offset: UInt64) {
        problems.append(.corrupt(path: set.path, offset: offset, reason: .disagreement))
    }

    /// The entries of a table: last key, sequence, place.
    private func targets(
        of block: Block, into targets: inout [(last: [UInt8], sequence: Sequence, id: BlockID)]
    ) {
        var key: [UInt8] = []
        var offset = 0
        while offset < block.entriesEnd {
            let entry = block.entry(at: offset)
            key = Array(key.prefix(entry.shared)) + [UInt8](copying: block.span.piece(entry.suffix))
            targets.append((key, entry.sequence, block.target(of: entry)))
            offset = entry.end
        }
    }

    /// Counts a block's entries and checks that its first comes after what came before: inside,
    /// the order was checked when it was read.
    private mutating func scan(_ block: Block) {
        var key: [UInt8] = []
        var offset = 0
        var sequence = Sequence.zero
        while offset < block.entriesEnd {
            let entry = block.entry(at: offset)
            key = Array(key.prefix(entry.shared)) + [UInt8](copying: block.span.piece(entry.suffix))
            sequence = entry.sequence
            if offset == 0 {
                let order = lastKey.bytes.compare(key.bytes)
                let follows = order < 0 || (order == 0 && lastSequence > sequence)
                if isFirst ? key != set.properties.firstKey : !follows { disagree(block.id.offset) }
                isFirst = false
            }
            entries += 1
            if entry.isDeletion { deletions += 1 }
            offset = entry.end
        }
        lastKey = key
        lastSequence = sequence
    }
}
