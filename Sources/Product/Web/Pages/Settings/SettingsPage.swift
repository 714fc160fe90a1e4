// What a person decides about the own bookmarks.

import Accounts
import Bookmarks
import HTTP

/// One form with all settings.
struct SettingsPage {
    var name: String
    var settings: UserSettings
    var notice: HTML?

    var html: HTML {
        let boxes = UserSettings.attributes.map { name, path in
            box(name, isOn: settings[keyPath: path])
        }
        return Frame("Settings", at: .account, for: name).page(
            """
            \(notice)
            <h1>Settings</h1>
            <form id="settings" class="card" method="post" action="/settings">
            \(boxes)
            <div class="acts"><button>Save</button> \
            <a href="/people/\(query: name)">Your public page</a> <a href="/account">Account</a>\
            </div>
            </form>
            <form id="fetch-titles" class="card later" method="post" action="/bookmarks/fetch">
            <p>Bookmarks without a title, from an import for example, can get theirs from the \
            pages themselves: the newest thousand at a time.</p>
            <button class="quiet">Fetch missing titles now</button>
            </form>
            """)
    }

    private func box(_ name: String, isOn: Bool) -> HTML {
        let (label, hint) = words(name)
        return """
            <label class="setting"><input type="checkbox" name="\(name)" value="yes"\
            \(isOn ? " checked" : HTML())> <span>\(label)<br><span class="hint">\(hint)</span>\
            </span></label>

            """
    }

    private func words(_ name: String) -> (label: HTML, hint: HTML) {
        switch name {
        case "privateByDefault":
            (
                "New bookmarks are private",
                "Unless a form or a file says otherwise. Those that are there stay as they are."
            )
        case "publicPage":
            (
                "Show my public bookmarks on a page of my own",
                "Without it nobody but you sees any of your bookmarks."
            )
        case "noIndex":
            ("Ask search engines to leave that page out", "Most of them listen.")
        case "fetchTitles":
            (
                "Fetch missing titles and icons",
                "The server asks the page itself, as a browser would."
            )
        default: ("\(name)", "")
        }
    }
}

extension Site {
    func registerSettingsPages(on router: inout Router) {
        router.get("/settings", personal(showSettings))
        router.post("/settings", personal(changeSettings))
    }

    private func showSettings(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let notice = Notice.html(try request.query())
        do {
            let settings = try await bookmarks.settings(visitor.user, visitor.context)
            let page = SettingsPage(
                name: visitor.account.name, settings: settings, notice: notice)
            return .page(page.html)
        } catch { throw problem(error, request) }
    }

    /// The form has all boxes: one that is not there is off.
    private func changeSettings(
        _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> Response {
        let form = try request.form()
        var changes: [String: Bool] = [:]
        for (name, _) in UserSettings.attributes { changes[name] = form[name] != nil }
        do {
            _ = try await bookmarks.change(
                settings: changes, of: visitor.user, visitor.context)
            return .redirect(to: LocalPath(checked: "/settings").saying(.settings))
        } catch { throw problem(error, request) }
    }
}
