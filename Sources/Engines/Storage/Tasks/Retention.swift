// Which versions a flush or merge writes: of each key the newest, and of older ones those that a
// snapshot still sees. A deletion is dropped when nothing older is left out (bottom) and every
// snapshot is at or after it: what it hides is then dropped with it.

internal import Bytes
internal import Journal

/// Decides entry by entry, in order: keys ascending, versions of one key from new to old.
struct Retention: ~Copyable {
    private let snapshots: [Sequence]
    private let isBottom: Bool
    private var key = ByteBuffer(capacity: 64)
    private var hasKey = false
    /// The next newer version of the key, or `max`.
    private var newer = Sequence.max

    /// - Parameter snapshots: ascending.
    init(snapshots: [Sequence], isBottom: Bool) {
        self.snapshots = snapshots
        self.isBottom = isBottom
    }

    mutating func keeps(_ entryKey: RawSpan, _ sequence: Sequence, isDeletion: Bool) -> Bool {
        let isNewest = !hasKey || !entryKey.equals(key.bytes)
        if isNewest {
            key.clear()
            key.append(entryKey)
            hasKey = true
        }
        let newer = self.newer
        self.newer = sequence
        // A snapshot s sees this version when sequence <= s < newer.
        let isSeen = isNewest || snapshots.contains { sequence <= $0 && $0 < newer }
        guard isSeen else { return false }
        guard isDeletion, isBottom else { return true }
        return (snapshots.first ?? .max) < sequence
    }
}
