// Sign-ins and sign-ups counted per name and per address in fixed windows of time: one row a
// window, which expires by itself. A row is counted before the password is checked, so that many
// at once cannot pass, and given back when it was right.

import Bytes
import Platform
import Text

extension Accounts {
    /// What is counted; nil addresses and those of this machine are not.
    enum Attempt {
        case signInName(String)
        case signInAddress(String?)
        case signUp(String?)
        /// The password of somebody who is signed in, asked again.
        case password(UserID)

        var key: String? {
            switch self {
            case .signInName(let name): "n#" + name
            case .signInAddress(let address): Attempt.remote(address).map { "a#" + $0 }
            case .signUp(let address): Attempt.remote(address).map { "u#" + $0 }
            case .password(let user): "p#" + user.text
            }
        }

        private static func remote(_ address: String?) -> String? {
            guard let address, address != "::1", !address.utf8.starts(with: "127.".utf8),
                !address.utf8.starts(with: "::ffff:127.".utf8)
            else { return nil }
            return address.truncated(toCharacters: 100)
        }
    }

    /// Counts one; `.tooManyAttempts` beyond the limit.
    func count(_ attempt: Attempt, limit: Int, _ context: Context) async throws(AccountsError) {
        guard let key = attempt.key else { return }
        let now = clock.now.milliseconds
        let window = now / settings.windowMilliseconds
        let end = (window + 1) * settings.windowMilliseconds
        let request = WriteRequest(
            table: AccountTables.attempts,
            .update(
                Key(.string("\(key)#\(window)")),
                [.add("count", 1), .set("expires", .value(.integer(end / 1000 + 1)))]),
            returning: .new)
        do {
            let count = try await database.write(request, context)?["count"]?.integer ?? 1
            guard count > limit else { return }
        } catch { throw .database(error) }
        throw .tooManyAttempts(retryAfterSeconds: Int((end - now) / 1000 + 1))
    }

    /// Gives one back, and answers what is left.
    func uncount(_ attempt: Attempt, limit: Int, _ context: Context)
        async throws(AccountsError) -> AttemptsLeft
    {
        let now = clock.now.milliseconds
        let window = now / settings.windowMilliseconds
        let end = (window + 1) * settings.windowMilliseconds
        let all = AttemptsLeft(
            count: limit, windowEndsInSeconds: Int((end - now + 999) / 1000))
        guard let key = attempt.key else { return all }
        let request = WriteRequest(
            table: AccountTables.attempts,
            .update(Key(.string("\(key)#\(window)")), [.add("count", -1)]),
            if: .exists("count"), returning: .new)
        do {
            let used = try await database.write(request, context)?["count"]?.integer ?? 0
            return AttemptsLeft(
                count: max(0, limit - Int(used)), windowEndsInSeconds: all.windowEndsInSeconds)
        } catch .conditionFailed {
            return all  // A new window has begun.
        } catch { throw .database(error) }
    }
}
