// The box that only its loop may open. A caller on that loop enters in place, without suspending;
// everyone else hops there once. Never across an `await`: the body is synchronous.

/// A value that lives on one loop.
@usableFromInline package final class LoopOwned<State: ~Copyable>: @unchecked Sendable {
    // SAFETY: `state` is reached only after `loop.isCurrent`, never across an await.

    /// The owner.
    @usableFromInline package let loop: Loop
    @usableFromInline var state: State

    /// - Parameter state: what the loop shall own; nobody else may keep a way into it.
    package init(_ loop: Loop, _ state: consuming sending State) {
        self.loop = loop
        self.state = state
    }

    /// Runs `body` with the value: at once and without suspending when the caller is on the loop
    /// (about 20 ns), else after a hop (tens of microseconds alone).
    @inlinable nonisolated(nonsending) package func visit<Value: Sendable, Failure: Error>(
        _ body: @Sendable (inout State) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        if loop.isCurrent {
            // A task of nothing but visits in place would hold its loop for as long as it likes.
            if loop.turnIsSpent { await loop.yield() }
            return try body(&state)
        }
        return try await hop(body)
    }

    /// Runs `body` with the value; the caller is on the loop, or it is a bug.
    @inlinable package func withCurrent<Value: ~Copyable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        precondition(loop.isCurrent, "opened away from its loop")
        return try body(&state)
    }

    /// Runs `body` with the value on the loop, later. From any thread, unbounded like `Loop.post`.
    package func post(_ body: @escaping @Sendable (inout State) -> Void) {
        loop.post { body(&self.state) }
    }

    /// Runs `body` with the value on the thread that builds it, before the box is shared: recovery
    /// reads and replays for a long time, and no loop should. The caller is the only one that
    /// knows the box, or it is a bug.
    package func whileBuilding<Value, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(&state)
    }

    /// `@concurrent`, so that its caller looks where it is when this returns, and goes back.
    @usableFromInline @concurrent func hop<Value: Sendable, Failure: Error>(
        _ body: @Sendable (inout State) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(loop) { () async throws(Failure) -> Value in
            precondition(loop.isCurrent, "the runtime left the preferred executor")
            return try body(&state)
        }
    }
}

/// A reference or value that may be carried anywhere and used on its loop only: how the objects of
/// a connection get into the task that serves it.
@usableFromInline package struct LoopBound<Value>: @unchecked Sendable {
    // SAFETY: `held` is reached only on the loop.

    /// The owner.
    @usableFromInline package let loop: Loop
    @usableFromInline let held: Value

    /// On the loop.
    package init(_ loop: Loop, _ value: Value) {
        precondition(loop.isCurrent, "bound away from its loop")
        self.loop = loop
        self.held = value
    }

    /// The value. On the loop, or it is a bug.
    @inlinable package var value: Value {
        precondition(loop.isCurrent, "used away from its loop")
        return held
    }
}
