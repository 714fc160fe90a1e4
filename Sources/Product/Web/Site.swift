// The site: the API, the pages and the few addresses for operations, bound to a router.
//
// A Site keeps nothing between requests (AP-3): who somebody is, what an import has done and what
// a page's cursor means all lie in the database, so any process serves any request of anybody.
// A request with a session moves once to the loop that owns its user's data; from then on every
// port call that memory can answer is answered in place.

import Accounts
import Bookmarks
import Bytes
import Capacity
import HTTP
import Platform
import Text

/// What the operator decides about the site, and what the program adds to it.
package struct SiteOptions: Sendable {
    /// Bytes of an imported file at most; more is 413.
    package var importBytesMax = 100 << 20
    /// The text of /metrics (Prometheus).
    package var metrics: @Sendable () -> String = { "" }
    /// Whether requests should come here; false while starting and draining.
    package var isReady: @Sendable () -> Bool = { true }
    /// Told what of ours failed, for the log.
    package var report: @Sendable (_ failure: String, _ trace: TraceID) -> Void = { _, _ in }

    package init() {}
}

/// The product as the web sees it. A value over services: copied freely, used from every loop.
package struct Site: Sendable {
    let database: any Database
    let clock: any Clock
    let jobs: any Jobs
    let accounts: Accounts
    let bookmarks: Bookmarks
    let capacity: Capacity
    let options: SiteOptions

    package init(
        database: any Database, clock: any Clock, jobs: any Jobs, accounts: Accounts,
        bookmarks: Bookmarks, capacity: Capacity, options: SiteOptions = SiteOptions()
    ) {
        self.database = database
        self.clock = clock
        self.jobs = jobs
        self.accounts = accounts
        self.bookmarks = bookmarks
        self.capacity = capacity
        self.options = options
    }

    /// Adds every route of the site.
    package func register(on router: inout Router) {
        registerAPI(on: &router)
        registerPages(on: &router)
        registerIcons(on: &router)
        registerMachinePages(on: &router)
        registerOperations(on: &router)
    }

    private func registerOperations(on router: inout Router) {
        router.direct(.get, "/health") { _, answer in
            answer.send(
                .ok, "application/json",
                #"""
                {"status":"ok","service":"apus",\#
                "detail":"The process runs and answers; see also /ready."}
                """#
            )
        }
        router.get("/ready") { [options] _ in
            options.isReady()
                ? Response(.ok, json: ["status": "ready"])
                : Response(.serviceUnavailable, json: ["status": "not ready"])
        }
        router.get("/metrics") { [options] _ in
            let type = ContentType("text/plain; version=0.0.4; charset=utf-8")
            return Response(.ok, type, text: options.metrics())
        }
    }

    // MARK: Who asks

    /// Runs `handler` for a signed-in person, where their data lives; 401 for anybody else.
    ///
    /// - Parameter scope: what an API token must be allowed; with nil none is taken.
    func signedIn(_ handler: @escaping VisitorHandler, scope: Scope?) -> Handler {
        { request throws(Problem) in
            if let text = request.bearerToken, text.hasPrefix(APITokenSecret.prefix) {
                return try await called(request, text, scope, handler)
            }
            return try await visited(request) { (visitor) async throws(Problem) in
                guard let visitor else { throw .notSignedIn }
                return try await handler(request, visitor)
            }
        }
    }

    /// Runs `handler` for the owner of the API token that came, if its scopes hold `scope`.
    private func called(
        _ request: Request, _ text: String, _ scope: Scope?, _ handler: @escaping VisitorHandler
    ) async throws(Problem) -> Response {
        guard let secret = APITokenSecret(text: text) else { throw .notSignedIn }
        let context = request.context(.user(secret.user.number), clock)
        return try await database.near(secret.user.partition) {
            () async throws(Problem) -> Response in
            let caller: APICaller?
            do throws(AccountsError) {
                caller = try await accounts.caller(of: secret, context)
            } catch { throw problem(error, request) }
            guard let caller else { throw .notSignedIn }
            guard let scope else { throw .needsSession }
            guard caller.scopes.contains(scope) else { throw .insufficient(scope) }
            return try await handler(
                request, Visitor(account: caller.account, session: nil, context: context))
        }
    }

    /// 403 for who is no operator.
    func operatorsOnly(_ handler: @escaping VisitorHandler) -> VisitorHandler {
        { request, visitor throws(Problem) in
            guard visitor.account.isOperator else { throw .notOperator }
            return try await handler(request, visitor)
        }
    }

    /// Runs `body` with the person whose session came along, or nil, where their data lives.
    func visited(
        _ request: Request,
        _ body: @escaping @Sendable (Visitor?) async throws(Problem) -> Response
    ) async throws(Problem) -> Response {
        guard let (text, isCookie) = request.sessionToken, let token = SessionToken(text: text)
        else { return try await body(nil) }
        if isCookie { try request.requireOwnOrigin(needsProof: true) }
        let context = request.context(.user(token.user.number), clock)
        return try await database.near(token.user.partition) {
            () async throws(Problem) -> Response in
            guard let account = try await account(of: token, request, context) else {
                return try await body(nil)
            }
            return try await body(Visitor(account: account, session: token, context: context))
        }
    }

    private func account(
        of token: SessionToken, _ request: Request, _ context: Context
    ) async throws(Problem) -> Account? {
        do {
            return try await accounts.user(forToken: token, context)
        } catch { throw problem(error, request) }
    }

    // MARK: What went wrong

    /// The problem of an error; what of ours failed goes to the log with all that is known of it.
    func problem(_ error: AccountsError, _ request: Request) -> Problem {
        let problem = Problem(error)
        if problem.isOurs { options.report("\(error)", request.trace) }
        return problem
    }

    func problem(_ error: BookmarksError, _ request: Request) -> Problem {
        let problem = Problem(error)
        if problem.isOurs { options.report("\(error)", request.trace) }
        return problem
    }
}
