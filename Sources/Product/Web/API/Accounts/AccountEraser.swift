// Drives the end of accounts through the rooms that keep something of a user: Bookmarks first,
// Accounts last. Its list is in the database, so whoever starts goes on with what a crash left.

import Accounts
import Bookmarks
import Bytes
import Platform

/// Erases what is on the list of accounts that end.
package struct AccountEraser: Sendable {
    private let accounts: Accounts
    private let bookmarks: Bookmarks

    package init(accounts: Accounts, bookmarks: Bookmarks) {
        self.accounts = accounts
        self.bookmarks = bookmarks
    }

    /// Goes on with all of them, one after the other. What fails is left for the next time.
    ///
    /// - Parameter stopping: the process ends; true makes it end early.
    /// - Returns: what failed, in words for the log.
    package func run(stopping: @Sendable () -> Bool, _ context: Context) async -> [String] {
        var failures: [String] = []
        do throws(AccountsError) {
            for erasure in try await accounts.erasures(context) where !stopping() {
                do throws(Failure) {
                    try await erase(erasure, stopping: stopping, context)
                } catch { failures.append("account \(erasure.user.text): \(error.text)") }
            }
        } catch { failures.append("\(error)") }
        return failures
    }

    private struct Failure: Error {
        let text: String
    }

    private func erase(
        _ erasure: Erasure, stopping: @Sendable () -> Bool, _ context: Context
    ) async throws(Failure) {
        do throws(BookmarksError) {
            guard try await bookmarks.erase(erasure.user, stopping: stopping, context) else {
                return
            }
        } catch { throw Failure(text: "\(error)") }
        do throws(AccountsError) {
            try await accounts.finishErasing(erasure, context)
        } catch { throw Failure(text: "\(error)") }
    }
}

extension Site {
    /// Goes on with the accounts that are being erased; at the start, and when one more began.
    /// When too much runs already it is left for the next time.
    package func resumeErasing() {
        let eraser = AccountEraser(accounts: accounts, bookmarks: bookmarks)
        let report = options.report
        do throws(JobsError) {
            try jobs.start("erase accounts", near: nil) { stopping in
                for failure in await eraser.run(stopping: stopping, .system) {
                    report("erasing: \(failure)", .none)
                }
            }
        } catch { report("erasing was not started: \(error)", .none) }
    }
}
