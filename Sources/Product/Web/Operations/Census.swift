// Counts what Accounts and Bookmarks keep, for Capacity: product rooms do not know each other.

import Accounts
import Bookmarks
import Capacity
import Platform

extension Capacity {
    /// The capacity of a site with these accounts and bookmarks.
    package init(
        database: any Database, clock: any Clock, machine: any Machine, accounts: Accounts,
        bookmarks: Bookmarks
    ) {
        self.init(database: database, clock: clock, machine: machine) {
            () async throws(DatabaseError) in
            var census = Census(accounts: 0, bookmarks: 0)
            var cursor: PageCursor?
            repeat {
                let page: (users: [UserID], next: PageCursor?)
                do throws(AccountsError) {
                    page = try await accounts.everybody(after: cursor, .system)
                } catch .database(let error) {
                    throw error
                } catch { throw .failed("\(error)") }
                census.accounts += page.users.count
                do throws(BookmarksError) {
                    census.bookmarks += try await bookmarks.count(of: page.users, .system)
                } catch .database(let error) {
                    throw error
                } catch { throw .failed("\(error)") }
                cursor = page.next
            } while cursor != nil
            return census
        }
    }
}
