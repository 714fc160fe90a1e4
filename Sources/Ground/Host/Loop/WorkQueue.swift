// First in, first out, without shifting and, once warm, without allocating: one array is read from
// the front while the other is filled; they change places when the first is used up.

/// Something for a loop to run.
@safe
enum Work {
    // SAFETY: a job is run exactly once, by the loop that took it.
    case job(UnownedJob)
    case closure(() -> Void)
    /// Was taken out.
    case done
}

struct WorkQueue {
    private var current: [Work] = []
    private var position = 0
    private var coming: [Work] = []
    /// Above this many slots an array that grew in a burst is given back.
    private static let keptMax = 4_096

    var isEmpty: Bool { position == current.count && coming.isEmpty }

    mutating func append(_ work: Work) { coming.append(work) }

    /// Moves all of `work` to the end of the queue; leaves it empty with its storage.
    mutating func take(_ work: inout [Work]) {
        if coming.isEmpty {
            swap(&coming, &work)
        } else {
            coming.append(contentsOf: work)
            work.removeAll(keepingCapacity: true)
        }
    }

    mutating func next() -> Work? {
        if position == current.count {
            guard !coming.isEmpty else { return nil }
            current.removeAll(keepingCapacity: current.capacity <= WorkQueue.keptMax)
            position = 0
            swap(&current, &coming)
        }
        var work = Work.done
        swap(&work, &current[position])
        position += 1
        return work
    }
}
