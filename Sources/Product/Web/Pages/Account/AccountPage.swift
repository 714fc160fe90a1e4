// One's account: name, sessions, password, tokens for programs, and the way out.

import Accounts
import Platform

/// The page /account.
struct AccountPage {
    /// Which form was sent and came back.
    enum Form: Equatable {
        case name, password, token
    }

    var account: Account
    var sessions: [SessionInfo]
    var tokens: [APIToken]
    var notice: HTML?
    /// A form that was not done, and why.
    var mistake: (form: Form, what: FormMistake)?
    /// What was typed as a name, an own one or a token's.
    var typed: String?
    /// A token that was made now: shown this once.
    var made: (secret: APITokenSecret, token: APIToken)?

    var html: HTML {
        Frame("Your account", at: .account, for: account.name).page(
            """
            \(notice)\(secret)
            <h1>Your account</h1>
            <p>You are <strong dir="auto">\(account.name)</strong>, here since \
            \(day: account.created).\(operatorLink)</p>
            \(sessionSection)
            \(passwordSection)
            \(tokenSection)
            \(nameSection)
            <section id="leave" class="card later" aria-labelledby="leave-title">
            <h2 id="leave-title">Leaving</h2>
            <p>Take your bookmarks with you first: \
            <a href="/api/v1/bookmarks/export?format=netscape">as a browser’s file</a> or \
            <a href="/api/v1/bookmarks/export?format=json">as JSON</a>.</p>
            <p class="acts"><a class="button quiet" href="/account/erase">Erase the account…</a></p>
            </section>
            """)
    }

    private var operatorLink: HTML? {
        guard account.isOperator else { return nil }
        return " You are an operator: see <a href=\"/operator\">people and sign-up</a>."
    }

    private var secret: HTML? {
        made.map { made in
            """
            <div class="notice good" role="status"><p>The token <bdi>\(made.token.name)</bdi> is \
            made. Copy it now: it is shown only this once.</p>
            <p class="secret"><code id="made-token">\(made.secret.text)</code></p></div>
            """
        }
    }

    // MARK: Sessions

    private var sessionSection: HTML {
        let others: HTML? =
            sessions.count > 1
            ? """
            <form id="end-others" method="post" action="/account/sessions/end">
            <button class="quiet">Sign out everywhere else</button></form>
            """ : nil
        return """
            <section id="sessions" class="card later" aria-labelledby="sessions-title">
            <h2 id="sessions-title">Where you are signed in</h2>
            <ul class="things">
            \(sessions.map(row))</ul>
            \(others)
            </section>
            """
    }

    private func row(_ session: SessionInfo) -> HTML {
        let act: HTML =
            session.isCurrent
            ? "<span class=\"flag\">this one</span>"
            : """
            <form method="post" action="/account/sessions/\(session.id)/end">\
            <button class="plain">Sign out\
            <span class="hidden"> on \(session.device)</span></button></form>
            """
        let place: HTML? = session.address.isEmpty ? nil : " from \(session.address)"
        return """
            <li><div><strong title="\(session.agent)">\(session.device)</strong>
            <div class="hint">Signed in \(moment: session.created)\(place); last used \
            \(day: session.seen)</div></div>\(act)</li>

            """
    }

    // MARK: Password and name

    private var passwordSection: HTML {
        """
        <section id="password" class="card later" aria-labelledby="password-title">
        <h2 id="password-title">Password</h2>
        <form id="change-password" method="post" action="/account/password">
        <input type="text" name="name" value="\(account.name)" autocomplete="username" hidden>
        \(banner(.password))
        <div class="row">
        \(field("old", "Password now", type: "password", complete: "current-password", .password))
        \(field("new", "New password", type: "password", complete: "new-password", .password))
        </div>
        <button>Change password</button>
        <p class="hint">All other sessions end. Tokens stay: look at them below.</p>
        </form>
        </section>
        """
    }

    private var nameSection: HTML {
        let value = mistake?.form == .name ? typed ?? "" : account.name
        return """
            <section id="rename" class="card later" aria-labelledby="rename-title">
            <h2 id="rename-title">Name</h2>
            <form id="change-name" method="post" action="/account/name">
            \(banner(.name))
            \(field("name", "Name", value: value, complete: "username", .name))
            <button class="quiet">Change name</button>
            <p class="hint">You sign in by it, and it is in the address of your public page. The \
            old one is free for others at once.</p>
            </form>
            </section>
            """
    }

    // MARK: Tokens

    private var tokenSection: HTML {
        let scopes = Scope.allCases.map { scope -> HTML in
            """
            <label><input type="checkbox" name="scope" value="\(scope.rawValue)"\
            \(scope == .readBookmarks ? " checked" : HTML())>\(AccountPage.words(scope))</label>

            """
        }
        return """
            <section id="tokens" class="card later" aria-labelledby="tokens-title">
            <h2 id="tokens-title">Tokens for programs</h2>
            <p>A program that sends a token as <code>Authorization: Bearer</code> may do what the \
            token is for, and nothing about your account.</p>
            <ul class="things">
            \(tokens.map(row))</ul>
            <form id="make-token" method="post" action="/account/tokens">
            \(banner(.token))
            \(field("token-name", "For what", value: typedToken, complete: "off", .token))
            <div class="checks" role="group" aria-label="It may">
            \(scopes)<label>It ends after <select name="days">
            <option value="30">30 days</option><option value="90" selected>90 days</option>
            <option value="365">a year</option><option value="">never</option>
            </select></label></div>
            <button class="quiet">Make a token</button>
            </form>
            </section>
            """
    }

    private var typedToken: String { mistake?.form == .token ? typed ?? "" : "" }

    private func row(_ token: APIToken) -> HTML {
        let scopes = token.scopes.map { scope -> HTML in "\(AccountPage.words(scope)), " }
        let used: HTML = token.used.map { "last used \(day: $0)" } ?? "never used"
        let end: HTML = token.expires.map { "ends \(day: $0)" } ?? "does not end"
        return """
            <li><div><strong dir="auto">\(token.name)</strong>
            <div class="hint">\(scopes)made \
            \(day: token.created), \(used), \(end)</div></div>
            <form method="post" action="/account/tokens/\(token.id)/revoke">\
            <button class="plain delete">Revoke\
            <span class="hidden"> \(token.name)</span></button></form></li>

            """
    }

    private static func words(_ scope: Scope) -> HTML {
        switch scope {
        case .readBookmarks: "read bookmarks"
        case .writeBookmarks: "change bookmarks"
        }
    }

    // MARK: Fields

    private func banner(_ form: Form) -> HTML? {
        guard let mistake, mistake.form == form, mistake.what.field == nil else { return nil }
        return mistake.what.banner
    }

    private func field(
        _ name: String, _ label: HTML, value: String = "", type: HTML = "text", complete: HTML,
        _ form: Form
    ) -> HTML {
        let wrong = mistake.flatMap { $0.form == form && $0.what.field == name ? $0.what : nil }
        return textField(
            name, label, value: value, type: type, complete: complete, wrong: wrong?.text)
    }
}

/// A labelled field of one line, with what is wrong below it.
func textField(
    _ name: String, _ label: HTML, value: String = "", type: HTML = "text", complete: HTML,
    isRequired: Bool = true, wrong: String? = nil
) -> HTML {
    let state: HTML? = wrong.map { _ in
        " aria-invalid=\"true\" aria-describedby=\"\(name)-wrong\" autofocus"
    }
    let told: HTML? = wrong.map {
        "<p class=\"wrong\" id=\"\(name)-wrong\" role=\"alert\">\($0)</p>"
    }
    return """
        <div class="field"><label for="field-\(name)">\(label)</label>
        <input type="\(type)" id="field-\(name)" name="\(name)" value="\(value)" \
        autocomplete="\(complete)" autocapitalize="none" spellcheck="false"\
        \(isRequired ? " required" : HTML())\(state)>\(told)</div>
        """
}
