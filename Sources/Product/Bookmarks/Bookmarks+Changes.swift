// How one bookmark is added, changed and removed: read what is there, decide, write under the
// condition that it is still there; who loses a race decides anew.

import Bytes
import Platform
import Text

extension Bookmarks {
    func add(_ bookmark: Bookmark, _ request: RepeatedRequest?, to rows: UserRows)
        async throws(BookmarksError) -> Added
    {
        let address = AddressKey(bookmark.normalForm)
        for _ in 0..<UserRows.attemptsMax {
            if let request, let earlier = try await request.answer(in: rows, now: clock.now) {
                return earlier
            }
            var writes: [WriteRequest] = []
            var added = Added(bookmark: bookmark, isNew: true)
            let state = try await rows.state(of: address)
            if case .saved(let id) = state {
                // Deleted between the two reads: look again.
                guard let existing = try await rows.bookmark(id) else { continue }
                added = Added(bookmark: existing, isNew: false)
            } else {
                writes = rows.insertion(bookmark, at: address)
                writes += try await rows.marking([.added(bookmark.id)], bookmarks: 1)
                writes += try await wishing(for: bookmark, in: rows)
            }
            if let request { writes.append(request.record(added, in: rows, now: clock.now)) }
            if writes.isEmpty { return added }
            if try await rows.transact(writes) {
                try await indexIfDue(rows)
                return added
            }
        }
        throw .database(.conflict)
    }

    func change(
        _ id: BookmarkID, by changes: BookmarkChanges, ifRevision revision: Int64?,
        in rows: UserRows
    ) async throws(BookmarksError) -> Bookmark {
        for _ in 0..<UserRows.attemptsMax {
            let old = try await current(id, revision, in: rows)
            let new = try changes.applied(to: old, at: clock.now)
            try await makeRoom(for: id, in: rows)
            var writes = [rows.replacement(new)]
            if new.normalForm != old.normalForm {
                let address = AddressKey(new.normalForm)
                if case .saved(let other) = try await rows.state(of: address) {
                    throw .addressTaken(by: other)
                }
                writes.append(rows.putAddress(address, of: id))
                let freed = AddressKey(old.normalForm)
                writes.append(rows.freeAddress(freed, of: id, at: clock.now))
            }
            writes += try await rows.marking([.changed(from: old)])
            if try await rows.transact(writes) {
                try await indexIfDue(rows)
                return new
            }
        }
        throw .database(.conflict)
    }

    func remove(_ id: BookmarkID, ifRevision revision: Int64?, from rows: UserRows)
        async throws(BookmarksError) -> TrashID
    {
        for _ in 0..<UserRows.attemptsMax {
            let old = try await current(id, revision, in: rows)
            try await makeRoom(for: id, in: rows)
            let now = clock.now
            var writes = rows.trashing(old, at: now)
            writes += try await rows.marking([.changed(from: old)], bookmarks: -1)
            if try await rows.transact(writes) {
                try await indexIfDue(rows)
                return TrashID(deleted: now, bookmark: id)
            }
        }
        throw .database(.conflict)
    }

    private func current(_ id: BookmarkID, _ revision: Int64?, in rows: UserRows)
        async throws(BookmarksError) -> Bookmark
    {
        guard let bookmark = try await rows.bookmark(id) else { throw .noSuchBookmark }
        if let revision, revision != bookmark.revision {
            throw .revisionChanged(current: bookmark.revision)
        }
        return bookmark
    }
}

/// A request that its sender may repeat: recorded under its key, in the transaction that does it.
struct RepeatedRequest: Sendable {
    private let row: String
    private let draft: BookmarkDraft
    /// Of what was asked, so that a key used for something else is noticed.
    private let fingerprint: String

    static let keyBytesMax = 255
    static let keptSeconds: Int64 = 24 * 3600

    init(key: String, draft: BookmarkDraft) throws(BookmarksError) {
        guard !key.isEmpty, key.utf8.count <= RepeatedRequest.keyBytesMax else {
            throw .badIdempotencyKey(bytesMax: RepeatedRequest.keyBytesMax)
        }
        self.row = BookmarkTable.idempotencyRow(key)
        self.draft = draft
        var buffer = ByteBuffer()
        let texts = [draft.url, draft.title, draft.description, draft.notes]
        for text in texts + (draft.tags ?? []) {
            buffer.append(text == nil ? 0 : 1)
            buffer.appendLengthPrefixed(Array((text ?? "").utf8).bytes)
        }
        for flag in [draft.isPrivate, draft.isUnread, draft.isFavourite] {
            buffer.append(flag.map { $0 ? 1 : 0 } ?? 2)
        }
        self.fingerprint = base64URL(sha256(buffer.bytes))
    }

    /// The answer that was given, with the bookmark as it is now, or as it was then when it was
    /// deleted since; nil when there was none.
    func answer(in rows: UserRows, now: Timestamp) async throws(BookmarksError) -> Added? {
        guard let item = try await rows.item(row),
            let expires = item["expires"]?.integer, expires > now.milliseconds / 1000
        else { return nil }
        guard item["fingerprint"]?.string == fingerprint else { throw .idempotencyKeyReused }
        guard let id = item["id"]?.string.flatMap(BookmarkID.init(text:)) else {
            throw .noSuchBookmark
        }
        let isNew = item["isNew"]?.boolean ?? false
        if let bookmark = try await rows.bookmark(id) {
            return Added(bookmark: bookmark, isNew: isNew)
        }
        // A new bookmark follows from the draft, which is the same; another one was kept.
        if isNew {
            let isPrivate = item["private"]?.boolean ?? true
            let bookmark = try draft.bookmark(id: id, otherwisePrivate: isPrivate)
            return Added(bookmark: bookmark, isNew: true)
        }
        guard let kept = item["bookmark"]?.map else { throw .noSuchBookmark }
        return Added(bookmark: try rows.bookmark(kept), isNew: false)
    }

    /// Records the answer, unless somebody was faster.
    func record(_ added: Added, in rows: UserRows, now: Timestamp) -> WriteRequest {
        let seconds = now.milliseconds / 1000
        var item: Item = [
            "user": rows.user.partition, "row": .string(row),
            "fingerprint": .string(fingerprint), "id": .string(added.bookmark.id.text),
            "isNew": .boolean(added.isNew), "private": .boolean(added.bookmark.isPrivate),
            "expires": .integer(seconds + RepeatedRequest.keptSeconds),
        ]
        // No larger than the bookmark's own row, which fits.
        if !added.isNew { item["bookmark"] = .map(added.bookmark.item(of: rows.user)) }
        let isExpired = Condition.compare(
            .path("expires"), .lessOrEqual, .value(.integer(seconds)))
        return rows.put(item, if: .or([.absent("row"), isExpired]))
    }
}
