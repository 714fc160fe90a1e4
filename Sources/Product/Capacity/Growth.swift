// How fast the data grows, from samples that are noisy: a merge of sorted sets makes the folder
// smaller, the log's next segment makes it larger by up to 64 MiB, an import is a step.
//
// The estimate is the median of the slopes of all pairs of samples (Theil 1950, Sen 1968). Nearly a
// third of the samples may be wrong by any amount before it moves; least squares is bent by one.
// So a single import does not make the disk seem full tomorrow, and steady use shows.
// Rejected: the difference of the last and the first sample (two values decide all).
//
// Complexity: O(n²) pairs; 168 hourly samples of a week are 14,028.

/// A series of values over time and the slope through it.
package struct Growth: Hashable, Sendable {
    /// In units a day; negative when the series falls.
    package let perDay: Double
    /// From the oldest to the newest value that went in.
    package let hours: Double

    /// Values nearer to each other than this say nothing: an hour.
    static let apartMillisecondsMin: Int64 = 3_600_000
    /// A day in milliseconds.
    static let dayMilliseconds: Double = 86_400_000
    /// More values are thinned out evenly.
    private static let valuesMax = 400

    package init(perDay: Double, hours: Double) {
        self.perDay = perDay
        self.hours = hours
    }

    /// The median slope; nil while no two values are an hour apart.
    ///
    /// - Parameter values: milliseconds and value, oldest first.
    package init?(of values: [(time: Int64, value: Double)]) {
        let step = (values.count + Growth.valuesMax - 1) / Growth.valuesMax
        let used =
            step > 1 ? values.indices.filter { $0 % step == 0 }.map { values[$0] } : values
        var slopes: [Double] = []
        for (index, first) in used.enumerated() {
            for second in used[(index + 1)...] {
                let apart = second.time - first.time
                guard apart >= Growth.apartMillisecondsMin else { continue }
                slopes.append(
                    (second.value - first.value) / Double(apart) * Growth.dayMilliseconds)
            }
        }
        guard !slopes.isEmpty, let first = used.first, let last = used.last else { return nil }
        slopes.sort()
        let middle = slopes.count / 2
        self.perDay =
            slopes.count % 2 == 1 ? slopes[middle] : (slopes[middle - 1] + slopes[middle]) / 2
        self.hours = Double(last.time - first.time) / 3_600_000
    }
}
