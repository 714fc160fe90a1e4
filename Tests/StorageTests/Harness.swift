// Drives a store as a shard would, with a model beside it: reads are parked when they lack a block,
// blocks arrive in random order, tasks take their time. Everything is drawn from one seed.

import Bytes
import Host
import Journal
import Storage
import Testing

/// A test's way to stop at the first difference, with the seed.
struct Difference: Error, CustomStringConvertible {
    var description: String
}

/// A read that may be parked.
final class ParkedRead {
    enum Kind {
        case get([UInt8], Sequence)
        case walk(expected: [Model.Row], withDeletions: Bool, limit: Int, what: String)
    }

    let kind: Kind
    var pins = BlockPins()
    var cursor: Cursor?
    var position = 0
    var newest = Sequence.zero
    var waitsFor: BlockRequest?

    init(_ kind: Kind, cursor: consuming Cursor? = nil) {
        self.kind = kind
        self.cursor = consume cursor
    }
}

struct Harness: ~Copyable {
    let fileSystem: any FileSystem
    let folder: String
    let options: StoreOptions
    /// Reads under way at once; with one, blocks are only supplied, never held for it.
    let readsMax: Int
    var store: Store
    var model = Model()
    var random: RandomSource
    var keys: [[UInt8]]
    var sequence = Sequence.zero
    /// The commit log: what must be applied again after a start.
    var log: [(Sequence, [(key: [UInt8], value: [UInt8]?)])] = []
    var held: [Sequence] = []
    var reads: [ParkedRead] = []
    var unfinished: TaskResult?
    var counts: [String: Int] = [:]

    init(
        _ fileSystem: any FileSystem, folder: String = "store", options: StoreOptions, seed: UInt64,
        readsMax: Int, keys: Int = 300
    ) throws {
        self.fileSystem = fileSystem
        self.folder = folder
        self.options = options
        self.readsMax = readsMax
        self.random = RandomSource(seed: seed)
        self.keys = awkwardKeys(keys, &random)
        self.store = try Store.open(fileSystem, folder: folder, options: options)
        self.sequence = store.lastSequence
    }

    mutating func count(_ name: String) { counts[name, default: 0] += 1 }

    // MARK: One random operation

    mutating func operate() throws {
        switch random.below(100) {
        case 0..<40: try write()
        case 40..<62: startGet()
        case 62..<75: startWalk()
        case 75..<80: snapshot()
        case 80..<90: try work(idle: random.oneIn(6))
        case 90..<92: store.freeze()
        default: break
        }
        if random.oneIn(3000) { try reopen() }
        while reads.count >= readsMax { try proceed() }
        if !reads.isEmpty, random.oneIn(2) { try proceed() }
    }

    private mutating func key() -> [UInt8] { keys[random.below(keys.count)] }

    mutating func write() throws {
        var operations: [(key: [UInt8], value: [UInt8]?)] = []
        for _ in 0..<1 + random.below(random.oneIn(10) ? 20 : 3) {
            let key = self.key()
            if random.oneIn(4) {
                operations.append((key, nil))
            } else {
                let size = random.oneIn(200) ? 9000 : random.below(80)
                operations.append((key, random.bytes(size)))
            }
        }
        sequence = Sequence(sequence.rawValue + 1 + UInt64(random.below(3)))
        try apply(operations, at: sequence)
        model.apply(operations, at: sequence)
        log.append((sequence, operations))
        count("writes")
    }

    mutating func apply(
        _ operations: [(key: [UInt8], value: [UInt8]?)], at sequence: Sequence
    ) throws {
        var batch = WriteBatch()
        for (key, value) in operations {
            if let value {
                try batch.put(key.bytes, value.bytes)
            } else {
                try batch.delete(key.bytes)
            }
        }
        store.apply(batch, at: sequence)
    }

    // MARK: Reads

    mutating func startGet() {
        let key = random.oneIn(10) ? random.bytes(3) : self.key()
        let at = held.isEmpty || random.oneIn(2) ? .max : held[random.below(held.count)]
        reads.append(ParkedRead(.get(key, at)))
    }

    mutating func startWalk() {
        var range = KeyRange()
        if random.oneIn(8) {
            range = KeyRange(prefix: Array(key().prefix(1 + random.below(21))))
        } else {
            if !random.oneIn(3) { range.lower = key() }
            if !random.oneIn(3) { range.upper = key() }
        }
        let direction = random.oneIn(2) ? Direction.forward : .backward
        let at = held.isEmpty || random.oneIn(2) ? .max : held[random.below(held.count)]
        let withDeletions = random.oneIn(2)
        let limit = random.oneIn(3) ? Int.max : 1 + random.below(30)
        let cursor = store.cursor(range, direction, at: at, deletions: withDeletions)
        let expected = model.rows(range, direction, at: at)
        let what = "\(direction) \(range) at \(at.rawValue)"
        reads.append(
            ParkedRead(
                .walk(
                    expected: expected, withDeletions: withDeletions, limit: limit, what: what),
                cursor: cursor))
    }

    /// Lets one read go on, after its block has come.
    mutating func proceed() throws {
        let index = random.below(reads.count)
        let read = reads[index]
        if let request = read.waitsFor {
            let block = try request.run()
            store.supply(block)
            if readsMax > 1 {
                read.pins.hold(block)
                read.cursor?.hold(block)
            }
            read.waitsFor = nil
        }
        let isDone: Bool
        switch read.kind {
        case .get(let key, let at): isDone = try get(read, key, at)
        case .walk(let expected, let withDeletions, let limit, let what):
            isDone = try walk(read, expected, withDeletions, limit, what)
        }
        if isDone { reads.remove(at: index) }
    }

    private mutating func get(_ read: ParkedRead, _ key: [UInt8], _ at: Sequence) throws -> Bool {
        let answer =
            readsMax == 1
            ? store.get(key.bytes, at: at) { [UInt8](copying: $0) }
            : store.get(key.bytes, at: at, pins: &read.pins) { [UInt8](copying: $0) }
        let expected = model.get(key, at: at)
        let found: Model.Version?
        switch answer {
        case .needs(let id):
            read.waitsFor = store.blockRequest(id)
            count("parked gets")
            return false
        case .absent: found = nil
        case .deleted(let sequence): found = .init(sequence: sequence, value: nil)
        case .value(let value, let sequence): found = .init(sequence: sequence, value: value)
        }
        count("gets")
        // A deletion that hides nothing may be gone.
        if found == nil, let expected, expected.value == nil { return true }
        guard found == expected else {
            throw Difference(
                description: "get \(key) at \(at): \(String(describing: found)),"
                    + " should be \(String(describing: expected))")
        }
        return true
    }

    private mutating func walk(
        _ read: ParkedRead, _ expected: [Model.Row], _ withDeletions: Bool, _ limit: Int,
        _ what: String
    ) throws -> Bool {
        guard var cursor = read.cursor.take() else { return true }
        let isDone = try walk(read, &cursor, expected, withDeletions, limit, what)
        read.cursor = consume cursor
        return isDone
    }

    private mutating func walk(
        _ read: ParkedRead, _ cursor: inout Cursor, _ expected: [Model.Row],
        _ withDeletions: Bool, _ limit: Int, _ what: String
    ) throws -> Bool {
        let step = store.next(&cursor)
        switch step {
        case .needs(let id):
            read.waitsFor = store.blockRequest(id)
            count("parked steps")
            return false
        case .end:
            while read.position < expected.count, expected[read.position].value == nil {
                read.position += 1
            }
            guard read.position == expected.count else {
                throw Difference(
                    description: "walk \(what): ends before \(expected[read.position])")
            }
            count("walks")
            return true
        case .row(let sequence), .deletion(let sequence):
            var isDeletion = false
            if case .deletion = step { isDeletion = true }
            let row = Model.Row(
                key: [UInt8](copying: cursor.key), sequence: sequence,
                value: isDeletion ? nil : [UInt8](copying: cursor.value))
            // Deletions that hide nothing may be gone, or not be asked for.
            while read.position < expected.count, expected[read.position].value == nil,
                expected[read.position] != row
            {
                read.position += 1
            }
            guard read.position < expected.count, expected[read.position] == row else {
                let should = read.position < expected.count ? "\(expected[read.position])" : "end"
                throw Difference(description: "walk \(what): \(row), should be \(should)")
            }
            guard withDeletions || !isDeletion, cursor.newestSequenceSeen >= sequence else {
                throw Difference(description: "walk \(what): newest or deletion at \(row)")
            }
            read.position += 1
            count("steps")
            return read.position >= limit
        }
    }

    // MARK: The rest

    mutating func snapshot() {
        if held.count > 3, reads.isEmpty {
            store.release(held.remove(at: random.below(held.count)))
        } else if held.count < 6 {
            held.append(store.snapshot())
        }
    }

    /// Starts a task, or lets one that is under way end.
    mutating func work(idle: Bool) throws {
        if let result = unfinished {
            unfinished = nil
            try store.complete(result)
        } else if let task = store.nextTask(durable: sequence, idle: idle) {
            count("\(task.name)")
            unfinished = task.run(fileSystem)
        }
    }

    mutating func finishWork() throws {
        store.freeze()
        while true {
            if let result = unfinished {
                unfinished = nil
                try store.complete(result)
            }
            guard let task = store.nextTask(durable: sequence) else { return }
            unfinished = task.run(fileSystem)
        }
    }

    mutating func finishReads() throws {
        while !reads.isEmpty { try proceed() }
    }

    /// A clean end and a new start: what is not flushed comes from the log.
    mutating func reopen() throws {
        try finishReads()
        if let result = unfinished {
            unfinished = nil
            try store.complete(result)
        }
        held.removeAll()
        store = try Store.open(fileSystem, folder: folder, options: options)
        try replay()
        count("starts")
    }

    mutating func replay() throws {
        log.removeAll { $0.0 <= store.flushedThrough }
        for (sequence, operations) in log { try apply(operations, at: sequence) }
    }

    /// Everything, by a walk in both directions, against the model.
    mutating func checkAll() throws {
        for direction in [Direction.forward, .backward] {
            let rows = try allRows(direction)
            let expected = model.rows(KeyRange(), direction).filter { $0.value != nil }
            guard rows == expected else {
                let place = zip(rows, expected).enumerated().first { $0.1.0 != $0.1.1 }
                throw Difference(
                    description: "\(direction): \(rows.count) rows, should be \(expected.count);"
                        + " \(String(describing: place))")
            }
        }
    }

    mutating func allRows(_ direction: Direction = .forward) throws -> [Model.Row] {
        var cursor = store.cursor(KeyRange(), direction)
        var rows: [Model.Row] = []
        while true {
            switch store.next(&cursor) {
            case .needs(let id): store.supply(try store.blockRequest(id).run())
            case .end: return rows
            case .deletion: throw Difference(description: "a deletion that nobody asked for")
            case .row(let sequence):
                rows.append(
                    Model.Row(
                        key: [UInt8](copying: cursor.key), sequence: sequence,
                        value: [UInt8](copying: cursor.value)))
            }
        }
    }
}

extension StoreOptions {
    /// Sizes so small that a few hundred operations pass through every part.
    static func small(cacheBytesMax: Int) -> StoreOptions {
        var options = StoreOptions()
        options.memtableEntriesMax = 250
        options.memtableBytesMax = 64 << 10
        options.blockBytes = 300
        options.restartInterval = 4
        options.cacheBytesMax = cacheBytesMax
        options.setsToMerge = 3
        options.setsMax = 8
        return options
    }
}
