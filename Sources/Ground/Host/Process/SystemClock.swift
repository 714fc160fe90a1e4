// The real clock and the real randomness, handed to what decides.

internal import Glibc

/// The system's clocks.
package struct SystemClock: Sendable {
    package init() {}

    /// Milliseconds since 1970, UTC; may jump.
    package var wallMilliseconds: Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Nanoseconds of a clock that only goes forward; its zero means nothing.
    package var monotonicNanoseconds: UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        let code = unsafe clock_gettime(clock, &time)
        precondition(code == 0, "clock_gettime")
        return time
    }
}

/// The kernel's generator: for secrets and seeds. About 300 ns a call.
package struct SystemRandom: RandomNumberGenerator, Sendable {
    package init() {}

    package mutating func next() -> UInt64 {
        var value: UInt64 = 0
        // SAFETY: fills exactly the value.
        unsafe withUnsafeMutableBytes(of: &value) { unsafe SystemRandom.fill($0) }
        return value
    }

    /// `count` random bytes.
    package func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe SystemRandom.fill(UnsafeMutableRawBufferPointer(buffer))
            filled = count
        }
    }

    private static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        // getentropy fills at most 256 bytes a call.
        for start in stride(from: 0, to: buffer.count, by: 256) {
            let code = unsafe getentropy(
                buffer.baseAddress! + start, min(256, buffer.count - start))
            precondition(code == 0, "getentropy")
        }
    }
}
