import Host

/// How far long work has come, on one line of the terminal; silent when nobody watches.
final class Progress: Sendable {
    private let title: String
    private let total: Int
    private let isShown: Bool
    private let done = Locked((bytes: 0, percent: -1))

    init(_ title: String, total: Int) {
        self.title = title
        self.total = total
        self.isShown = StandardStreams.errorIsTerminal
    }

    func add(_ bytes: Int) {
        guard isShown, total > 0 else { return }
        let percent = done.withLock { done -> Int? in
            done.bytes += bytes
            let percent = done.bytes * 100 / total
            guard percent != done.percent else { return nil }
            done.percent = percent
            return percent
        }
        if let percent { StandardStreams.overwrite("\(title) \(percent) %") }
    }

    func end() {
        if isShown { StandardStreams.overwrite("") }
    }
}
