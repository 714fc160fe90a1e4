/// Why a database call did not do what was asked. Nothing is half done.
package enum DatabaseError: Error, Equatable, Sendable {
    /// The condition does not hold; the item when the request wished it.
    case conditionFailed(item: Item?)
    /// A transaction was refused; a reason for each of its writes, in order.
    case transactionCancelled([CancellationReason])
    /// Another transaction holds a key of this one, still after the waits allowed. Try again.
    case conflict
    case noSuchTable(String)
    case tableExists(String)
    case noSuchIndex(String, table: String)
    /// The request is wrong: what, and what is allowed.
    case invalid(String)
    /// Key or item over its limit, in bytes.
    case tooLarge(what: String, bytes: Int, limit: Int)
    /// The cursor is not one of ours, or not for this request.
    case invalidCursor
    /// The feed no longer keeps this position: rebuild by a scan.
    case trimmed
    /// The engine cannot do this; named by `DatabaseCapabilities`.
    case unsupported(String)
    /// Too much is waiting already. Try again later.
    case overloaded(String)
    case deadlinePassed
    /// No space on the disk; reads go on, writes again once there is space.
    case full(String)
    /// The disk failed a sync: writes have stopped for good, until a restart on a sound disk.
    case readOnly(String)
    /// Stored bytes fail their checksum; file and offset are in the text.
    case corrupt(String)
    /// The disk failed in another way.
    case failed(String)
    case closed

    /// Why one write of a cancelled transaction stood in the way; `none` when it did not.
    package enum CancellationReason: Equatable, Sendable {
        case none
        case conditionFailed(item: Item?)
        case conflict
        case invalid(String)
    }
}
