/// What time it is. Handed in, so that tests and the simulator decide.
package protocol Clock: Sendable {
    var now: Timestamp { get }
}
