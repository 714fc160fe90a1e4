// Blocks that were read, bounded in bytes; CLOCK (Corbató 1969): a hit sets a bit, the hand clears
// bits and takes the first block without one. A new block comes without a bit, so that a scan
// passes through without pushing out what is read again.
//
// Blocks lie in a slab; an open-addressing table of slot numbers finds them (linear probing, at
// most half full, removal by shifting back), since a Dictionary costs more than the search in the
// block. Places in files are not chosen by users, so the hash has no seed.
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
    /// Slot number + 1, or 0; the size is a power of two.
    private var table = [UInt32](repeating: 0, count: 64)
    private var hand = 0
    private let bytesMax: Int
    /// Blocks in the cache.
    private(set) var count = 0
    private(set) var bytes = 0
    private(set) var hits: UInt64 = 0
    private(set) var misses: UInt64 = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The block, if it is here.
    mutating func find(_ id: BlockID) -> Block? {
        guard let slot = slot(of: id) else {
            misses += 1
            return nil
        }
        hits += 1
        slots[slot].isUsed = true
        return slots[slot].block
    }

    /// The block, if it is here, without counting it as a use.
    func peek(_ id: BlockID) -> Block? { slot(of: id).flatMap { slots[$0].block } }

    /// Takes a block in and others out, down to the bound.
    mutating func insert(_ block: Block) {
        guard slot(of: block.id) == nil else { return }
        if (count + 1) * 2 > table.count { growTable() }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            slots[slot] = Slot(block: block)
        } else {
            slot = slots.count
            slots.append(Slot(block: block))
        }
        enter(slot, block.id)
        count += 1
        bytes += block.bytes
        while bytes > bytesMax, count > 1 { evictOne(keeping: slot) }
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
        leave(block.id)
        slots[slot] = Slot()
        freeSlots.append(slot)
        count -= 1
        bytes -= block.bytes
    }

    // MARK: The table

    private func home(_ id: BlockID) -> Int {
        // Fibonacci hashing (Knuth 6.4): the upper bits of a product are well mixed.
        let mixed = (id.offset ^ (id.set &* 0xff51_afd7_ed55_8ccd)) &* 0x9e37_79b9_7f4a_7c15
        return Int(mixed >> 32) & (table.count - 1)
    }

    /// Where in the table the ID stands, or the empty place where it would.
    private func place(of id: BlockID) -> Int {
        var place = home(id)
        while table[place] != 0 {
            let found = slots[Int(table[place]) - 1].block?.id
            if let found, found.offset == id.offset, found.set == id.set { return place }
            place = (place + 1) & (table.count - 1)
        }
        return place
    }

    private func slot(of id: BlockID) -> Int? {
        let entry = table[place(of: id)]
        return entry == 0 ? nil : Int(entry) - 1
    }

    private mutating func enter(_ slot: Int, _ id: BlockID) {
        table[place(of: id)] = UInt32(slot + 1)
    }

    private mutating func leave(_ id: BlockID) {
        var hole = place(of: id)
        let mask = table.count - 1
        table[hole] = 0
        var place = (hole + 1) & mask
        while table[place] != 0 {
            guard let moving = slots[Int(table[place]) - 1].block?.id else {
                preconditionFailure("a table that names an empty slot")
            }
            // It may move back when its home is not between the hole and its place.
            if (place - home(moving)) & mask >= (place - hole) & mask {
                table[hole] = table[place]
                table[place] = 0
                hole = place
            }
            place = (place + 1) & mask
        }
    }

    private mutating func growTable() {
        table = [UInt32](repeating: 0, count: table.count * 2)
        for slot in slots.indices {
            if let block = slots[slot].block { enter(slot, block.id) }
        }
    }
}
