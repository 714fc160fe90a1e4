// All that is done to one user's partition, in the words of bookmarks: reads, and the few changes
// that must be whole. Runs where the partition lives; nothing here leaves it.
//
// Invariant: an address row with an id and the bookmark of that id are written, changed and
// removed in one transaction, with the count and the bookmark's mark
// (`Search/UserRows+Marks.swift`) beside them. No crash leaves one without the other.

import Bytes
import Platform

struct UserRows: Sendable {
    let database: any Database
    let user: UserID
    let context: Context

    /// A change that lost a race is tried again from what is there now, so often at most.
    static let attemptsMax = 10

    func key(_ row: String) -> Key { Key(user.partition, .string(row)) }

    // MARK: Reading

    func item(_ row: String) async throws(BookmarksError) -> Item? {
        let request = GetRequest(table: BookmarkTable.name, key: key(row))
        do { return try await database.get(request, context) } catch { throw .database(error) }
    }

    func bookmark(_ id: BookmarkID) async throws(BookmarksError) -> Bookmark? {
        guard let item = try await item(BookmarkTable.bookmarkRow(id)) else { return nil }
        return try bookmark(item)
    }

    func bookmark(_ item: Item) throws(BookmarksError) -> Bookmark {
        do { return try Bookmark(item) } catch {
            throw .database(.corrupt("\(error.record) without a good \(error.attribute)"))
        }
    }

    func state(of address: AddressKey) async throws(BookmarksError) -> AddressState {
        AddressState(try await item(BookmarkTable.addressRow(address)))
    }

    /// Many rows by name, in calls of a hundred.
    func items(_ rows: [String]) async throws(BookmarksError) -> [Item?] {
        var items: [Item?] = []
        for start in stride(from: 0, to: rows.count, by: 100) {
            let requests = rows[start..<min(start + 100, rows.count)].map {
                GetRequest(table: BookmarkTable.name, key: key($0))
            }
            do { items += try await database.batchGet(requests, context) } catch {
                throw .database(error)
            }
        }
        return items
    }

    /// Bookmarks in the order of their ids from beyond `id`, at most `limit`, fewer only at the
    /// end.
    func bookmarks(beyond id: BookmarkID?, isForward: Bool, limit: Int)
        async throws(BookmarksError) -> [Bookmark]
    {
        var found: [Bookmark] = []
        found.reserveCapacity(min(limit, BookmarkPage.limitMax + 1))
        var request = QueryRequest(
            table: BookmarkTable.name, partition: user.partition,
            sort: .prefix(.string(BookmarkTable.bookmarkPrefix)), isForward: isForward)
        if let id {
            let bound = SortRange.Bound(
                .string(BookmarkTable.bookmarkRow(id)), isIncluded: false)
            // "b$" is the first text after all that begins with "b#".
            request.sort =
                isForward
                ? .range(lower: bound, upper: .init("b$", isIncluded: false))
                : .range(lower: .init(.string(BookmarkTable.bookmarkPrefix)), upper: bound)
        }
        repeat {
            request.limit = limit - found.count
            let page: Page
            do { page = try await database.query(request, context) } catch {
                throw .database(error)
            }
            request.after = page.next
            for item in page.items { found.append(try bookmark(item)) }
        } while found.count < limit && request.after != nil
        return found
    }

    func count() async throws(BookmarksError) -> Int {
        Int(try await item(BookmarkTable.countRow)?["bookmarks"]?.integer ?? 0)
    }

    // MARK: Writing

    func put(_ item: Item, if condition: Condition? = nil) -> WriteRequest {
        WriteRequest(table: BookmarkTable.name, .put(item), if: condition)
    }

    /// A new bookmark and its address; `marking` brings the mark and the count.
    func insertion(_ bookmark: Bookmark, at address: AddressKey) -> [WriteRequest] {
        [
            put(bookmark.item(of: user), if: .absent("row")),
            putAddress(address, of: bookmark.id),
        ]
    }

    /// Gives a free address to a bookmark.
    func putAddress(_ address: AddressKey, of id: BookmarkID) -> WriteRequest {
        var item = addressItem(address)
        item["id"] = .string(id.text)
        return put(item, if: .absent("id"))
    }

    /// Frees an address and remembers when.
    func freeAddress(_ address: AddressKey, of id: BookmarkID, at time: Timestamp)
        -> WriteRequest
    {
        var item = addressItem(address)
        item["deleted"] = .time(time)
        return put(item, if: .equals("id", .string(id.text)))
    }

    private func addressItem(_ address: AddressKey) -> Item {
        ["user": user.partition, "row": .string(BookmarkTable.addressRow(address))]
    }

    /// Replaces a bookmark that is still at the revision before.
    func replacement(_ bookmark: Bookmark) -> WriteRequest {
        put(
            bookmark.item(of: user),
            if: .equals("revision", .integer(bookmark.revision - 1)))
    }

    /// Does all or nothing. False when a condition does not hold (any more).
    func transact(_ writes: [WriteRequest]) async throws(BookmarksError) -> Bool {
        for _ in 0..<UserRows.attemptsMax {
            do {
                try await database.transact(writes, token: nil, context)
                return true
            } catch .transactionCancelled(let reasons) {
                for case .conditionFailed in reasons { return false }
                for case .invalid(let what) in reasons { throw .database(.invalid(what)) }
            } catch .conflict {
                continue
            } catch { throw .database(error) }
        }
        throw .database(.conflict)
    }

    /// Writes one row, whatever was there.
    func store(_ item: Item) async throws(BookmarksError) {
        do { _ = try await database.write(put(item), context) } catch { throw .database(error) }
    }
}
