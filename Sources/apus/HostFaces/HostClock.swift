import Host
import Platform

/// The wall clock as the product sees it.
struct HostClock: Platform.Clock {
    private let clock = SystemClock()
    var now: Timestamp { Timestamp(milliseconds: clock.wallMilliseconds) }
}
