import Host
import Platform

/// Randomness of the kernel, and Argon2id on the workers that do nothing else: a hash takes
/// tens of milliseconds and 19 MiB, so few run at once and a bounded number waits.
struct HostSecrets: Secrets {
    private let workers: WorkerPool

    init(workers: WorkerPool) { self.workers = workers }

    func random(_ count: Int) -> [UInt8] { SystemRandom().bytes(count) }

    func hash(password: String) async throws(SecretsError) -> String {
        let salt = random(PasswordHash.saltBytes)
        return try await onWorker { () throws(PasswordError) in
            try PasswordHash.make(password, salt: salt)
        }
    }

    func verify(password: String, against stored: String) async throws(SecretsError) -> Bool {
        try await onWorker { () throws(PasswordError) in
            try PasswordHash.verify(password, against: stored)
        }
    }

    private func onWorker<Value: Sendable>(
        _ work: @escaping @Sendable () throws(PasswordError) -> Value
    ) async throws(SecretsError) -> Value {
        let result: Value?
        do {
            result = try await workers.runIfRoom(work)
        } catch {
            switch error {
            case .tooLong, .malformed: throw .malformed
            case .failed(let code): throw .failed(code: code)
            }
        }
        guard let result else { throw .busy }
        return result
    }
}
