import Bytes
import HTTP
import Platform
import Testing
import Text
import Web

@Test("AP-3 BK-3 a session made at one process is served by any other on the same database")
func sitesAreStateless() async throws {
    let clock = TestClock()
    let machine = try Machine(clock: clock)
    try await TestSite.run(on: machine, clock) { one in
        let person = try await one.person()
        let saved = try await person.saved("https://example.org/birds")
        try await TestSite.run(on: machine, clock) { other in
            var elsewhere = Person(site: other, name: person.name)
            elsewhere.token = person.token
            #expect(try await elsewhere.urls() == ["https://example.org/birds"])
            let id = try #require(saved["id"]?.string)
            #expect(try await elsewhere.get("/api/v1/bookmarks/\(id)").json() == saved)
            #expect(try await elsewhere.delete("/api/v1/sessions/current").status == 204)
        }
        // Signed out there is signed out here.
        #expect(try await person.get("/api/v1/bookmarks").status == 401)
    }
    await machine.stop()
}

@Test("accounts: sign up, who am I, sign in, sign out")
func accountsInTheAPI() async throws {
    try await TestSite.run { site in
        let person = try await site.person("Kiran")
        let account = try await person.get("/api/v1/accounts/current").json()
        #expect(account["name"] == "Kiran" && account["operator"] == true)
        var again = Person(site: site)
        let session = try await again.post(
            "/api/v1/sessions", json: ["name": "KIRAN", "password": "correct horse"])
        #expect(session.status == 201 && session["cache-control"] == "no-store")
        #expect(session["ratelimit-policy"] == "\"attempts\";q=20;w=900")
        again.token = try session.json()["token"]?.string
        #expect(again.token != person.token)
        #expect(try await again.delete("/api/v1/sessions/current").status == 204)
        #expect(try await again.get("/api/v1/accounts/current").code == "not-signed-in")
        #expect(try await person.get("/api/v1/accounts/current").status == 200)
    }
}

@Test("a repeated sign-up with an Idempotency-Key answers the account that was made")
func signUpIsRepeatable() async throws {
    try await TestSite.run { site in
        let stranger = Person(site: site)
        let body: JSON = ["name": "kiran", "password": "correct horse"]
        let key = ["Idempotency-Key: 1"]
        let first = try await stranger.post("/api/v1/accounts", json: body, key)
        let again = try await stranger.post("/api/v1/accounts", json: body, key)
        #expect(first.status == 201 && again.status == 201)
        #expect(try first.json()["account"] == again.json()["account"])
        let without = try await stranger.post("/api/v1/accounts", json: body)
        #expect(try without.code == "name-taken")
        let wrong: JSON = ["name": "kiran", "password": "another one"]
        #expect(try await stranger.post("/api/v1/accounts", json: wrong, key).code == "name-taken")
        let bad = try await stranger.post("/api/v1/accounts", json: body, ["Idempotency-Key: a b"])
        #expect(try bad.code == "bad-idempotency-key")
    }
}

private let long = String(repeating: "x", count: 2000)

@Test(
    "bad input to accounts is refused with the field's name",
    arguments: [
        (#"{"name":"a","password":"correct horse"}"#, 422, "invalid-name", "name"),
        (#"{"name":"-ab","password":"correct horse"}"#, 422, "invalid-name", "name"),
        (#"{"name":"раypal","password":"correct horse"}"#, 422, "invalid-name", "name"),
        (#"{"name":"kiran","password":"short"}"#, 422, "password-too-short", "password"),
        ("{\"name\":\"kiran\",\"password\":\"\(long)\"}", 422, "password-too-long", "password"),
        (#"{"name":"kiran"}"#, 422, "missing-field", "password"),
        (#"{"name":7,"password":"correct horse"}"#, 422, "wrong-type", "name"),
        (#"{"name":null,"password":"correct horse"}"#, 422, "wrong-type", "name"),
        (#"{"name":"kiran","password":"correct horse","mail":"x"}"#, 422, "unknown-field", "mail"),
        ("[]", 422, "not-an-object", nil), ("{", 400, "bad-json", nil),
        ("", 400, "bad-json", nil), ("{\"name\":\"\u{0}\"}", 400, "bad-json", nil),
    ] as [(String, Int, String, String?)])
func accountsRefuse(body: String, status: Int, code: String, field: String?) async throws {
    try await TestSite.run { site in
        let answer = try await Person(site: site).ask(
            "POST", "/api/v1/accounts", ["Content-Type: application/json"],
            body: Array(body.utf8))
        #expect(answer.status == status)
        #expect(try answer.code == code)
        #expect(try answer.json()["field"]?.string == field)
    }
}

@Test("many wrong passwords for a name have to wait, and are told how long")
func attemptsAreLimited() async throws {
    try await TestSite.run { site in
        _ = try await site.person()
        let stranger = Person(site: site)
        let wrong: JSON = ["name": "kiran", "password": "not that one"]
        for _ in 0..<20 {
            #expect(
                try await stranger.post("/api/v1/sessions", json: wrong).code
                    == "wrong-name-or-password")
        }
        let told = try await stranger.post("/api/v1/sessions", json: wrong)
        #expect(told.status == 429)
        #expect(try told.code == "too-many-attempts")
        let seconds = try #require(told["retry-after"].flatMap(Int.init))
        #expect(seconds > 0 && told["ratelimit"] == "\"attempts\";r=0;t=\(seconds)")
        site.clock.advance(milliseconds: Int64(seconds) * 1000)
        let right: JSON = ["name": "kiran", "password": "correct horse"]
        #expect(try await stranger.post("/api/v1/sessions", json: right).status == 201)
    }
}
