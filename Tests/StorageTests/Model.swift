// The slow and obvious twin of a store: every version of every key, for ever, in sorted arrays.

import Bytes
import Journal
import Storage

/// What a store should answer.
struct Model {
    struct Version: Equatable {
        var sequence: Sequence
        /// nil: deleted.
        var value: [UInt8]?
    }

    struct Row: Equatable, CustomStringConvertible {
        var key: [UInt8]
        var sequence: Sequence
        var value: [UInt8]?

        var description: String {
            "\(key)@\(sequence.rawValue)=\(value.map { "\($0.count)B" } ?? "deleted")"
        }
    }

    private(set) var keys: [[UInt8]] = []
    /// Of each key, the oldest first.
    private var versions: [[Version]] = []

    mutating func apply(_ operations: [(key: [UInt8], value: [UInt8]?)], at sequence: Sequence) {
        for operation in operations {
            let place = lowerBound(operation.key)
            if place == keys.count || keys[place] != operation.key {
                keys.insert(operation.key, at: place)
                versions.insert([], at: place)
            }
            if versions[place].last?.sequence == sequence { versions[place].removeLast() }
            versions[place].append(Version(sequence: sequence, value: operation.value))
        }
    }

    func get(_ key: [UInt8], at sequence: Sequence = .max) -> Version? {
        let place = lowerBound(key)
        guard place < keys.count, keys[place] == key else { return nil }
        return versions[place].last { $0.sequence <= sequence }
    }

    /// All rows, and deletions too, that a cursor with these bounds passes.
    func rows(
        _ range: KeyRange = KeyRange(), _ direction: Direction = .forward,
        at sequence: Sequence = .max
    ) -> [Row] {
        let from = range.lower.map { lowerBound($0) } ?? 0
        let to = range.upper.map { lowerBound($0) } ?? keys.count
        guard from < to else { return [] }
        var rows: [Row] = []
        for place in from..<to {
            guard let version = versions[place].last(where: { $0.sequence <= sequence }) else {
                continue
            }
            rows.append(
                Row(key: keys[place], sequence: version.sequence, value: version.value))
        }
        return direction == .forward ? rows : rows.reversed()
    }

    private func lowerBound(_ key: [UInt8]) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            let candidate = keys[middle]
            if candidate.bytes.compare(key.bytes) < 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Keys that try an order's corners: empty tails, zeros, prefixes of each other, long ones, many
/// that begin alike.
func awkwardKeys(_ count: Int, _ random: inout RandomSource) -> [[UInt8]] {
    var keys: [[UInt8]] = [[0], [0, 0], [0xff], [0xff, 0xff], [1], [1, 0], [1, 0, 0xff]]
    let partition = random.bytes(20)
    while keys.count < count {
        switch random.below(5) {
        case 0: keys.append(random.bytes(1 + random.below(3)))
        case 1: keys.append(partition + random.bytes(random.below(4)))
        case 2: keys.append(partition + [UInt8(random.below(4))] + random.bytes(8))
        case 3: keys.append([0, 0, 0, 7] + random.bytes(8 + random.below(12)))
        default:
            let long = random.oneIn(20) ? 5000 : 40
            keys.append(keys[random.below(keys.count)] + random.bytes(random.below(long)))
        }
    }
    return keys.map { Array($0.prefix(StorageLimits.keyBytesMax)) }
}
