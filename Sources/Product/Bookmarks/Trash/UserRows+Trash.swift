// A deletion is one transaction: the row goes to the trash, the address is free, the count is one
// less. So is putting back. Who repeats either finds it done.

import Platform

extension UserRows {
    /// Moves a bookmark that is still at its revision into the trash; `marking` brings the
    /// mark and the count.
    func trashing(_ old: Bookmark, at time: Timestamp, by job: JobID? = nil) -> [WriteRequest] {
        let id = TrashID(deleted: time, bookmark: old.id)
        return [
            WriteRequest(
                table: BookmarkTable.name, .delete(key(BookmarkTable.bookmarkRow(old.id))),
                if: .equals("revision", .integer(old.revision))),
            put(TrashedBookmark.item(old, id, of: user, by: job)),
            freeAddress(AddressKey(old.normalForm), of: old.id, at: time),
        ]
    }

    /// Puts a bookmark back where it was; `marking` brings the mark and the count. Fails when
    /// its address was saved again.
    func restoring(_ trashed: TrashedBookmark) -> (bookmark: Bookmark, writes: [WriteRequest]) {
        var bookmark = trashed.bookmark
        // Another revision than the one that was deleted, for those who still have that one.
        bookmark.revision += 1
        let writes =
            insertion(bookmark, at: AddressKey(bookmark.normalForm)) + [purging(trashed.id)]
        return (bookmark, writes)
    }

    /// Removes a row of the trash that is there.
    func purging(_ id: TrashID) -> WriteRequest {
        WriteRequest(
            table: BookmarkTable.name, .delete(key(BookmarkTable.trashRow(id))),
            if: .exists("row"))
    }

    func trashed(_ item: Item) throws(BookmarksError) -> TrashedBookmark {
        do { return try TrashedBookmark(item) } catch {
            throw .database(.corrupt("\(error.record) without a good \(error.attribute)"))
        }
    }

    /// What lies in the trash under this id, unless its time is over.
    func trashed(_ id: TrashID, now: Timestamp) async throws(BookmarksError) -> TrashedBookmark? {
        guard let item = try await item(BookmarkTable.trashRow(id)) else { return nil }
        let trashed = try trashed(item)
        return trashed.expires > now ? trashed : nil
    }

    /// Rows whose names begin with `prefix` (which ends in `#`), from beyond the row `start`, at
    /// most `limit`, fewer only at the end.
    func items(
        _ prefix: String, beyond start: String?, isForward: Bool, limit: Int
    ) async throws(BookmarksError) -> [Item] {
        var request = QueryRequest(
            table: BookmarkTable.name, partition: user.partition,
            sort: .prefix(.string(prefix)), isForward: isForward)
        if let start {
            let bound = SortRange.Bound(.string(start), isIncluded: false)
            // "x$" is the first text after all that begins with "x#".
            let end = SortRange.Bound(.string(prefix.dropLast() + "$"), isIncluded: false)
            request.sort =
                isForward
                ? .range(lower: bound, upper: end)
                : .range(lower: .init(.string(prefix)), upper: bound)
        }
        var found: [Item] = []
        repeat {
            request.limit = limit - found.count
            let page: Page
            do { page = try await database.query(request, context) } catch {
                throw .database(error)
            }
            request.after = page.next
            found += page.items
        } while found.count < limit && request.after != nil
        return found
    }
}
