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

/// In words, for logs and operators. Never an item: what people keep is not the log's business.
extension DatabaseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .conditionFailed: "a condition does not hold"
        case .transactionCancelled(let reasons):
            "a transaction was refused: "
                + reasons.map { $0.description }.joined(separator: ", ")
        case .conflict: "another transaction holds a key"
        case .noSuchTable(let name): "there is no table \(name)"
        case .tableExists(let name): "there is a table \(name) already"
        case .noSuchIndex(let name, let table): "\(table) has no index \(name)"
        case .invalid(let text): "invalid: \(text)"
        case .tooLarge(let what, let bytes, let limit):
            "\(what) of \(bytes) bytes, at most \(limit)"
        case .invalidCursor: "the cursor is not of this request"
        case .trimmed: "the feed no longer keeps this position"
        case .unsupported(let text): "not supported: \(text)"
        case .overloaded(let text): "overloaded: \(text)"
        case .deadlinePassed: "the deadline has passed"
        case .full(let text): "no space: \(text)"
        case .readOnly(let text): "writes have stopped: \(text)"
        case .corrupt(let text): "damaged: \(text)"
        case .failed(let text): text
        case .closed: "the database is closed"
        }
    }
}

extension DatabaseError.CancellationReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .none: "-"
        case .conditionFailed: "condition"
        case .conflict: "conflict"
        case .invalid(let text): "invalid (\(text))"
        }
    }
}
