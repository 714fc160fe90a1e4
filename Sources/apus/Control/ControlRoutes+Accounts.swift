// Accounts and operators, as the owner of the folder rules them: no password is asked.

import Accounts
import Bookmarks
import Bytes
import HTTP
import Platform
import Text
import Web

extension ControlRoutes {
    func registerAccounts(on router: inout Router) {
        router.get("/control/accounts") { request throws(Problem) in try await list(request) }
        router.on(.post, "/control/accounts/reset", body: .collected(bytesMax: 4096)) {
            request throws(Problem) in try await reset(request)
        }
        router.on(.post, "/control/accounts/delete", body: .collected(bytesMax: 0)) {
            request throws(Problem) in try await delete(request)
        }
        router.get("/control/operators") { _ throws(Problem) in try await listOperators() }
        router.on(.post, "/control/operators", body: .collected(bytesMax: 0)) {
            request throws(Problem) in try await setOperator(request)
        }
    }

    /// A page of accounts with the number of their bookmarks.
    private func list(_ request: Request) async throws(Problem) -> Response {
        let cursor = try request.query()["cursor"]
        let page: PeoplePage
        do throws(AccountsError) {
            page = try await accounts.people(
                after: cursor, limit: Accounts.peoplePageMax, .system)
        } catch { throw Problem(error) }
        var items: [JSON] = []
        for person in page.people {
            let count: Int
            do throws(BookmarksError) {
                count = try await bookmarks.count(person.account.id, .system)
            } catch { throw Problem(error) }
            items.append(ControlRoutes.json(person, bookmarks: count))
        }
        return Response(
            .ok,
            json: ["items": .array(items), "next": page.next.map { .string($0) } ?? .null])
    }

    private static func json(_ person: Person, bookmarks: Int) -> JSON {
        [
            "name": .string(person.account.name),
            "operator": .bool(person.account.isOperator),
            "suspended": .bool(person.isSuspended), "erasing": .bool(person.isErasing),
            "created": .string(rfc3339(milliseconds: person.account.created.milliseconds)),
            "bookmarks": .integer(Int64(bookmarks)),
        ]
    }

    private func reset(_ request: Request) async throws(Problem) -> Response {
        let name = try name(of: request)
        guard let typed = String(validating: request.body.bytes.bytes) else {
            throw .badRequest("bad-password", "The password is not UTF-8.")
        }
        do throws(AccountsError) {
            let password = try await accounts.reset(
                name: name, password: typed.isEmpty ? nil : typed, .system)
            return Response(.ok, json: ["password": .string(password)])
        } catch { throw problem(error, name) }
    }

    /// Answers when all is erased; cut short, the next start of the server goes on.
    private func delete(_ request: Request) async throws(Problem) -> Response {
        let user = try await user(of: request)
        do throws(AccountsError) {
            try await accounts.beginErasing(user, .system)
        } catch { throw Problem(error) }
        let eraser = AccountEraser(accounts: accounts, bookmarks: bookmarks)
        let failures = await eraser.run(stopping: { false }, .system)
        guard failures.isEmpty else {
            throw Problem(
                .serviceUnavailable, "erasing-goes-on", "Erasing Goes On",
                "The account has ended, but not all of it is erased yet; the next start of the "
                    + "server goes on: " + failures.joined(separator: "; "))
        }
        return Response(.ok, json: ["erased": true])
    }

    private func listOperators() async throws(Problem) -> Response {
        do throws(AccountsError) {
            let names = try await accounts.operators(.system).map { JSON.string($0.name) }
            return Response(.ok, json: ["items": .array(names)])
        } catch { throw Problem(error) }
    }

    private func setOperator(_ request: Request) async throws(Problem) -> Response {
        let user = try await user(of: request)
        let isGranted = try request.query()["grant"] == "true"
        do throws(AccountsError) {
            let count = try await accounts.setOperator(isGranted, of: user, .system)
            return Response(.ok, json: ["operators": .integer(Int64(count))])
        } catch { throw Problem(error) }
    }

    private func name(of request: Request) throws(Problem) -> String {
        guard let name = try request.query()["user"] else {
            throw .badRequest("no-user", "Whose? Name the account.")
        }
        return name
    }

    private func problem(_ error: AccountsError, _ name: String) -> Problem {
        guard error == .noSuchAccount else { return Problem(error) }
        return Problem(
            .notFound, "no-such-account", "No such account", "There is no account \"\(name)\".")
    }
}
