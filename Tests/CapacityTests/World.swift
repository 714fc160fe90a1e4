import Capacity
import Platform
import ProductFakes
import Synchronization

/// Capacity over fakes.
final class World: Sendable {
    let machine = FakeMachine()
    let clock = FakeClock()
    let capacity: Capacity
    let bookmarks: Shared<Int>
    let census: Shared<DatabaseError?>

    init() {
        let bookmarks = Shared(0)
        let failure = Shared<DatabaseError?>(nil)
        self.bookmarks = bookmarks
        self.census = failure
        self.capacity = Capacity(
            database: FakeDatabase(), clock: clock, machine: machine
        ) { () async throws(DatabaseError) in
            if let error = failure.withLock({ $0 }) { throw error }
            return Census(accounts: 2, bookmarks: bookmarks.withLock { $0 })
        }
    }
}

/// A value that a test and a fake share.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result {
        value.withLock(body)
    }
}
