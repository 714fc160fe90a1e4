// The order of writes in one data folder. It never leaves the machine and appears in no API:
// what other machines and users see is a position in a tablet, or a version.

/// A place in the order of one data folder's commit log; 0 stands before everything.
@usableFromInline package struct Sequence: Comparable, Hashable, Sendable {
    /// On disk in log records, sorted sets and manifests.
    @usableFromInline package let rawValue: UInt64

    @inlinable package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Before every write.
    @inlinable package static var zero: Sequence { Sequence(0) }
    /// After every write: a read at it sees the newest.
    @inlinable package static var max: Sequence { Sequence(.max) }

    /// The one after; a log never reaches `max`.
    @inlinable package var next: Sequence { Sequence(rawValue + 1) }

    @inlinable package static func < (left: Sequence, right: Sequence) -> Bool {
        left.rawValue < right.rawValue
    }
}
