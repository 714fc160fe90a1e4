// The loops of a process: one a core by default.

/// Some loops, made and ended together. Shard i lives on `loop(for: i)`.
package final class LoopGroup: Sendable {
    /// In order of their index; never empty.
    package let loops: [Loop]

    /// Starts `count` loops, each with its thread.
    package static func start(count: Int = ProcessFacts.cores) -> LoopGroup {
        LoopGroup((0..<count).map { Loop(index: $0) })
    }

    /// A group of loops that exist already, manual ones among them.
    package init(_ loops: [Loop]) {
        precondition(!loops.isEmpty)
        self.loops = loops
    }

    /// The loop that owns a shard.
    package func loop(for shard: Int) -> Loop { loops[shard % loops.count] }

    /// Stops all loops, see `Loop.stop`. Blocks; not on a loop.
    package func stop() {
        for loop in loops { loop.stop() }
    }
}
