// An answer that comes later: a group commit, a block from the disk. The asker is suspended; who
// holds the reply answers exactly once, and dropping it is a bug that traps.

/// The right and the duty to answer one suspended caller.
@safe
@usableFromInline package struct Reply<Value: Sendable, Failure: Error>: ~Copyable, Sendable {
    @usableFromInline let continuation: UnsafeContinuation<Result<Value, Failure>, Never>
    @usableFromInline var isAnswered = false

    @usableFromInline init(_ continuation: UnsafeContinuation<Result<Value, Failure>, Never>) {
        unsafe self.continuation = continuation
    }

    deinit { precondition(isAnswered, "a caller would wait for ever") }

    /// Resumes the caller with `value`, on its own executor.
    @inlinable package consuming func succeed(_ value: sending Value) { answer(.success(value)) }

    /// Makes the caller throw `error`.
    @inlinable package consuming func fail(_ error: Failure) { answer(.failure(error)) }

    /// Resumes the caller with either.
    @inlinable package consuming func answer(_ result: sending Result<Value, Failure>) {
        isAnswered = true
        unsafe continuation.resume(returning: result)
    }
}

/// Suspends until the reply that `body` gets is answered. `body` runs at once, in place.
@inlinable nonisolated(nonsending) package func awaitReply<Value: Sendable, Failure: Error>(
    _ body: (consuming Reply<Value, Failure>) -> Void
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = unsafe await withUnsafeContinuation { continuation in
        unsafe body(Reply(continuation))
    }
    return try result.get()
}
