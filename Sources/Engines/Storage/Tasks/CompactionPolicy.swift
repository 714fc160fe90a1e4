// Which sets to merge, size-tiered: neighbours in age of about the same size, so that each byte is
// rewritten O(log n) times. Sets are only merged with their neighbours in age, because reads go
// from new to old and stop at the first version that they may see (LS-5).

/// Chooses the run of sets to be merged.
enum CompactionPolicy {
    /// The part of the list (the newest first) to merge now, or nil.
    ///
    /// - Parameter idle: at low load two of like size are enough (LS-7, second trigger).
    static func choose(_ bytes: [UInt64], _ options: StoreOptions, idle: Bool) -> Range<Int>? {
        let least = idle ? 2 : Swift.max(2, options.setsToMerge)
        guard bytes.count >= least else { return nil }
        for start in bytes.indices {
            var end = start + 1
            var sum = bytes[start]
            // The next older one joins while it is not much larger than all before it together.
            while end < bytes.count, bytes[end] <= sum * 2 {
                sum += bytes[end]
                end += 1
            }
            if end - start >= least { return start..<end }
        }
        // Sizes that grow so fast that none are alike: bound the count of sets all the same.
        return bytes.count >= options.setsMax ? 0..<Swift.max(2, bytes.count / 2) : nil
    }
}
