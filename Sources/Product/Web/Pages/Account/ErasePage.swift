import Accounts

/// The last page of an account: export first, then the password.
struct ErasePage {
    var name: String
    var bookmarks: Int
    /// Without this account nobody would be an operator.
    var isLastOperator: Bool
    var mistake: FormMistake?

    var html: HTML {
        Frame("Erase the account", at: .account, for: name).page(
            """
            <h1>Erase the account <bdi>\(name)</bdi>?</h1>
            \(mistake?.field == nil ? mistake?.banner : nil)
            <p>Everything goes: \(bookmarks, of: "bookmark"), tags, notes, the trash, sessions and \
            tokens. Nothing of it can be brought back.</p>
            <p>Take your bookmarks with you first:</p>
            <p class="acts">
            <a class="button quiet" href="/api/v1/bookmarks/export?format=json">Export as JSON</a>
            <a class="button quiet" href="/api/v1/bookmarks/export?format=netscape">Export as a \
            browser’s file</a></p>
            <form id="erase" class="card later" method="post" action="/account/erase">
            <input type="text" name="name" value="\(name)" autocomplete="username" hidden>
            \(textField(
                "password", "Your password", type: "password", complete: "current-password",
                wrong: mistake?.field == "password" ? mistake?.text : nil))
            \(warning)
            <p class="acts"><button class="grave">Erase everything</button>
            <a href="/account">Keep it</a></p>
            </form>
            """)
    }

    private var warning: HTML? {
        guard isLastOperator else { return nil }
        return """
            <p class="notice bad">You are the only operator here. Without you nobody can suspend \
            people, reset passwords or invite, until <code>apus operator grant NAME</code> names \
            another one in the server’s shell.</p>
            <div class="checks"><label><input type="checkbox" name="leaves-no-operator" \
            value="yes">I know that there will be no operator</label></div>
            """
    }
}
