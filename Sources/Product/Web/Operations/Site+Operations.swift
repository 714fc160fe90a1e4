// What operators see of the machine: pages and calls, for operators only.

import Accounts
import Capacity
import HTTP
import Platform
import Text

extension Site {
    func registerMachinePages(on router: inout Router) {
        router.get("/operator/machine", forOperators(showMachine))
        router.get("/operator/sheet", forOperators(showSheet))
    }

    /// The operator's calls about the machine.
    var machineCalls: [Endpoint] {
        [
            Endpoint(
                .get, "/api/v1/operator/machine", "machine",
                "Sizes, growth, days until the disk is full, and how requests went.",
                answers: [.init(200, "The machine now.", "Machine")], problems: [500, 503],
                .operators(machine)),
            Endpoint(
                .get, "/api/v1/operator/sheet", "designSheet",
                "The four steps of this system's design, with the numbers of now.",
                answers: [.init(200, "The sheet.", "DesignSheet")], problems: [500, 503],
                .operators(sheet)),
            Endpoint(
                .get, "/api/v1/operator/log", "logLines",
                "Lines of the log, newest first; the last hour's, at most 2,000.",
                [
                    .init(
                        "level", in: .query,
                        [
                            "enum": .array(LogFilter.levels.map { .string($0) }),
                            "default": "info",
                        ], "Lines that matter at least so much.")
                ],
                answers: [.init(200, "The lines.", "LogLines")], problems: [400],
                .operators(logLines)),
        ]
    }

    private func outlook(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Outlook {
        do {
            return try await capacity.outlook(visitor.context)
        } catch { throw problem(error, request) }
    }

    private func sheet(_ request: Request) async throws(Problem) -> DesignSheet {
        do {
            return try await capacity.sheet(request.context(.system, clock))
        } catch { throw problem(error, request) }
    }

    /// The newest lines of the last hour.
    private func lines(_ filter: LogFilter, limit: Int) -> [LoggedLine] {
        capacity.machine.logLines(
            since: clock.now.adding(milliseconds: -LogFilter.milliseconds), level: filter.level,
            limit: limit)
    }

    private func problem(_ error: CapacityError, _ request: Request) -> Problem {
        let problem =
            switch error {
            case .machine(.unreadable(let reason)):
                Problem(
                    .serviceUnavailable, "machine-unreadable", "Machine Unreadable",
                    "The data folder could not be looked at: \(reason)")
            case .database(let error): Problem(error)
            }
        if problem.isOurs { options.report("\(error)", request.trace) }
        return problem
    }

    // MARK: Pages

    private func showMachine(_ request: Request, _ visitor: Visitor) async throws(Problem)
        -> Response
    {
        let filter = try LogFilter(request)
        let page = MachinePage(
            name: visitor.account.name, outlook: try await outlook(request, visitor),
            lastMinute: capacity.machine.lastMinute, routes: capacity.machine.routes,
            filter: filter, lines: lines(filter, limit: MachinePage.linesShownMax))
        return .page(page.html)
    }

    private func showSheet(_ request: Request, _ visitor: Visitor) async throws(Problem)
        -> Response
    {
        .page(SheetPage(name: visitor.account.name, sheet: try await sheet(request)).html)
    }

    // MARK: Calls

    private func machine(_ request: Request, _ visitor: Visitor) async throws(Problem)
        -> Response
    {
        let outlook = try await outlook(request, visitor)
        let (minute, routes) = (capacity.machine.lastMinute, capacity.machine.routes)
        return .json(.ok, bytes: 8_192) { $0.machine(outlook, minute, routes) }
    }

    private func sheet(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let sheet = try await sheet(request)
        return .json(.ok, bytes: 8_192) { $0.sheet(sheet) }
    }

    private func logLines(_ request: Request, _ visitor: Visitor) async throws(Problem)
        -> Response
    {
        let lines = lines(try LogFilter(request), limit: LogFilter.linesMax)
        return .json(.ok, bytes: 65_536) { json in
            json.object { json in
                json.name("items")
                json.array { json in
                    for line in lines { json.line(line) }
                }
            }
        }
    }
}

/// Which lines of the log are asked for.
struct LogFilter: Equatable {
    static let levels = ["debug", "info", "warning", "error"]
    static let linesMax = 2_000
    /// An hour.
    static let milliseconds: Int64 = 3_600_000

    var level = "info"

    init(_ request: Request) throws(Problem) {
        guard let level = try request.query()["level"], !level.isEmpty else { return }
        guard LogFilter.levels.contains(level) else {
            throw .badRequest(
                "bad-level", "The level is one of \(LogFilter.levels.joined(separator: ", ")).")
        }
        self.level = level
    }
}
