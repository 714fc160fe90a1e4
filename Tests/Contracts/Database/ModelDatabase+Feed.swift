import Platform

/// One tablet, nothing trimmed.
extension ModelDatabase {
    package func tablets(
        of table: String, _ context: Context
    ) throws(DatabaseError) -> [TabletDescription] {
        _ = try feed(table)
        return [TabletDescription(id: TabletID(text: "all"), children: [])]
    }

    private func feed(_ name: String) throws(DatabaseError) -> Table {
        let table = try find(name)
        guard table.definition.feed != nil else { throw .invalid("no feed") }
        return table
    }

    private func cursor(_ table: String, _ index: Int) -> FeedCursor {
        FeedCursor(bytes: [UInt8]("\(table) \(index)".utf8))
    }

    private func index(_ table: String, _ cursor: FeedCursor) throws(DatabaseError) -> Int {
        let parts = String(decoding: cursor.bytes, as: UTF8.self).split(separator: " ")
        guard parts.count == 2, parts[0] == table, let index = Int(parts[1]) else {
            throw .invalidCursor
        }
        return index
    }

    package func changes(
        of name: String, in tablet: TabletID, from start: FeedStart, limit: Int,
        wait milliseconds: Int, _ context: Context
    ) throws(DatabaseError) -> FeedPage {
        let table = try feed(name)
        let first =
            switch start {
            case .oldest: 0
            case .latest: table.feed.count
            case .after(let cursor): try index(name, cursor)
            }
        let view = table.definition.feed
        let rows = table.feed[first...].prefix(limit)
        let changes = rows.enumerated().map { offset, change in
            Change(
                kind: change.kind, key: change.key,
                old: view == .oldImage || view == .newAndOldImages ? change.old : nil,
                new: view == .newImage || view == .newAndOldImages ? change.new : nil,
                time: change.time, cursor: cursor(name, first + offset + 1))
        }
        return FeedPage(
            changes: changes, next: cursor(name, first + changes.count), isEnded: false)
    }

    package func position(
        of consumer: String, table: String, tablet: TabletID, _ context: Context
    ) throws(DatabaseError) -> FeedCursor? {
        try feed(table).consumers[consumer].map { cursor(table, $0) }
    }

    package func store(
        position: FeedCursor, of consumer: String, table: String, tablet: TabletID,
        _ context: Context
    ) throws(DatabaseError) {
        _ = try feed(table)
        tables[table]?.consumers[consumer] = try index(table, position)
    }

    package func forget(
        consumer: String, table: String, _ context: Context
    ) throws(DatabaseError) {
        _ = try feed(table)
        tables[table]?.consumers[consumer] = nil
    }

    package func inspect(_ table: String?, _ context: Context) throws(DatabaseError) -> Inspection {
        if let table { _ = try find(table) }
        return Inspection(facts: [.init("tables", "\(tables.count)")])
    }
}
