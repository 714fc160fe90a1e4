internal import Bytes
internal import Journal

/// A walk over the versions in a memtable. It stands on an entry, which never moves; its place in
/// the tree is found again when the table has changed since.
final class MemoryCursor {
    private let table: Memtable
    private var place: Memtable.Place?
    private(set) var entry: MemtableEntry?
    private var changes: UInt64 = 0

    init(_ table: Memtable) { self.table = table }

    var isValid: Bool { entry != nil }

    func seek(_ target: SeekTarget) {
        switch target {
        case .first: stand(table.first)
        case .last: stand(table.last)
        case .atOrAfter(let key): stand(table.lowerBound(key.bytes, .max))
        case .before(let key): stand(table.before(key.bytes, .max))
        }
    }

    func step(_ direction: Direction) {
        guard let place = currentPlace else { return }
        stand(direction == .forward ? table.next(place) : table.previous(place))
    }

    private var currentPlace: Memtable.Place? {
        guard let entry else { return nil }
        if changes == table.changes { return place }
        return table.lowerBound(entry.key, entry.sequence)
    }

    private func stand(_ place: Memtable.Place?) {
        self.place = place
        entry = place?.entry
        changes = table.changes
    }
}

/// Where a walk begins. Keys stand before all of their versions.
enum SeekTarget {
    case first
    case last
    /// The newest version of the first key at or after it.
    case atOrAfter([UInt8])
    /// The oldest version of the last key before it.
    case before([UInt8])
}
