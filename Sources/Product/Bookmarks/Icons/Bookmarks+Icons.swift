// Icons of hosts: shared by everybody where the host itself gave them (table `apus.icons`), a
// user's own where a file of theirs brought them (rows `i#HOST` of the partition), so that nobody's
// file decides what others see.
//
// An icon is fetched when somebody is first shown the host, not when a bookmark is saved: an import
// of thousands causes no requests, and what nobody looks at is never asked for.
//
// Privacy: whether the server knows a host must not tell what other people have. So a shared icon
// is shown to a user only after a job of their own has looked for it, which leaves a row `i#HOST`
// without an image; until then everybody is told the same: not known yet. Strangers are told
// nothing at all (see Web).
//
// Integrity: the shared icon comes from the host's own /favicon.ico or its front page, never from
// the page that was saved: on hosts with many owners, one of them must not decide for all.

import Platform
import Text

/// An icon as it is shown.
package enum Icon: Equatable, Sendable {
    case image(IconImage)
    /// Looked for, and the host has none.
    case none
    /// Not looked for yet; it is now, unless the user wants no requests.
    case unknown
}

enum IconTable {
    static let name = "apus.icons"

    static let definition = TableDefinition(
        name: name, partitionKey: KeyAttribute("host", .string), sortKey: nil,
        expiryAttribute: "expires")
}

/// A row of the shared table.
struct SharedIcon: Equatable, Sendable {
    /// Nil: the host has none.
    var image: IconImage?
    var fetched: Timestamp

    /// An image is looked for again after a month, and kept for another in case that fails; a host
    /// without one is asked again after a week.
    static let freshMilliseconds: Int64 = 30 * 86_400_000
    static let keptSeconds: Int64 = 60 * 86_400
    static let noneMilliseconds: Int64 = 7 * 86_400_000

    func isFresh(at now: Timestamp) -> Bool {
        let kept = image == nil ? SharedIcon.noneMilliseconds : SharedIcon.freshMilliseconds
        return now < fetched.adding(milliseconds: kept)
    }
}

extension Bookmarks {
    /// The icon of a host for a user. When it is not known, or old, it is looked for in the
    /// background.
    ///
    /// - Complexity: one or two reads; a small write for a host that is new to the user.
    package func icon(of host: IconHost, for user: UserID, _ context: Context)
        async throws(BookmarksError) -> Icon
    {
        let own = try await near(user, context) { (rows) async throws(BookmarksError) in
            try await rows.item(host.row)
        }
        if let image = own?["image"]?.binary.flatMap(IconImage.init) { return .image(image) }
        guard own != nil else {
            try await wishIcon(of: host, user, context)
            return .unknown
        }
        let shared = try await sharedIcon(of: host, context)
        if !(shared?.isFresh(at: clock.now) ?? false) {
            try await wishIcon(of: host, user, context)
        }
        guard let shared else { return .unknown }
        return shared.image.map(Icon.image) ?? .none
    }

    /// Keeps icons that came in a user's file, for that user alone. Bytes that are no picture, and
    /// hosts that have one already, are passed over.
    ///
    /// - Returns: how many were kept; at most `IconHost.ownMax` a user, in all.
    package func keepIcons(
        _ user: UserID, _ icons: [(host: IconHost, bytes: [UInt8])], _ context: Context
    ) async throws(BookmarksError) -> Int {
        var images: [(host: IconHost, image: IconImage)] = []
        var seen: Set<IconHost> = []
        for icon in icons {
            guard let image = IconImage(icon.bytes), seen.insert(icon.host).inserted else {
                continue
            }
            images.append((icon.host, image))
        }
        let found = images
        return try await near(user, context) { (rows) async throws(BookmarksError) in
            try await rows.keep(found)
        }
    }

    private func wishIcon(of host: IconHost, _ user: UserID, _ context: Context)
        async throws(BookmarksError)
    {
        let isWished = try await near(user, context) {
            (rows) async throws(BookmarksError) -> Bool in
            let state = try await rows.fetchState()
            let wish = FetchWish(.icon(host), at: clock.now)
            guard state.hasRoom, state.hosts < IconHost.seenMax,
                try await rows.settings().fetchTitles, try await rows.item(wish.row) == nil
            else { return false }
            // False from here too when another request wished it at this moment.
            guard try await rows.transact(rows.wishing([wish])) else { return false }
            return !(state.lease.map { $0 > clock.now } ?? false)
        }
        if isWished { startFetching(user) }
    }

    // MARK: The shared table

    func sharedIcon(of host: IconHost, _ context: Context)
        async throws(BookmarksError) -> SharedIcon?
    {
        let request = GetRequest(table: IconTable.name, key: Key(.string(host.text)))
        let item: Item?
        do { item = try await database.get(request, context) } catch { throw .database(error) }
        guard let item, let fetched = item["fetched"]?.time else { return nil }
        return SharedIcon(image: item["image"]?.binary.flatMap(IconImage.init), fetched: fetched)
    }

    /// - Parameter image: nil when the host has none; an image that is there stays then.
    func storeIcon(_ image: IconImage?, of host: IconHost, _ context: Context)
        async throws(BookmarksError)
    {
        let now = clock.now
        let seconds =
            image == nil ? SharedIcon.noneMilliseconds / 1000 : SharedIcon.keptSeconds
        var item: Item = [
            "host": .string(host.text), "fetched": .time(now),
            "expires": .integer(now.milliseconds / 1000 + seconds),
        ]
        if let image {
            item["image"] = .binary(image.bytes)
            item["type"] = .string(image.type)
        }
        let request = WriteRequest(
            table: IconTable.name, .put(item), if: image == nil ? .absent("image") : nil)
        do {
            _ = try await database.write(request, context)
        } catch .conditionFailed {
            return
        } catch { throw .database(error) }
    }
}

extension UserRows {
    /// In transactions of at most 1 MiB.
    fileprivate func keep(_ icons: [(host: IconHost, image: IconImage)])
        async throws(BookmarksError) -> Int
    {
        var kept = 0
        let size = min(48, database.capabilities.transactionWritesMax - 1)
        for start in stride(from: 0, to: icons.count, by: size) {
            let part = icons[start..<min(start + size, icons.count)]
            for _ in 0..<UserRows.attemptsMax {
                let room = IconHost.ownMax - (try await fetchState().ownIcons)
                guard room > 0 else { return kept }
                let there = try await items(part.map(\.host.row))
                let new = zip(part, there).filter { $0.1 == nil }.map(\.0).prefix(room)
                guard !new.isEmpty else { break }
                let writes = new.map { icon in
                    let item: Item = [
                        "user": user.partition, "row": .string(icon.host.row),
                        "image": .binary(icon.image.bytes), "type": .string(icon.image.type),
                    ]
                    return put(item, if: .absent("row"))
                }
                let count = fetchChange([.add("icons", .integer(new.count))])
                if try await transact(writes + [count]) {
                    kept += new.count
                    break
                }
            }
        }
        return kept
    }
}
