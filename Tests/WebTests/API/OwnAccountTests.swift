import Accounts
import Bytes
import HTTP
import Platform
import Testing
import Text
import Web

extension Person {
    fileprivate func put(_ path: String, json: JSON) async throws -> Answer {
        try await ask("PUT", path, ["Content-Type: application/json"], body: json.encoded)
    }

    /// The same name on another device.
    fileprivate func elsewhere(_ password: String = "correct horse") async throws -> Person {
        var other = Person(site: site, name: name)
        let answer = try await other.post(
            "/api/v1/sessions", json: ["name": .string(name), "password": .string(password)],
            ["User-Agent: curl/8.5"])
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer["ratelimit"]?.hasPrefix("\"attempts\";r=20;t=") == true)
        other.token = try answer.json()["token"]?.string
        return other
    }

    fileprivate func with(token: String?) -> Person {
        var other = self
        other.token = token
        return other
    }
}

@Test("sessions on several devices are listed, one is ended, then all others")
func sessionsInTheAPI() async throws {
    try await TestSite.run { site in
        let here = try await site.person()
        let there = try await here.elsewhere()
        let list = try await here.get("/api/v1/sessions").json()["items"]?.array ?? []
        #expect(list.map { $0["current"] } == [true, false])
        #expect(list[1]["device"] == "curl" && list[1]["agent"] == "curl/8.5")
        let id = list[1]["id"]?.string ?? ""
        #expect(try await here.delete("/api/v1/sessions/\(id)").status == 204)
        #expect(try await here.delete("/api/v1/sessions/\(id)").code == "no-such-session")
        #expect(try await there.get("/api/v1/sessions").status == 401)
        let third = try await here.elsewhere()
        #expect(try await third.delete("/api/v1/sessions").status == 204)
        #expect(try await here.get("/api/v1/sessions").status == 401)
        #expect(try await third.get("/api/v1/sessions").json()["items"]?.array?.count == 1)
        // Nobody ends another's.
        let stranger = try await site.person("other")
        let items = try await third.get("/api/v1/sessions").json()["items"]?.array
        let own = items?.first?["id"]?.string ?? ""
        #expect(try await stranger.delete("/api/v1/sessions/\(own)").status == 404)
    }
}

@Test("a token does what its scopes say and nothing else, and the answer names what is needed")
func tokensInTheAPI() async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        func made(_ scopes: [String], _ more: [JSON.Member] = []) async throws -> JSON {
            let scopes = JSON.Member("scopes", .array(scopes.map { .string($0) }))
            let answer = try await person.post(
                "/api/v1/tokens",
                json: .object([JSON.Member("name", "backup"), scopes] + more), [])
            #expect(answer.status == 201 && answer["cache-control"] == "no-store")
            return try answer.json()
        }
        let reading = try await made(["bookmarks:read"])
        let writing = try await made(["bookmarks:write"], [JSON.Member("days", 1)])
        let reader = person.with(token: reading["token"]?.string)
        let writer = person.with(token: writing["token"]?.string)
        #expect(try await reader.get("/api/v1/bookmarks").status == 200)
        #expect(try await reader.get("/api/v1/bookmarks/export").status == 200)
        let refused = try await reader.post(
            "/api/v1/bookmarks", json: ["url": "https://example.org/"])
        #expect(try refused.status == 403 && refused.code == "insufficient-scope")
        #expect(try refused.json()["scope"] == "bookmarks:write")
        #expect(
            refused["www-authenticate"]
                == "Bearer error=\"insufficient_scope\", scope=\"bookmarks:write\"")
        _ = try await writer.saved("https://example.org/")
        #expect(try await writer.get("/api/v1/bookmarks").code == "insufficient-scope")
        // Account matters, operators' matters and pages need a session.
        let matters = [
            ("GET", "/api/v1/sessions"), ("GET", "/api/v1/tokens"),
            ("DELETE", "/api/v1/sessions/current"), ("GET", "/api/v1/operator/people"),
            ("GET", "/api/v1/operator/log"), ("POST", "/api/v1/accounts/current/erasure"),
        ]
        for (method, path) in matters {
            #expect(try await reader.ask(method, path, body: []).code == "session-needed")
        }
        #expect(try await reader.get("/account").status == 303)
        let cookie = try #require(reading["token"]?.string)
        var browser = Person(site: site)
        browser.cookie = "apus_session=" + cookie
        #expect(try await browser.get("/api/v1/bookmarks").status == 401)

        let list = try await person.get("/api/v1/tokens").json()["items"]?.array ?? []
        #expect(list.count == 2 && list.allSatisfy { $0["token"] == nil })
        #expect(list.allSatisfy { $0["used"]?.string != nil })
        site.clock.advance(milliseconds: 86_400_000)
        #expect(
            try await writer.post("/api/v1/bookmarks", json: ["url": "https://a.example/"]).status
                == 401)
        let id = reading["id"]?.string ?? ""
        #expect(try await person.delete("/api/v1/tokens/\(id)").status == 204)
        #expect(try await reader.get("/api/v1/bookmarks").status == 401)
    }
}

@Test(
    "a token that cannot be is refused with the field's name",
    arguments: [
        (#"{"name":"","scopes":["bookmarks:read"]}"#, "bad-token-name", "name"),
        (#"{"name":"x","scopes":[]}"#, "bad-scopes", "scopes"),
        (#"{"name":"x","scopes":["everything"]}"#, "bad-scopes", "scopes"),
        (#"{"name":"x","scopes":["bookmarks:read"],"days":0}"#, "bad-days", "days"),
        (#"{"name":"x","scopes":["bookmarks:read"],"days":1.5}"#, "wrong-type", "days"),
        (#"{"name":"x","scopes":["bookmarks:read"],"days":"9"}"#, "wrong-type", "days"),
        (#"{"scopes":["bookmarks:read"]}"#, "missing-field", "name"),
    ])
func tokensRefuse(body: String, code: String, field: String) async throws {
    try await TestSite.run { site in
        let person = try await site.person()
        let answer = try await person.ask(
            "POST", "/api/v1/tokens", ["Content-Type: application/json"], body: Array(body.utf8))
        #expect(try answer.code == code)
        #expect(try answer.json()["field"]?.string == field)
    }
}

@Test("password and name are changed in the API, and the field that is wrong is named")
func ownAccountInTheAPI() async throws {
    try await TestSite.run { site in
        let here = try await site.person()
        let there = try await here.elsewhere()
        let path = "/api/v1/accounts/current/password"
        let wrong = try await here.put(path, json: ["old": "no", "new": "another horse"])
        #expect(try wrong.code == "wrong-password" && wrong.json()["field"] == "old")
        let short = try await here.put(path, json: ["old": "correct horse", "new": "x"])
        #expect(try short.code == "password-too-short" && short.json()["field"] == "new")
        let done = try await here.put(path, json: ["old": "correct horse", "new": "another horse"])
        #expect(done.status == 204)
        #expect(try await there.get("/api/v1/sessions").status == 401)
        _ = try await here.elsewhere("another horse")
        let renamed = try await here.patch("/api/v1/accounts/current", json: ["name": "Robin"])
        #expect(try renamed.json()["name"] == "Robin")
    }
}

@Test("an erased account is gone from every table, and its name is free")
func eraseInTheAPI() async throws {
    try await TestSite.run { site in
        let operating = try await site.person("first")
        let path = "/api/v1/accounts/current/erasure"
        let last = try await operating.post(path, json: ["password": "correct horse"])
        #expect(try last.status == 409 && last.code == "last-operator")
        let person = try await site.person("robin")
        for index in 0..<7 { _ = try await person.saved("https://example.org/\(index)") }
        let wrong = try await person.post(path, json: ["password": "nope"])
        #expect(try wrong.status == 403 && wrong.code == "wrong-password")
        let begun = try await person.post(path, json: ["password": "correct horse"])
        #expect(begun.status == 202)
        #expect(try await person.get("/api/v1/bookmarks").status == 401)
        var again: Answer?
        for _ in 0..<200 {
            again = try await Person(site: site).post(
                "/api/v1/accounts", json: ["name": "robin", "password": "correct horse"])
            if again?.status == 201 { break }
        }
        let heir = person.with(token: try again?.json()["token"]?.string)
        #expect(try await heir.urls() == [])
        let people = try await operating.get("/api/v1/operator/people").json()["items"]?.array
        #expect(people?.count == 2)
    }
}

@Test("operators suspend, let in, reset, decide on sign-up and invite; others are refused")
func operatorsInTheAPI() async throws {
    try await TestSite.run { site in
        let first = try await site.person("first")
        let person = try await site.person("robin")
        _ = try await person.saved("https://example.org/")
        let root = "/api/v1/operator"
        for path in ["/people", "/signup", "/invitations"] {
            #expect(try await person.get(root + path).code == "operators-only")
            #expect(try await Person(site: site).get(root + path).status == 401)
        }
        let found = try await first.get(root + "/people?name=ROBIN").json()["items"]?.array ?? []
        #expect(found.count == 1 && found[0]["bookmarks"] == 1 && found[0]["operator"] == false)
        let id = found[0]["id"]?.string ?? ""
        let robin = root + "/people/\(id)"
        #expect(try await first.patch(robin, json: ["suspended": true]).status == 204)
        #expect(try await person.get("/api/v1/bookmarks").status == 401)
        let credentials: JSON = ["name": "robin", "password": "correct horse"]
        let told = try await Person(site: site).post("/api/v1/sessions", json: credentials)
        #expect(try told.status == 403 && told.code == "account-suspended")
        #expect(try await first.patch(robin, json: ["suspended": false]).status == 204)
        let reset = try await first.post(robin + "/password", json: [:])
        let password = try reset.json()["password"]?.string ?? ""
        _ = try await person.elsewhere(password)
        #expect(try await first.patch(root + "/people/zz", json: ["suspended": true]).status == 404)
        #expect(try await first.get(root + "/people?cursor=zz").code == "bad-cursor")

        #expect(try await first.put(root + "/signup", json: ["mode": "loud"]).code == "bad-mode")
        let mode = try await first.put(root + "/signup", json: ["mode": "invite"])
        #expect(try mode.json() == ["mode": "invite", "fixed": false])
        let cid: [JSON.Member] = [.init("name", "cid"), .init("password", "correct horse")]
        let stranger = Person(site: site)
        let shut = try await stranger.post("/api/v1/accounts", json: .object(cid))
        #expect(try shut.code == "invitation-needed")
        let invitation = try await first.post(root + "/invitations", json: ["note": "Cid"]).json()
        let secret = invitation["invitation"] ?? .null
        #expect(invitation["path"]?.string?.hasPrefix("/?invite=") == true)
        let joined = try await stranger.post(
            "/api/v1/accounts", json: .object(cid + [.init("invitation", secret)]))
        #expect(joined.status == 201, "\(joined.text)")
        let list = try await first.get(root + "/invitations").json()
        #expect(list == ["items": [], "next": .null])
    }
}

@Test("a made-up X-Forwarded-For changes nothing; behind a trusted proxy the client is counted")
func forwardedFor() async throws {
    let settings = AccountSettings(attemptsPerNameMax: 1000, attemptsPerAddressMax: 4)
    var options = ServerOptions()
    options.trustedProxies = try #require(TrustedProxies("127.0.0.1"))
    try await TestSite.run(accounts: settings, server: options) { site in
        let stranger = Person(site: site)
        func attempt(_ index: Int, _ forwarded: String) async throws -> Int {
            try await stranger.post(
                "/api/v1/sessions",
                json: ["name": .string("name\(index)"), "password": "correct horse"],
                ["X-Forwarded-For: \(forwarded)"]
            ).status
        }
        // What the client itself wrote stands left of what the proxy saw.
        for index in 0..<4 {
            let status = try await attempt(index, "203.0.113.\(index), 192.0.2.7")
            #expect(status == 401)
        }
        #expect(try await attempt(5, "203.0.113.99, 192.0.2.7") == 429)
        #expect(try await attempt(6, "192.0.2.8") == 401)
    }
    try await TestSite.run(accounts: AccountSettings(attemptsPerNameMax: 3)) { site in
        let stranger = Person(site: site)
        for index in 0..<4 {
            let answer = try await stranger.post(
                "/api/v1/sessions", json: ["name": "kiran", "password": "wrong"],
                ["X-Forwarded-For: 192.0.2.\(index)", "Forwarded: for=192.0.2.\(index)"])
            #expect(answer.status == (index < 3 ? 401 : 429))
        }
    }
}
