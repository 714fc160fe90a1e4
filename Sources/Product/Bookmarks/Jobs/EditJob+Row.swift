// The row of a bulk change: what is wanted, how far it is, who works on it. On disk: names never
// change (docs/formats/product-tables.md).

import Platform
import Text

extension EditJob {
    func item(of user: UserID) -> Item {
        let listed = failures.map { failure in
            Value.map(["id": .string(failure.id.text), "reason": .string(failure.reason)])
        }
        var item: Item = [
            "user": user.partition, "row": .string(BookmarkTable.jobRow(id)),
            "kind": .string(change.kind), "wish": .map(wish), "state": .string(state.rawValue),
            "started": .time(started), "updated": .time(updated), "step": .integer(step),
            "done": .integer(done), "changed": .integer(changed),
            "failed": .integer(failedCount), "failures": .list(listed),
            "expires": .integer(updated.milliseconds / 1000 + EditJob.keptSeconds),
        ]
        if let problem { item["problem"] = .string(problem.truncated(toCharacters: 500)) }
        if let position { item["position"] = .string(position) }
        if let owner { item["process"] = .number(owner) }
        return item
    }

    private var wish: Item {
        var wish = Item()
        switch selection {
        case .ids(let ids): wish["ids"] = .list(ids.map { .string($0.text) })
        case .matching(let filter):
            if let tag = filter.tag { wish["tag"] = .string(tag) }
            if let query = filter.query { wish["query"] = .string(query) }
        case .trashed(let job, let from, let through):
            wish["job"] = .string(job.text)
            wish["from"] = .time(from)
            wish["through"] = .time(through)
        case .trash(let through): wish["through"] = .time(through)
        }
        switch change {
        case .edit(let edit): edit.write(to: &wish)
        case .renameTag(_, let name): wish["to"] = .string(name)
        case .delete, .restore, .deleteTag, .emptyTrash: break
        }
        return wish
    }

    init(_ item: Item) throws(RecordError) {
        let record = EditJobRecord.self
        self.id = try item.need("row", of: record) { value in
            value.string.flatMap { JobID(text: String($0.dropFirst(2))) }
        }
        let kind = try item.needString("kind", of: record)
        let wish = try item.need("wish", of: record, \.map)
        self.change = try BulkChange(kind: kind, wish)
        self.selection = try BookmarkSelection(kind: kind, wish)
        self.state = try item.need("state", of: record) { value in
            value.string.flatMap(JobState.init(rawValue:))
        }
        self.problem = item["problem"]?.string
        self.started = try item.need("started", of: record, \.time)
        self.updated = try item.need("updated", of: record, \.time)
        self.step = try item.needInteger("step", of: record)
        self.done = Int(try item.needInteger("done", of: record))
        self.changed = Int(try item.needInteger("changed", of: record))
        self.failedCount = Int(try item.needInteger("failed", of: record))
        self.failures = (item["failures"]?.list ?? []).compactMap { value in
            guard let map = value.map,
                let id = map["id"]?.string.flatMap(BookmarkID.init(text:))
            else { return nil }
            return Failure(id: id, reason: map["reason"]?.string ?? "")
        }
        self.position = item["position"]?.string
        self.owner = item["process"]?.number
    }
}

extension BulkEdit {
    fileprivate func write(to wish: inout Item) {
        if !addTags.isEmpty { wish["addTags"] = .list(addTags.map(Value.string)) }
        if !removeTags.isEmpty { wish["removeTags"] = .list(removeTags.map(Value.string)) }
        if let isPrivate { wish["private"] = .boolean(isPrivate) }
        if let isUnread { wish["unread"] = .boolean(isUnread) }
        if let isFavourite { wish["favourite"] = .boolean(isFavourite) }
    }

    fileprivate init(_ wish: Item) {
        self.init(
            addTags: wish["addTags"]?.list?.compactMap(\.string) ?? [],
            removeTags: wish["removeTags"]?.list?.compactMap(\.string) ?? [],
            isPrivate: wish["private"]?.boolean, isUnread: wish["unread"]?.boolean,
            isFavourite: wish["favourite"]?.boolean)
    }
}

extension BulkChange {
    fileprivate init(kind: String, _ wish: Item) throws(RecordError) {
        func text(_ name: String) throws(RecordError) -> String {
            try wish.needString(name, of: EditJobRecord.self)
        }
        switch kind {
        case "edit": self = .edit(BulkEdit(wish))
        case "delete": self = .delete
        case "restore": self = .restore
        case "renameTag": self = .renameTag(try text("tag"), to: try text("to"))
        case "deleteTag": self = .deleteTag(try text("tag"))
        case "emptyTrash": self = .emptyTrash
        default: throw RecordError(record: "job", attribute: "kind")
        }
    }
}

extension BookmarkSelection {
    fileprivate init(kind: String, _ wish: Item) throws(RecordError) {
        if kind == "restore" || kind == "emptyTrash" {
            let through = try wish.need("through", of: EditJobRecord.self, \.time)
            guard kind == "restore" else {
                self = .trash(through: through)
                return
            }
            self = .trashed(
                by: try wish.need("job", of: EditJobRecord.self) {
                    $0.string.flatMap(JobID.init(text:))
                }, from: try wish.need("from", of: EditJobRecord.self, \.time), through: through)
        } else if let ids = wish["ids"]?.list {
            self = .ids(ids.compactMap { $0.string.flatMap(BookmarkID.init(text:)) })
        } else {
            self = .matching(
                BookmarkFilter(tag: wish["tag"]?.string, query: wish["query"]?.string))
        }
    }
}

/// Names the record in errors.
private struct EditJobRecord: Record {
    static let table = BookmarkTable.name
    let key: Key
    let item: Item

    init(_ item: Item) throws(RecordError) {
        self.key = Key(
            try item.need("user", of: EditJobRecord.self) { $0 },
            try item.need("row", of: EditJobRecord.self) { $0 })
        self.item = item
    }
}
