import Host

/// What both sides read: rows of one size, in one order.
enum Rows {
    static let count = 1_000
    static let url = "https://example.org/articles/a-title-of-usual-length"
    static let title = "A title of usual length, as people write them"
}

/// Nanoseconds per call of `body`, which makes `calls` of them.
func nanosecondsPerCall<Failure: Error>(
    _ calls: Int, _ body: () throws(Failure) -> Void
) throws(Failure) -> Double {
    let began = SystemClock().monotonicNanoseconds
    try body()
    return Double(SystemClock().monotonicNanoseconds - began) / Double(calls)
}
