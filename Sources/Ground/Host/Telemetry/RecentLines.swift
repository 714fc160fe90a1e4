// The newest lines of the log, kept in memory for the operator's page. A ring of fixed length, in
// the text form whatever is written outside: 2,000 lines of at most 1 KiB are at most 2 MiB.

internal import Bytes

/// A line as it was written, without its end.
package struct RecentLine: Equatable, Sendable {
    /// Milliseconds since 1970.
    package let time: Int64
    package let level: LogLevel
    package let text: String
}

/// The ring. One owner at a time: it lies behind the log's lock.
struct RecentLines {
    private struct Kept {
        let time: Int64
        let level: LogLevel
        let text: [UInt8]
    }

    static let linesMax = 2_000
    /// What is longer is cut, at the border of a character.
    static let lineBytesMax = 1_024

    private var ring: [Kept] = []
    /// Where the next line goes once the ring is full: the oldest one's place.
    private var next = 0

    mutating func add(time: Int64, level: LogLevel, _ line: RawSpan) {
        var length = min(line.byteCount, RecentLines.lineBytesMax)
        if length < line.byteCount {
            while length > 0, line[length] & 0xC0 == 0x80 { length -= 1 }
        }
        let kept = Kept(
            time: time, level: level, text: [UInt8](copying: line.extracting(first: length)))
        if ring.count < RecentLines.linesMax {
            ring.append(kept)
        } else {
            ring[next] = kept
            next = (next + 1) % RecentLines.linesMax
        }
    }

    /// Lines from `since` on that matter at least so much, newest first.
    func lines(since: Int64, atLeast level: LogLevel, limit: Int) -> [RecentLine] {
        var found: [RecentLine] = []
        for step in 0..<ring.count where found.count < limit {
            let line = ring[(next + ring.count - 1 - step) % ring.count]
            guard line.time >= since, line.level >= level else { continue }
            found.append(
                RecentLine(
                    time: line.time, level: line.level,
                    text: String(decoding: line.text, as: UTF8.self)))
        }
        return found
    }
}
