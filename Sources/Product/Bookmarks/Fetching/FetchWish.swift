// What waits to be fetched for one user, as rows of the user's partition: `f#` + a bookmark's id
// (its page), `f#~` + a host (its icon). The row `fetch` counts them, says who works on them and
// until when, and when the next is due. Rows and count change in one transaction, so the count is
// exact; who finds it wrong all the same puts it right.

import Bytes
import Platform

/// One row that waits.
struct FetchWish: Equatable, Sendable {
    enum Target: Equatable, Sendable {
        case page(BookmarkID)
        case icon(IconHost)
    }

    var target: Target
    /// Tries that failed for a reason that passes.
    var attempts: Int
    /// Not before.
    var next: Timestamp

    static let prefix = "f#"
    /// Behind the digits of ids, so that pages come first.
    private static let iconPrefix = "f#~"
    /// Waiting for one user, at most.
    static let waitingMax = 1000
    /// The pauses before another try: a minute, ten, an hour. Then it is given up.
    static let pauses: [Int64] = [60_000, 600_000, 3_600_000]
    /// When we were too busy ourselves, which is no try.
    static let busyPause: Int64 = 30_000

    init(_ target: Target, at time: Timestamp) {
        self.target = target
        self.attempts = 0
        self.next = time
    }

    var row: String {
        switch target {
        case .page(let id): FetchWish.prefix + id.text
        case .icon(let host): FetchWish.iconPrefix + host.text
        }
    }

    func item(of user: UserID) -> Item {
        [
            "user": user.partition, "row": .string(row), "attempts": .integer(attempts),
            "next": .time(next),
        ]
    }

    /// Nil when the row is not one of ours.
    init?(_ item: Item) {
        guard let row = item["row"]?.string, row.hasPrefix(FetchWish.prefix) else { return nil }
        if row.hasPrefix(FetchWish.iconPrefix) {
            guard let host = IconHost(String(row.dropFirst(FetchWish.iconPrefix.count))) else {
                return nil
            }
            self.target = .icon(host)
        } else {
            guard let id = BookmarkID(text: String(row.dropFirst(FetchWish.prefix.count))) else {
                return nil
            }
            self.target = .page(id)
        }
        self.attempts = Int(item["attempts"]?.integer ?? 0)
        self.next = item["next"]?.time ?? Timestamp(milliseconds: 0)
    }

    /// The wish after a try that failed for now; nil when it was the last.
    func postponed(_ answer: PageAnswer, now: Timestamp) -> FetchWish? {
        var later = self
        if answer == .busy {
            later.next = now.adding(milliseconds: FetchWish.busyPause)
            return later
        }
        guard attempts < FetchWish.pauses.count else { return nil }
        later.next = now.adding(milliseconds: FetchWish.pauses[attempts])
        later.attempts += 1
        return later
    }
}

/// The row `fetch` of a user.
struct FetchState: Equatable, Sendable {
    /// Rows that wait.
    var waiting = 0
    /// Icons of the user's own files, and hosts whose shared icon the user may see.
    var ownIcons = 0
    var hosts = 0
    /// Somebody works on the rows until then.
    var lease: Timestamp?
    /// When the next row is due; nil when one may be now.
    var due: Timestamp?

    static let row = "fetch"

    init(_ item: Item?) {
        self.waiting = Int(item?["waiting"]?.integer ?? 0)
        self.ownIcons = Int(item?["icons"]?.integer ?? 0)
        self.hosts = Int(item?["hosts"]?.integer ?? 0)
        self.lease = item?["lease"]?.time
        self.due = item?["due"]?.time
    }

    var hasRoom: Bool { waiting < FetchWish.waitingMax }

    /// Whether a job would find something to do.
    func isIdle(now: Timestamp) -> Bool {
        waiting == 0 || (lease.map { $0 > now } ?? false) || (due.map { $0 > now } ?? false)
    }
}

extension UserRows {
    func fetchState() async throws(BookmarksError) -> FetchState {
        FetchState(try await item(FetchState.row))
    }

    /// Adds wishes that are not there yet: a part of a transaction.
    func wishing(_ wishes: [FetchWish]) -> [WriteRequest] {
        wishes.map { put($0.item(of: user), if: .absent("row")) }
            + [fetchChange([.add("waiting", .integer(wishes.count)), .remove("due")])]
    }

    /// Takes a wish away that is done or given up: a part of a transaction.
    func granting(_ wish: FetchWish, _ more: [UpdateAction] = []) -> [WriteRequest] {
        [
            WriteRequest(
                table: BookmarkTable.name, .delete(key(wish.row)), if: .exists("row")),
            fetchChange([.add("waiting", .integer(-1))] + more),
        ]
    }

    func fetchChange(_ actions: [UpdateAction], if condition: Condition? = nil) -> WriteRequest {
        WriteRequest(
            table: BookmarkTable.name, .update(key(FetchState.row), actions), if: condition)
    }

    /// The first wishes that are due, at most `limit`; when there are none, all rows were counted.
    func wishes(dueAt now: Timestamp, limit: Int)
        async throws(BookmarksError) -> (due: [FetchWish], waiting: Int, next: Timestamp?)
    {
        var found: (due: [FetchWish], waiting: Int, next: Timestamp?) = ([], 0, nil)
        var request = QueryRequest(
            table: BookmarkTable.name, partition: user.partition,
            sort: .prefix(.string(FetchWish.prefix)), limit: 250)
        repeat {
            let page: Page
            do { page = try await database.query(request, context) } catch {
                throw .database(error)
            }
            for wish in page.items.compactMap(FetchWish.init) {
                found.waiting += 1
                if wish.next <= now {
                    found.due.append(wish)
                    if found.due.count == limit { return found }
                } else {
                    found.next = min(found.next ?? wish.next, wish.next)
                }
            }
            request.after = page.next
        } while request.after != nil
        return found
    }

    /// Does one write; false when its condition does not hold.
    func write(_ request: WriteRequest) async throws(BookmarksError) -> Bool {
        do {
            _ = try await database.write(request, context)
            return true
        } catch .conditionFailed {
            return false
        } catch { throw .database(error) }
    }
}
