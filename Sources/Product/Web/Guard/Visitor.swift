// Who asks, and whether a change may come from there.
//
// A session's token comes as a bearer token (programs) or as a cookie (browsers); an API token only
// as a bearer token, and only to the API. A cookie is sent
// by browsers whoever made the page, so with a cookie a change is taken only when the browser says
// that it comes from our own pages: Sec-Fetch-Site, or Origin where that is not sent. A request
// with a cookie and neither is refused. SameSite=Lax stands behind it as a second wall.

import Accounts
import Bytes
import HTTP
import Platform

/// A signed-in person's request.
struct Visitor: Sendable {
    let account: Account
    /// Nil when an API token came; pages and calls about the account take sessions only.
    let session: SessionToken?
    /// For the calls on the person's behalf.
    let context: Context

    var user: UserID { account.id }

    /// The session's token, in a call that takes sessions only.
    var token: SessionToken {
        guard let session else { preconditionFailure("an API token was let into a session's call") }
        return session
    }
}

extension Request {
    static let cookieName = "apus_session"

    /// The token that came, and how.
    var sessionToken: (text: String, isCookie: Bool)? {
        if header("authorization") != nil { return (bearerToken ?? "", false) }
        return cookie(Request.cookieName).map { ($0, true) }
    }

    /// Whether the method promises to change nothing.
    var isSafe: Bool { method == .get || method == .head || method == .options }

    /// Refuses a change that another site's page may have sent.
    ///
    /// - Parameter needsProof: whether a request that says nothing of its origin is refused too.
    func requireOwnOrigin(needsProof: Bool) throws(Problem) {
        guard !isSafe else { return }
        if let site = header("sec-fetch-site") {
            guard site == "same-origin" || site == "none" else { throw .crossSite }
            return
        }
        guard let origin = header("origin") else {
            if needsProof { throw .crossSite }
            return
        }
        guard isOwn(origin) else { throw .crossSite }
    }

    /// The scheme is not compared: a proxy may speak TLS for us.
    private func isOwn(_ origin: String) -> Bool {
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")]
        where origin.hasPrefix(scheme) {
            return withoutPort(String(origin.dropFirst(scheme.count)), port)
                == withoutPort(host, port)
        }
        return false
    }

    private func withoutPort(_ host: String, _ port: String) -> String {
        let host = host.lowercased()
        return host.hasSuffix(port) ? String(host.dropLast(port.utf8.count)) : host
    }

    /// The call's company: until `milliseconds` from now.
    func context(
        _ principal: Principal, _ clock: any Clock, milliseconds: Int64 = 30_000
    ) -> Context {
        Context(
            principal: principal, trace: trace,
            deadline: clock.now.adding(milliseconds: milliseconds))
    }
}
