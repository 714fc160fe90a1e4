// What the simulated disk holds: for each file and each name, what is on the platter and what the
// programs see, and the changes between the two that no sync has made durable yet.
//
// The model is what POSIX promises and no more:
// - `seen` is the page cache: every write and truncation is there at once.
// - `platter` changes only by `sync`, which applies the file's pending changes in order, and by a
//   crash, which applies any part of them: each 512-byte sector of each pending write and each
//   change of size is kept or lost by itself, so writes are torn and reordered.
// - A name is pending until its folder is synced; a crash keeps or loses each pending change of a
//   name by itself. A rename stays one step.
// - A failed sync keeps any part of the pending changes and forgets the rest: reads still see it,
//   a later good sync does not write it (fsyncgate, 2018).
//
// All is a value, so a copy of the disk is a copy of the struct. Names are walked in sorted order:
// the same seed gives the same disk.

internal import Bytes

/// A change of a file's content that is not durable yet.
enum PendingChange {
    case write([UInt8], at: Int)
    case resize(Int)
}

/// A change of names that is not durable yet.
struct PendingName {
    /// The folder whose sync makes it durable.
    var folder: String
    var removes: String?
    var adds: String?
    var file: Int
}

struct SimulatedContent {
    var seen: [UInt8] = []
    var platter: [UInt8] = []
    var pending: [PendingChange] = []

    mutating func change(_ change: PendingChange) {
        Self.apply(change, to: &seen)
        pending.append(change)
    }

    /// A good sync.
    mutating func settle() {
        for change in pending { Self.apply(change, to: &platter) }
        pending.removeAll()
    }

    /// A failed sync or a crash: what reaches the platter is drawn by lot.
    mutating func settlePartly(_ random: inout RandomSource) {
        switch random.below(4) {
        case 0: break
        case 1:
            let kept = random.below(pending.count + 1)
            for change in pending[..<kept] { Self.apply(change, to: &platter) }
            if kept < pending.count { Self.tear(pending[kept], &platter, &random) }
        default:
            for change in pending { Self.tear(change, &platter, &random) }
        }
        pending.removeAll()
    }

    private static func tear(
        _ change: PendingChange, _ bytes: inout [UInt8], _ random: inout RandomSource
    ) {
        switch change {
        case .resize:
            if random.oneIn(2) { apply(change, to: &bytes) }
        case .write(let data, let offset):
            // The size may be kept without the data; sectors are kept one by one, mostly.
            let likely = [1, 2, 8][random.below(3)]
            var start = 0
            while start < data.count {
                let end = min(
                    (offset + start) / sectorBytes * sectorBytes + sectorBytes - offset, data.count)
                if !random.oneIn(likely + 1) {
                    apply(.write(Array(data[start..<end]), at: offset + start), to: &bytes)
                }
                start = end
            }
        }
    }

    private static func apply(_ change: PendingChange, to bytes: inout [UInt8]) {
        switch change {
        case .resize(let size):
            if size < bytes.count {
                bytes.removeLast(bytes.count - size)
            } else {
                bytes += [UInt8](repeating: 0, count: size - bytes.count)
            }
        case .write(let data, let offset):
            let end = offset + data.count
            if end > bytes.count { apply(.resize(end), to: &bytes) }
            bytes.replaceSubrange(offset..<end, with: data)
        }
    }
}

/// The grain at which a disk writes all or nothing.
private let sectorBytes = 512

struct SimulatedDisk {
    var random: RandomSource
    var capacity: Int?
    var files: [SimulatedContent] = []
    var folders: Set<String> = [".", "/"]
    var seenNames: [String: Int] = [:]
    var platterNames: [String: Int] = [:]
    var pendingNames: [PendingName] = []
    var locks: Set<String> = []
    /// Grows with each crash: handles of an earlier life fail.
    var life = 0

    /// Changing operations so far.
    var operations = 0
    var haltAt: Int?
    var isHalted = false
    var faults: [SimulatedFault] = []

    mutating func changeName(_ change: PendingName) {
        Self.apply(change, to: &seenNames)
        pendingNames.append(change)
    }

    mutating func settleNames(of folder: String) {
        for change in pendingNames where change.folder == folder {
            Self.apply(change, to: &platterNames)
        }
        pendingNames.removeAll { $0.folder == folder }
    }

    private static func apply(_ change: PendingName, to names: inout [String: Int]) {
        if let old = change.removes, names[old] == change.file { names[old] = nil }
        if let new = change.adds { names[new] = change.file }
    }

    /// Loses what was not synced, as the generator decides; nothing is open or locked afterwards.
    mutating func crash(_ random: inout RandomSource) {
        let keepAll = random.oneIn(4)
        let keepNone = !keepAll && random.oneIn(3)
        for change in pendingNames where keepAll || (!keepNone && random.oneIn(2)) {
            Self.apply(change, to: &platterNames)
        }
        pendingNames.removeAll()
        seenNames = platterNames
        for index in files.indices {
            if !files[index].pending.isEmpty { files[index].settlePartly(&random) }
            files[index].seen = files[index].platter
        }
        locks.removeAll()
        faults.removeAll()
        haltAt = nil
        isHalted = false
        life += 1
    }

    /// Bytes that named files take.
    var used: Int {
        Set(seenNames.values).reduce(0) { $0 + files[$1].seen.count }
    }

    /// Bytes by which a file may grow.
    var room: Int { capacity.map { max(0, $0 - used) } ?? .max }

    /// Names straight in `folder`, files and folders, sorted.
    func names(in folder: String) -> [String] {
        let all = Array(seenNames.keys) + folders.filter { $0 != folder && $0 != "." && $0 != "/" }
        return all.filter { parentPath($0) == folder }
            .map { path in
                path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
            }
            .sorted()
    }
}
