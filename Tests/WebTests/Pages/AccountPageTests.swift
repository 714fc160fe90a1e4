import HTTP
import Platform
import Testing
import Text
import Web

extension Person {
    /// A page that must be there.
    fileprivate func page(_ path: String) async throws -> String {
        let answer = try await get(path)
        #expect(answer.status == 200, "\(path): \(answer.text)")
        return answer.text
    }
}

/// What stands between two marks of a page.
private func between(_ start: String, _ end: Character, _ page: String) -> String? {
    guard let range = page.firstRange(of: start) else { return nil }
    return String(page[range.upperBound...].prefix { $0 != end })
}

@Test("a person ends sessions, changes name and password, and makes and revokes a token")
func accountPage() async throws {
    try await TestSite.run { site in
        let here = try await site.browser()
        var there = Person(site: site, name: "kiran")
        there.isBrowser = true
        let agent = "User-Agent: Mozilla/5.0 (X11; Linux) <b> Firefox/128.0"
        let signedIn = try await there.send(
            form: "/signin", ["name": "kiran", "password": "correct horse"], [agent])
        there.cookie = signedIn["set-cookie"]?.split(separator: ";").first.map(String.init)
        let page = try await here.page("/account")
        #expect(page.contains("Firefox on Linux") && page.contains("&lt;b&gt;"))
        let id = try #require(between("/account/sessions/", "/", page))
        #expect(try await here.send(form: "/account/sessions/\(id)/end", [:]).status == 303)
        #expect(try await there.get("/account")["location"]?.hasPrefix("/?done=signed-out") == true)
        // Ended already: the same answer.
        #expect(try await here.send(form: "/account/sessions/\(id)/end", [:]).status == 303)
        #expect(try await here.send(form: "/account/sessions/end", [:]).status == 303)

        let wrong = try await here.send(
            form: "/account/password", ["old": "nope", "new": "another horse"])
        #expect(wrong.status == 403 && wrong.text.contains("id=\"old-wrong\""))
        let short = try await here.send(
            form: "/account/password", ["old": "correct horse", "new": "x"])
        #expect(short.status == 422 && short.text.contains("id=\"new-wrong\""))
        let done = try await here.send(
            form: "/account/password", ["old": "correct horse", "new": "another horse"])
        #expect(done["location"] == "/account?done=password-changed")
        let bad = try await here.send(form: "/account/name", ["name": "<x>"])
        #expect(bad.status == 422 && bad.text.contains("value=\"&lt;x&gt;\""))
        #expect(try await here.send(form: "/account/name", ["name": "Robin"]).status == 303)

        let made = try await here.send(
            form: "/account/tokens",
            ["token-name": "<i>phone", "scope": "bookmarks:read", "days": "30"])
        let token = try #require(between("id=\"made-token\">", "<", made.text))
        #expect(token.hasPrefix("apus_") && made.text.contains("&lt;i&gt;phone"))
        #expect(made["cache-control"] == "no-store")
        #expect(try await !here.page("/account").contains(token))
        var program = Person(site: site)
        program.token = token
        #expect(try await program.get("/api/v1/bookmarks").status == 200)
        let tokenID = try #require(between("/account/tokens/", "/", made.text))
        #expect(try await here.send(form: "/account/tokens/\(tokenID)/revoke", [:]).status == 303)
        #expect(try await program.get("/api/v1/bookmarks").status == 401)
        let none = try await here.send(form: "/account/tokens", ["token-name": "x", "days": "0"])
        #expect(none.status == 422)
    }
}

@Test("leaving asks the password, offers the export, and warns the last operator")
func erasePage() async throws {
    try await TestSite.run { site in
        let first = try await site.browser("first")
        let page = try await first.page("/account/erase")
        #expect(page.contains("/api/v1/bookmarks/export?format=json"))
        #expect(page.contains("name=\"leaves-no-operator\""))
        let unsaid = try await first.send(form: "/account/erase", ["password": "correct horse"])
        #expect(unsaid.status == 409)
        let other = try await site.browser("other")
        #expect(try await !other.page("/account/erase").contains("leaves-no-operator"))
        let wrong = try await other.send(form: "/account/erase", ["password": "x"])
        #expect(wrong.status == 403 && wrong.text.contains("password-wrong"))
        let gone = try await other.send(form: "/account/erase", ["password": "correct horse"])
        #expect(gone["location"] == "/?done=erased")
        #expect(gone["set-cookie"]?.contains("Max-Age=0") == true)
        #expect(try await other.get("/account").status == 303)
    }
}

@Test("the operator's page shows people, decides on sign-up, invites, suspends and resets")
func operatorPage() async throws {
    try await TestSite.run { site in
        let first = try await site.browser("first")
        let robin = try await site.browser("robin")
        #expect(try await robin.get("/operator").status == 403)
        let page = try await first.page("/operator")
        #expect(page.contains(">robin<") && page.contains(">operator<"))
        #expect(try await first.page("/operator?name=nobody").contains("nobody of that name"))
        let found = try await first.page("/operator?name=robin")
        let id = try #require(between("/operator/people/", "\"", found))
        let path = "/operator/people/\(id)"
        #expect(try await first.page(path).contains("id=\"suspend\""))
        #expect(try await first.send(form: path + "/suspend", [:]).status == 303)
        #expect(try await robin.get("/account").status == 303)
        let told = try await Person(site: site).send(
            form: "/signin", ["name": "robin", "password": "correct horse"])
        #expect(told.status == 403 && told.text.contains("suspended this account"))
        #expect(try await first.send(form: path + "/unsuspend", [:]).status == 303)
        let reset = try await first.send(form: path + "/password", [:])
        let password = try #require(between("id=\"new-password\">", "<", reset.text))
        let back = try await Person(site: site).send(
            form: "/signin", ["name": "robin", "password": password])
        #expect(back.status == 303)

        #expect(try await first.send(form: "/operator/signup", ["mode": "invite"]).status == 303)
        #expect(try await Person(site: site).page("/").contains("need an invitation"))
        let invited = try await first.send(form: "/operator/invitations", ["note": "<u>Cid"])
        let link = try #require(between("id=\"made-invitation\">", "<", invited.text))
        #expect(link.hasPrefix("http://apus.test/?invite="))
        #expect(invited.text.contains("&lt;u&gt;Cid"))
        let secret = String(link.suffix(32))
        #expect(try await Person(site: site).page("/?invite=\(secret)").contains(secret))
        #expect(try await !Person(site: site).page("/?invite=%3Cb%3E").contains("id=\"signup\""))
        let joined = try await Person(site: site).send(
            form: "/signup", ["name": "cid", "password": "correct horse", "invite": secret])
        #expect(joined.status == 303)
        let twice = try await Person(site: site).send(
            form: "/signup", ["name": "dan", "password": "correct horse", "invite": secret])
        #expect(twice.status == 403 && twice.text.contains("was used or has expired"))
    }
}

@Test("no form of accounts and operators is taken from another site's page")
func crossSiteForms() async throws {
    try await TestSite.run { site in
        let first = try await site.browser("first")
        let user = "0123456789abcdef"
        let forms = [
            "/signup", "/signin", "/signout", "/account/sessions/end", "/account/sessions/x/end",
            "/account/password", "/account/name", "/account/tokens", "/account/tokens/x/revoke",
            "/account/erase", "/operator/signup", "/operator/invitations",
            "/operator/invitations/x/revoke", "/operator/people/\(user)/suspend",
            "/operator/people/\(user)/unsuspend", "/operator/people/\(user)/password",
        ]
        for form in forms {
            for origin in ["Origin: https://evil.example", "Origin: null"] {
                let answer = try await first.send(form: form, ["mode": "closed"], [origin])
                #expect(answer.status == 403, "\(form)")
            }
            var silent = first
            silent.isBrowser = false
            #expect(try await silent.send(form: form, [:]).status == 403, "\(form)")
            let sent = try await silent.send(form: form, [:], ["Sec-Fetch-Site: cross-site"])
            #expect(sent.status == 403, "\(form)")
        }
        #expect(try await first.page("/account").contains("Your account"))
    }
}

@Test(
    "a token that was there before signing in is never adopted, and cookies are kept from scripts")
func fixation() async throws {
    try await TestSite.run { site in
        let attacker = try await site.browser("mallory")
        let planted = try #require(attacker.cookie)
        _ = try await site.browser("robin")
        for cookie in [planted, "apus_session=" + String(repeating: "A", count: 54)] {
            var victim = Person(site: site)
            victim.isBrowser = true
            victim.cookie = cookie
            let answer = try await victim.send(
                form: "/signin", ["name": "robin", "password": "correct horse"])
            let set = try #require(answer["set-cookie"])
            let fresh = String(set.prefix { $0 != ";" })
            #expect(fresh != cookie && fresh.hasPrefix("apus_session="))
            for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] { #expect(set.contains(flag)) }
            // What was planted opens what it did before: never the account of who signed in.
            victim.cookie = cookie
            #expect(try await !victim.get("/account").text.contains("robin"))
        }
    }
    var options = ServerOptions()
    options.trustedProxies = try #require(TrustedProxies("127.0.0.1"))
    try await TestSite.run(server: options) { site in
        let answer = try await Person(site: site).send(
            form: "/signup", ["name": "robin", "password": "correct horse"],
            ["X-Forwarded-Proto: https"])
        #expect(answer["set-cookie"]?.contains("; Secure") == true)
    }
}
