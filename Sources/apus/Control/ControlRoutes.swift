// What the shell's commands ask of the process that has the folder open. They speak for the owner
// of the folder, so they name whose data they mean instead of bringing a session.

import Accounts
import Bookmarks
import HTTP
import Host
import Platform
import Text
import Web

/// The routes of the control socket.
struct ControlRoutes: Sendable {
    let accounts: Accounts
    let bookmarks: Bookmarks
    let database: any Database

    /// Bytes of an imported file at most.
    static let importBytesMax = 1 << 30

    func register(on router: inout Router) {
        router.on(
            .post, "/control/import", body: .streamed(bytesMax: Self.importBytesMax),
            { request throws(Problem) in try await importFile(request) })
        router.get("/control/export") { request throws(Problem) in try await exportFile(request) }
        router.get("/control/inspect") { _ throws(Problem) in try await inspect() }
        registerAccounts(on: &router)
        router.get("/control/check") { request throws(Problem) in try await check(request) }
    }

    private func importFile(_ request: Request) async throws(Problem) -> Response {
        let user = try await user(of: request)
        let length = request.header("content-length").flatMap { Int($0) }
        do throws(BookmarksError) {
            var run = try await bookmarks.beginImport(user, bytesTotal: length, .system)
            while true {
                let piece: [UInt8]?
                do throws(BodyError) {
                    piece = try await request.body.next()
                } catch {
                    await run.abandon()
                    throw .interrupted
                }
                guard let piece else { break }
                try await run.feed(piece)
            }
            let report = try await run.finish()
            var json = JSONWriter()
            json.report(report)
            return Response(.ok, .json, json.bytes)
        } catch { throw Problem(error) }
    }

    private func exportFile(_ request: Request) async throws(Problem) -> Response {
        let user = try await user(of: request)
        let name = try request.query()["format"] ?? ExportFormat.netscape.rawValue
        guard let format = ExportFormat(rawValue: name) else {
            let known = ExportFormat.allCases.map { $0.rawValue }.joined(separator: " or ")
            throw .badRequest("bad-format", "The format is \"\(name)\", but must be \(known).")
        }
        let bookmarks = bookmarks
        return Response(.ok, .bytes) { (writer) async throws(StreamError) in
            var export = bookmarks.export(user, format, .system)
            while true {
                let piece: [UInt8]?
                do throws(BookmarksError) {
                    piece = try await export.next()
                } catch { throw .failed("\(error)") }
                guard let piece else { return }
                try await writer.write(piece)
            }
        }
    }

    private func inspect() async throws(Problem) -> Response {
        do throws(DatabaseError) {
            let inspection = try await database.inspect(nil, .system)
            let facts = inspection.facts.map { JSON.Member($0.name, .string($0.value)) }
            return Response(.ok, json: .object(facts))
        } catch { throw Problem(BookmarksError.database(error)) }
    }

    /// Whom the request names.
    func user(of request: Request) async throws(Problem) -> UserID {
        guard let name = try request.query()["user"] else {
            throw .badRequest("no-user", "Whose? Name the account.")
        }
        do throws(AccountsError) {
            if let account = try await accounts.account(named: name, .system) { return account.id }
        } catch { throw Problem(error) }
        throw Problem(
            .notFound, "no-such-account", "No such account", "There is no account \"\(name)\".")
    }
}
