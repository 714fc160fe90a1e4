import Accounts
import Platform

/// One person as operators see them: what they may do about them, each with what it means.
struct PersonPage {
    var name: String
    var row: PersonRow
    var notice: HTML?
    /// The new password, shown once.
    var password: String?

    var html: HTML {
        let account = row.person.account
        return Frame("Person", at: .account, for: name).page(
            """
            \(notice)\(secret)
            <p><a href="/operator">Operator</a></p>
            <h1><bdi>\(account.name)</bdi>\(OperatorSection.flags(row.person))</h1>
            <p>\(row.bookmarks, of: "bookmark"); since \(day: account.created)\
            \(row.person.seen.map { ", last seen \(day: $0)" } as HTML?).</p>
            \(account.isOperator || row.person.isErasing ? nothing : acts)
            """)
    }

    private var secret: HTML? {
        password.map {
            """
            <div class="notice good" role="status"><p>The new password, shown only this once. Tell \
            it to the person, who changes it on the account’s page.</p>
            <p class="secret"><code id="new-password">\($0)</code></p></div>
            """
        }
    }

    private var nothing: HTML {
        row.person.isErasing
            ? "<p class=\"hint\">This account is being erased.</p>"
            : """
            <p class="hint">Operators do not act on each other here. In the server’s shell, \
            <code>apus operator revoke</code> makes an ordinary account of it first, and \
            <code>apus account reset</code> sets a new password.</p>
            """
    }

    private var acts: HTML {
        let path = row.person.account.id.text
        let suspend: HTML =
            row.person.isSuspended
            ? """
            <form id="unsuspend" class="card later" method="post" \
            action="/operator/people/\(path)/unsuspend"><h2>Suspended</h2>
            <p>Nobody can sign in to this account. Nothing of it is lost.</p>
            <button>Let in again</button></form>
            """
            : """
            <form id="suspend" class="card later" method="post" \
            action="/operator/people/\(path)/suspend"><h2>Suspend</h2>
            <p>All sessions end, and signing in tells that the account is suspended. Nothing of \
            it is lost.</p>
            <button class="quiet">Suspend</button></form>
            """
        return """
            \(suspend)
            <form id="reset" class="card later" method="post" \
            action="/operator/people/\(path)/password"><h2>Forgotten password</h2>
            <p>Sets a random password, shown to you once. All sessions and tokens end.</p>
            <button class="quiet">Set a new password</button></form>
            """
    }
}
