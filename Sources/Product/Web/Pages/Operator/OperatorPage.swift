// The operator's page: a list of parts, each of one matter, which others of the site add to.

import Accounts
import Platform

/// A part of the operator's page.
struct OperatorSection {
    /// The element's id, for links and tests.
    var id: StaticString
    var title: HTML
    var body: HTML

    var html: HTML {
        let id = HTML(stringLiteral: self.id)
        return """
            <section id="\(id)" class="card later" aria-labelledby="\(id)-title">
            <h2 id="\(id)-title">\(title)</h2>
            \(body)
            </section>

            """
    }
}

/// The page /operator.
struct OperatorPage {
    var name: String
    var notice: HTML?
    var sections: [OperatorSection]

    var html: HTML {
        Frame("Operator", at: .account, for: name).page(
            """
            \(notice)
            <h1>Operator</h1>
            <p class="count"><a href="/operator/machine">This machine</a> · \
            <a href="/operator/sheet">Design sheet</a></p>
            \(sections.map(\.html))
            """)
    }
}

extension OperatorSection {
    /// Everybody, by pages.
    static func people(
        _ rows: [PersonRow], next: String?, searched: String?, isFirstPage: Bool
    ) -> OperatorSection {
        let nobody: HTML? =
            rows.isEmpty ? "<p class=\"hint\">There is nobody of that name.</p>" : nil
        let more: HTML? = next.map {
            "<a rel=\"next\" href=\"/operator?cursor=\(query: $0)#people\">More people</a>"
        }
        let back: HTML? =
            isFirstPage ? nil : "<a href=\"/operator#people\">From the beginning</a>"
        return OperatorSection(
            id: "people", title: "People",
            body: """
                <form id="find-person" class="inline" method="get" action="/operator">
                <label for="person-name">Name</label>
                <input type="text" id="person-name" name="name" value="\(searched ?? "")" \
                autocomplete="off" autocapitalize="none" spellcheck="false">
                <button class="quiet">Find</button></form>
                <ul class="things">
                \(rows.map(person))</ul>\(nobody)
                <p class="acts">\(back)\(more)</p>
                """)
    }

    private static func person(_ row: PersonRow) -> HTML {
        let account = row.person.account
        return """
            <li><div><a href="/operator/people/\(account.id.text)"><bdi>\(account.name)</bdi></a>\
            \(flags(row.person))
            <div class="hint">\(row.bookmarks, of: "bookmark"); since \(day: account.created)\
            \(row.person.seen.map { ", last seen \(day: $0)" } as HTML?)</div></div></li>

            """
    }

    static func flags(_ person: Person) -> [HTML] {
        var flags: [HTML] = []
        if person.account.isOperator { flags.append(" <span class=\"flag\">operator</span>") }
        if person.isSuspended { flags.append(" <span class=\"flag\">suspended</span>") }
        if person.isErasing { flags.append(" <span class=\"flag\">being erased</span>") }
        return flags
    }

    /// Who may make an account.
    static func signUp(_ mode: SignUpMode, isFixed: Bool) -> OperatorSection {
        let choices = SignUpMode.allCases.map { choice -> HTML in
            """
            <label><input type="radio" name="mode" value="\(choice.rawValue)"\
            \(choice == mode ? " checked" : HTML())\(isFixed ? " disabled" : HTML())>\
            \(words(choice))</label>

            """
        }
        let end: HTML =
            isFixed
            ? """
            <p class="hint">The server was started with <code>--signup \(mode.rawValue)</code>, \
            which rules. Without that option it is decided here.</p>
            """ : "<button class=\"quiet\">Save</button>"
        return OperatorSection(
            id: "sign-up", title: "Sign-up",
            body: """
                <form id="sign-up-mode" method="post" action="/operator/signup">
                <fieldset class="checks"><legend class="label">Who may make an account</legend>
                \(choices)</fieldset>
                \(end)
                </form>
                """)
    }

    private static func words(_ mode: SignUpMode) -> HTML {
        switch mode {
        case .open: "everybody"
        case .invite: "who has an invitation"
        case .closed: "nobody"
        }
    }

    /// Invitations that nobody has used.
    static func invitations(
        _ invitations: [Invitation], made: String?, wrong: String?
    ) -> OperatorSection {
        let link: HTML? = made.map {
            """
            <div class="notice good" role="status"><p>Give this link to one person. It is shown \
            only this once, and holds for one account within 7 days.</p>
            <p class="secret"><code id="made-invitation">\($0)</code></p></div>
            """
        }
        return OperatorSection(
            id: "invitations", title: "Invitations",
            body: """
                \(link)<ul class="things">
                \(invitations.map(invitation))</ul>
                <form id="invite" method="post" action="/operator/invitations">
                \(textField(
                    "note", "For whom (only operators see this)", complete: "off",
                    isRequired: false, wrong: wrong))
                <button class="quiet">Make an invitation</button>
                </form>
                """)
    }

    private static func invitation(_ invitation: Invitation) -> HTML {
        let note: HTML =
            invitation.note.isEmpty
            ? "For somebody" : "For <bdi>\(invitation.note)</bdi>"
        return """
            <li><div><strong>\(note)</strong>
            <div class="hint">by <bdi>\(invitation.by)</bdi> on \(day: invitation.created), ends \
            \(moment: invitation.expires)</div></div>
            <form method="post" action="/operator/invitations/\(invitation.id)/revoke">\
            <button class="plain delete">Revoke\
            <span class="hidden"> the one of \(day: invitation.created)</span></button></form></li>

            """
    }
}
