import Accounts
import Text

/// The first page for a stranger: what this is, and both doors.
struct WelcomePage {
    /// Which form was sent and came back.
    enum Form: Equatable {
        case signUp, signIn
    }

    /// What was wrong with the form that was sent.
    struct Mistake {
        var form: Form
        /// The field to mend; nil when it is none of them.
        var field: String?
        var text: String
    }

    /// The name typed before, so that it need not be typed again.
    var typedName = ""
    var mistake: Mistake?
    var notice: HTML?
    /// Where the person wanted to go.
    var next: LocalPath?
    /// Who may sign up, where that is not everybody.
    var signUp = SignUpMode.open
    /// Brought by the link of an operator.
    var invitation: String?

    var html: HTML {
        Frame(mistake == nil ? "Your bookmarks" : "Try again", for: nil).page(
            """
            \(notice)
            <div class="hello">
            <h1>Your bookmarks, in one place that is yours.</h1>
            <p>Save a page once and find it again from any machine. Bring the bookmarks of your \
            browser with you, tag them, and take everything away whenever you like.</p>
            </div>
            <div class="doors">
            \(signUp == .open || (signUp == .invite && invitation != nil) ? door(.signUp) : shut)
            \(door(.signIn))
            </div>
            <ul class="points">
            <li><strong>Private</strong> Nobody but you sees what you save.</li>
            <li><strong>Yours to take away</strong> Export everything as a browser’s file or \
            as JSON.</li>
            <li><strong>Quick and light</strong> Pages of a few kilobytes, no scripts needed.</li>
            </ul>
            """)
    }

    /// In the place of the form to sign up, where it would be refused.
    private var shut: HTML {
        let reason: HTML =
            signUp == .invite
            ? "New accounts need an invitation: open the link that an operator gave you."
            : "No new accounts are taken here."
        return """
            <section class="card" aria-labelledby="signup-title">
            <h2 id="signup-title">New here</h2>
            \(mistake?.form == .signUp
                ? mistake.map { "<p class=\"wrong\" role=\"alert\">\($0.text)</p>" as HTML } : nil)
            <p>\(reason)</p>
            </section>
            """
    }

    private func door(_ form: Form) -> HTML {
        let isNew = form == .signUp
        let identifier: HTML = isNew ? "signup" : "signin"
        let title: HTML = isNew ? "New here" : "Welcome back"
        let action: HTML = isNew ? "Create account" : "Sign in"
        let complete: HTML = isNew ? "new-password" : "current-password"
        let mistake = self.mistake?.form == form ? self.mistake : nil
        let general: HTML? =
            mistake?.field == nil
            ? mistake.map { "<p class=\"wrong\" role=\"alert\">\($0.text)</p>" } : nil
        let typed = self.mistake == nil || mistake != nil ? typedName : ""
        let invitation: HTML? = (isNew ? self.invitation : nil).map {
            "<input type=\"hidden\" name=\"invite\" value=\"\($0)\">"
        }
        return """
            <section class="card" aria-labelledby="\(identifier)-title">
            <h2 id="\(identifier)-title">\(title)</h2>
            <form id="\(identifier)" method="post" action="/\(identifier)">
            \(next.map { "<input type=\"hidden\" name=\"next\" value=\"\($0.text)\">" } as HTML?)\
            \(invitation)\(general)
            <div class="field"><label for="\(identifier)-name">Name</label>
            <input type="text" id="\(identifier)-name" name="name" value="\(typed)" required \
            autocomplete="username" autocapitalize="none" spellcheck="false"\
            \(state(mistake, "name", identifier))></div>
            <div class="field"><label for="\(identifier)-password">Password\
            \(isNew ? " <span class=\"hint\">at least 8 characters</span>" : HTML())</label>
            <input type="password" id="\(identifier)-password" name="password" required \
            autocomplete="\(complete)"\(state(mistake, "password", identifier))></div>
            <button\(isNew ? HTML() : " class=\"quiet\"")>\(action)</button>
            </form>
            </section>
            """
    }

    /// Marks the field that is wrong, closes the tag and says why below it.
    private func state(_ mistake: Mistake?, _ field: String, _ identifier: HTML) -> HTML? {
        guard let mistake, mistake.field == field else { return nil }
        return """
             aria-invalid="true" autofocus aria-describedby="\(identifier)-wrong">\
            <p class="wrong" id="\(identifier)-wrong" role="alert">\(mistake.text)</p
            """
    }
}
