/// Why a password could not be hashed or checked.
package enum SecretsError: Error, Equatable, Sendable {
    /// Too many are waiting already; ask again later.
    case busy
    /// The stored form is not one that we wrote.
    case malformed
    /// The system refused memory or randomness, with its code.
    case failed(code: Int32)
}

/// Randomness that nobody can guess, and passwords.
package protocol Secrets: Sendable {
    /// `count` random bytes from the system's generator.
    func random(_ count: Int) -> [UInt8]

    /// The Argon2id hash (RFC 9106) of a password, with its parameters and salt, as text to
    /// store. Takes tens of milliseconds, on a worker thread.
    func hash(password: String) async throws(SecretsError) -> String

    /// Whether `password` is the one that was hashed into `stored`; same cost.
    func verify(password: String, against stored: String) async throws(SecretsError) -> Bool
}

extension Secrets {
    /// A random 64-bit number.
    package func randomNumber() -> UInt64 {
        random(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
