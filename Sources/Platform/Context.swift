// What travels with every call of a port: until when an answer is wanted, on whose behalf, and
// which request it belongs to.

package import Bytes

/// A moment: milliseconds since 1970-01-01 00:00 UTC, as the wall clock says.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package init(seconds: Int64) { self.milliseconds = seconds * 1000 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment that many milliseconds later.
    package func adding(milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: self.milliseconds + milliseconds)
    }
}

/// Who asks. Ports that check access (the wire protocols' namespaces, later) look at it.
package enum Principal: Hashable, Sendable {
    /// The product itself, for everybody: sign-up, background work.
    case system
    /// A signed-in person, by id.
    case user(UInt64)
    /// Nobody is signed in.
    case anonymous
}

/// How fresh a read, and how widely kept a write, must be. A port says in its capabilities what
/// it can do; what it cannot is refused, never weakened.
package enum Consistency: Hashable, Sendable {
    /// What the table says.
    case tableDefault
    /// May be behind (any replica; a global index).
    case eventual
    /// Sees every write that was answered before.
    case strong
    /// Multi-master: `read` of the table's X replicas answer a read, `write` of them a write.
    case quorum(read: Int, write: Int)
}

/// The company of one call. Small and copied freely.
package struct Context: Sendable {
    /// After this the caller no longer waits: the call throws `deadlinePassed` when it notices.
    package var deadline: Timestamp?
    /// The request's trace id (W3C Trace Context), zero when there is none.
    package var trace: TraceID
    package var principal: Principal
    package var consistency: Consistency

    package init(
        principal: Principal, trace: TraceID = .none, deadline: Timestamp? = nil,
        consistency: Consistency = .tableDefault
    ) {
        self.principal = principal
        self.trace = trace
        self.deadline = deadline
        self.consistency = consistency
    }

    /// For the product's own work that no request asked for.
    package static let system = Context(principal: .system)
}
