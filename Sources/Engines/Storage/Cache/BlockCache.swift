// Blocks that were read, bounded in bytes; CLOCK (Corbató 1969): a hit sets a bit, the hand clears
// bits and takes the first block without one. A new block comes without a bit, so that a scan
// passes through without pushing out what is read again.
//
// Owner: a store, or a task for itself. The newest block stays whatever the bound, so that who
// supplied it finds it.

internal import Bytes

/// A bounded table of blocks by their ID.
struct BlockCache: ~Copyable {
    private struct Slot {
        var block: Block?
        var isUsed = false
    }

    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var table: [BlockID: Int] = [:]
    private var hand = 0
    private let bytesMax: Int
    private(set) var bytes = 0
    private(set) var hits: UInt64 = 0
    private(set) var misses: UInt64 = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The block, if it is here.
    mutating func find(_ id: BlockID) -> Block? {
        guard let slot = table[id] else {
            misses += 1
            return nil
        }
        hits += 1
        slots[slot].isUsed = true
        return slots[slot].block
    }

    /// The block, if it is here, without counting it as a use.
    func peek(_ id: BlockID) -> Block? { table[id].flatMap { slots[$0].block } }

    /// Takes a block in and others out, down to the bound.
    mutating func insert(_ block: Block) {
        guard table[block.id] == nil else { return }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            slots[slot] = Slot(block: block)
        } else {
            slot = slots.count
            slots.append(Slot(block: block))
        }
        table[block.id] = slot
        bytes += block.bytes
        while bytes > bytesMax, table.count > 1 { evictOne(keeping: slot) }
    }

    /// Drops the blocks of a set that is no longer read.
    mutating func removeAll(ofSet number: UInt64) {
        for slot in slots.indices where slots[slot].block?.id.set == number { remove(slot) }
    }

    private mutating func evictOne(keeping newest: Int) {
        while true {
            hand = hand + 1 < slots.count ? hand + 1 : 0
            guard hand != newest, slots[hand].block != nil else { continue }
            if slots[hand].isUsed {
                slots[hand].isUsed = false
            } else {
                return remove(hand)
            }
        }
    }

    private mutating func remove(_ slot: Int) {
        guard let block = slots[slot].block else { return }
        slots[slot] = Slot()
        freeSlots.append(slot)
        table[block.id] = nil
        bytes -= block.bytes
    }
}
