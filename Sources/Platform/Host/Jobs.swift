/// Why background work was not taken.
package enum JobsError: Error, Equatable, Sendable {
    /// As many run as may; ask again later.
    case full(limit: Int)
    /// The process is stopping.
    case stopping
}

/// Work that goes on after the answer: it runs on a loop like a request, is counted, and the
/// process waits for it (within a bound) when it stops.
package protocol Jobs: Sendable {
    /// Starts `work` on the loop that owns `partition`'s data (any loop when nil).
    ///
    /// - Parameter name: for logs and the operator's page.
    /// - Parameter work: gets a check for "the process is stopping": long work asks it now and
    ///   then and ends early, in a state from which it can be told or go on.
    func start(
        _ name: String, near partition: Value?,
        _ work: @escaping @Sendable (_ stopping: @Sendable () -> Bool) async -> Void
    ) throws(JobsError)
}
