import Platform
import ProductFakes
import Synchronization
import Testing
import Text

private func host() -> FakeMachine {
    let host = FakeMachine()
    host.state.withLock { state in
        state.lastMinute = Traffic(reads: 120, writes: 30, peak: 9)
        state.traffic = Traffic(reads: 4_000, writes: 1_000)
        state.routes = [
            RouteTraffic(
                route: "GET /", count: 4_000, failed: 1, median: 0.4, slowest: 2.75)
        ]
        // The site's clock stands at this moment.
        let now: Int64 = 1_700_000_000_000
        state.lines = [
            LoggedLine(
                time: Timestamp(milliseconds: now - 1_000), level: "warning",
                text: "answered with a failure route=/<b>"),
            LoggedLine(
                time: Timestamp(milliseconds: now - 2_000), level: "info", text: "started"),
            LoggedLine(
                time: Timestamp(milliseconds: now - 3_600_001), level: "error", text: "ancient"),
        ]
    }
    return host
}

@Test("FW-1 operators get the sheet with live numbers, sizes and logs; others are refused")
func operatorsCalls() async throws {
    try await TestSite.run(host: host()) { site in
        let first = try await site.person("operator")
        let other = try await site.person("other")
        let stranger = Person(site: site)
        for path in ["machine", "sheet", "log"] {
            let call = "/api/v1/operator/" + path
            #expect(try await stranger.get(call).status == 401)
            let refused = try await other.get(call)
            #expect(try refused.status == 403 && refused.code == "operators-only")
            let given = try await first.get(call)
            #expect(given.status == 200, "\(given.text)")
        }
        let machine = try await first.get("/api/v1/operator/machine").json()
        #expect(machine["dataBytes"]?.integer == 1_000_000)
        #expect(machine["daysUntilFull"] == .null)
        #expect(machine["routes"]?.array?.first?["route"]?.string == "GET /")
        let sheet = try await first.get("/api/v1/operator/sheet").json()
        #expect(sheet["requirements"]?.array?.first?["row"]?.string == "BK-1")
        #expect(sheet["scale"]?["readsPerSecond"]?.double == 2)
        #expect(sheet["scale"]?["readsPerWrite"]?.double == 4)
        #expect(sheet["scale"]?["busiestSecondOfDay"]?.integer == 9)
        let lines = try await first.get("/api/v1/operator/log?level=warning").json()
        #expect(lines["items"]?.array?.count == 1)
        #expect(try await first.get("/api/v1/operator/log").json()["items"]?.array?.count == 2)
        let odd = try await first.get("/api/v1/operator/log?level=loud")
        #expect(try odd.status == 400 && odd.code == "bad-level")
    }
}

@Test("the operator's pages show the machine and the sheet, escaped, and say what is not known yet")
func operatorsPages() async throws {
    try await TestSite.run(host: host()) { site in
        let first = try await site.browser("operator")
        let other = try await site.browser("other")
        for path in ["/operator/machine", "/operator/sheet"] {
            #expect(try await other.get(path).status == 403)
            #expect(try await Person(site: site).get(path).status == 303)
        }
        let machine = try await first.get("/operator/machine")
        #expect(machine.status == 200)
        #expect(machine.text.contains("48 MB"))
        #expect(machine.text.contains("not known yet"))
        #expect(machine.text.contains("route=/&lt;b&gt;") && !machine.text.contains("ancient"))
        let errors = try await first.get("/operator/machine?level=error")
        #expect(errors.text.contains("No such line in the last hour"))
        let sheet = try await first.get("/operator/sheet")
        #expect(sheet.status == 200)
        for word in ["BK-1", "2 a second", "Read heavy, 4 : 1", "Design goals", "addBookmark("] {
            #expect(sheet.text.contains(word), "\(word)")
        }
    }
}
