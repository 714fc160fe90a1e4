// Password hashes: Argon2id (RFC 9106) by the reference library, in its encoded form
// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. Blocking, 19 MiB and tens of milliseconds each: only
// on a worker thread, whose bounded pool also bounds the memory.

internal import CArgon2

/// Why a password was not hashed or checked.
package enum PasswordError: Error, Equatable, Sendable {
    /// Longer than `PasswordHash.passwordBytesMax`.
    case tooLong(bytes: Int)
    /// Not the encoded form of an Argon2id hash within the bounds.
    case malformed
    /// The library's own error code, such as no memory (-22).
    case failed(code: Int32)
}

/// Hashing and checking of passwords.
package enum PasswordHash {
    /// What a hash costs.
    package struct Parameters: Equatable, Sendable {
        package let memoryKiB: UInt32
        package let passes: UInt32
        package let lanes: UInt32

        /// - Parameter memoryKiB: at least 8 a lane, at most 1 GiB.
        package init(memoryKiB: UInt32, passes: UInt32, lanes: UInt32) {
            self.memoryKiB = memoryKiB
            self.passes = passes
            self.lanes = lanes
        }

        /// The first choice of OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
        package static let standard = Parameters(memoryKiB: 19_456, passes: 2, lanes: 1)

        /// What we are willing to check: a forged record must not take the machine's memory.
        fileprivate var isSane: Bool {
            (1...16).contains(lanes) && (8 * lanes...1_048_576).contains(memoryKiB)
                && (1...64).contains(passes)
        }
    }

    /// Longer passwords are refused, not cut.
    package static let passwordBytesMax = 1_024
    /// Bytes of salt: RFC 9106 §3.1 recommends 16.
    package static let saltBytes = 16
    private static let hashBytes = 32

    /// The encoded hash of `password`.
    ///
    /// - Parameter salt: 16 random bytes, new for each password.
    package static func make(
        _ password: String, salt: [UInt8], parameters: Parameters = .standard
    ) throws(PasswordError) -> String {
        precondition(salt.count == saltBytes && parameters.isSane)
        let bytes = try checked(password)
        let size = argon2_encodedlen(
            parameters.passes, parameters.memoryKiB, parameters.lanes, UInt32(saltBytes),
            UInt32(hashBytes), Argon2_id)
        var encoded = [CChar](repeating: 0, count: size)
        let code = unsafe argon2id_hash_encoded(
            parameters.passes, parameters.memoryKiB, parameters.lanes, bytes, bytes.count, salt,
            salt.count, hashBytes, &encoded, size)
        guard code == ARGON2_OK.rawValue else { throw .failed(code: code) }
        let text = encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether `password` is the one hashed into `encoded`; compares in constant time.
    package static func verify(
        _ password: String, against encoded: String
    ) throws(PasswordError) -> Bool {
        let bytes = try checked(password)
        guard let parameters = parameters(of: encoded), parameters.isSane else {
            throw .malformed
        }
        let code = unsafe argon2id_verify(encoded, bytes, bytes.count)
        switch code {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        case ARGON2_MEMORY_ALLOCATION_ERROR.rawValue: throw .failed(code: code)
        default: throw .malformed
        }
    }

    /// What a stored hash cost, nil when it is not one: cheaper ones are made again at sign-in.
    package static func parameters(of encoded: String) -> Parameters? {
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard encoded.utf8.count <= 256, parts.count == 6, parts[0].isEmpty,
            parts[1] == "argon2id", parts[2] == "v=19"
        else { return nil }
        let costs = parts[3].split(separator: ",")
        guard costs.count == 3, costs[0].hasPrefix("m="), costs[1].hasPrefix("t="),
            costs[2].hasPrefix("p="), let memoryKiB = UInt32(costs[0].dropFirst(2)),
            let passes = UInt32(costs[1].dropFirst(2)), let lanes = UInt32(costs[2].dropFirst(2))
        else { return nil }
        return Parameters(memoryKiB: memoryKiB, passes: passes, lanes: lanes)
    }

    private static func checked(_ password: String) throws(PasswordError) -> [UInt8] {
        let bytes = [UInt8](password.utf8)
        guard bytes.count <= passwordBytesMax else { throw .tooLong(bytes: bytes.count) }
        return bytes
    }
}
