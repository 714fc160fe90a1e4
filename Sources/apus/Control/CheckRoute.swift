// The check of one account or of all, asked for through the control socket.

import Bookmarks
import HTTP
import Platform
import Text
import Web

extension ControlRoutes {
    /// `{"clean": true, "accounts": [...]}`.
    func check(_ request: Request) async throws(Problem) -> Response {
        let users: [(name: String, id: UserID)]
        if let name = try request.query()["user"] {
            users = [(name, try await user(of: request))]
        } else {
            users = try await allUsers()
        }
        var json = JSONWriter()
        json.beginObject()
        json.name("accounts")
        json.beginArray()
        var isClean = true
        for user in users {
            let report: CheckReport
            do throws(BookmarksError) {
                report = try await bookmarks.check(user.id, .system)
            } catch { throw Problem(error) }
            isClean = isClean && report.isClean
            write(report, user.name, to: &json)
        }
        json.endArray()
        json.member("clean", isClean)
        json.endObject()
        return Response(.ok, .json, json.bytes)
    }

    private func write(_ report: CheckReport, _ name: String, to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", name)
        json.member("bookmarks", report.bookmarks)
        json.member("addresses", report.addresses)
        json.member("tags", report.tags)
        json.member("terms", report.terms)
        json.member("postings", report.postings)
        json.member("unindexed", report.marks)
        json.member("differenceCount", report.differenceCount)
        json.name("differences")
        json.beginArray()
        for difference in report.differences { json.value(difference) }
        json.endArray()
        json.endObject()
    }

    /// Everybody who has a name here: a walk over the table of names, which no request makes.
    private func allUsers() async throws(Problem) -> [(name: String, id: UserID)] {
        var users: [(name: String, id: UserID)] = []
        var scan = ScanRequest(table: "apus.names", limit: 500)
        repeat {
            let page: Page
            do throws(DatabaseError) { page = try await database.scan(scan, .system) } catch {
                throw Problem(BookmarksError.database(error))
            }
            // The row of the first account names it a second time.
            for item in page.items {
                guard let name = item["name"]?.string, !name.contains("!"),
                    let user = item["user"]?.string.flatMap(UserID.init(text:))
                else { continue }
                users.append((name, user))
            }
            scan.after = page.next
        } while scan.after != nil
        return users
    }
}
