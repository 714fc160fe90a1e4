// The operator's facts as JSON, and the schemas that the API's document shows of them.

import Capacity
import Platform
import Text

extension JSONWriter {
    private mutating func member(_ name: StaticString, _ value: Double?) {
        self.name(name)
        guard let value, value.isFinite else { return null() }
        self.value(value)
    }

    private mutating func member(_ name: StaticString, optional value: Int?) {
        self.name(name)
        guard let value else { return null() }
        self.value(value)
    }

    private mutating func member(_ name: StaticString, time: Timestamp) {
        member(name, rfc3339(milliseconds: time.milliseconds))
    }

    mutating func line(_ line: LoggedLine) {
        object { json in
            json.member("time", time: line.time)
            json.member("level", line.level)
            json.member("text", line.text)
        }
    }

    mutating func machine(
        _ outlook: Outlook, _ minute: Traffic, _ routes: [RouteTraffic]
    ) {
        let facts = outlook.facts
        object { json in
            json.member("time", time: outlook.time)
            json.member("version", facts.version)
            json.member("started", time: facts.started)
            json.member("memoryBytes", facts.memoryBytes)
            json.member("dataBytes", facts.dataBytes)
            json.member("diskBytes", facts.diskBytes)
            json.member("freeBytes", facts.freeBytes)
            json.member("bytesPerDay", outlook.growth?.perDay)
            json.member("daysUntilFull", outlook.daysUntilFull)
            json.member("accounts", optional: outlook.census?.accounts)
            json.member("bookmarks", optional: outlook.census?.bookmarks)
            json.member("bytesPerBookmark", outlook.bytesPerBookmark)
            json.member("bookmarksPerDay", outlook.bookmarkGrowth?.perDay)
            json.name("parts")
            json.array { json in
                for part in facts.parts {
                    json.object { json in
                        json.member("name", part.name)
                        json.member("bytes", part.bytes)
                    }
                }
            }
            json.name("days")
            json.array { json in
                for day in outlook.days { json.day(day) }
            }
            json.name("lastMinute")
            json.object { json in
                json.member("reads", minute.reads)
                json.member("writes", minute.writes)
                json.member("busiestSecond", minute.peak)
            }
            json.name("routes")
            json.array { json in
                for route in routes { json.route(route) }
            }
        }
    }

    private mutating func day(_ day: DayOfGrowth) {
        object { json in
            json.member("day", String(rfc3339(milliseconds: day.day.milliseconds).prefix(10)))
            json.member("dataBytes", day.dataBytes)
            json.member("freeBytes", day.freeBytes)
            json.member("bookmarks", day.bookmarks)
            json.member("reads", day.traffic.reads)
            json.member("writes", day.traffic.writes)
            json.member("busiestSecond", day.traffic.peak)
        }
    }

    private mutating func route(_ route: RouteTraffic) {
        object { json in
            json.member("route", route.route)
            json.member("count", route.count)
            json.member("failed", route.failed)
            json.member("median", route.median)
            json.member("p99", route.slowest)
        }
    }

    mutating func sheet(_ sheet: DesignSheet) {
        object { json in
            json.member("time", time: sheet.time)
            json.name("requirements")
            json.array { json in
                for row in sheet.requirements {
                    json.object { json in
                        json.member("row", row.row)
                        json.member("text", row.text)
                        json.member("minimum", row.isMinimum)
                    }
                }
            }
            json.name("scale")
            json.scale(sheet.scale)
            json.statements("goals", sheet.goals)
            json.statements("interfaces", sheet.interfaces)
            json.statements("parts", sheet.parts)
        }
    }

    private mutating func statements(
        _ name: StaticString, _ statements: [DesignSheet.Statement]
    ) {
        self.name(name)
        array { json in
            for statement in statements {
                json.object { json in
                    json.member("name", statement.name)
                    json.member("text", statement.text)
                }
            }
        }
    }

    private mutating func scale(_ scale: DesignSheet.Scale) {
        object { json in
            json.member("readsPerSecond", scale.readsNow)
            json.member("writesPerSecond", scale.writesNow)
            json.member("meanPerSecondOfDay", scale.meanOfDay)
            json.member("busiestSecondOfDay", scale.peakOfDay)
            json.member("peakFactor", scale.peakFactor)
            json.member("peakFactorIsMeasured", scale.isPeakMeasured)
            json.member("readsPerWrite", scale.readsPerWrite)
            json.member("accounts", optional: scale.accounts)
            json.member("bookmarks", optional: scale.bookmarks)
            json.member("bytesPerBookmark", scale.bytesPerBookmark)
            json.member("bookmarksPerDay", scale.bookmarksPerDay)
            json.member("bytesPerDay", scale.bytesPerDay)
            json.member("dataBytes", scale.dataBytes)
            json.member("diskBytes", scale.diskBytes)
            json.member("freeBytes", scale.freeBytes)
            json.member("daysUntilFull", scale.daysUntilFull)
            json.member("daysWithTwiceTheDisk", scale.daysWithTwiceTheDisk)
            json.name("fitsOneMachineForAYear")
            if let fits = scale.fitsOneMachine { json.value(fits) } else { json.null() }
            json.member("daysUntilSecondMachine", scale.daysUntilSecondMachine)
            json.member("machinesForTenfold", scale.machinesForTenfold)
            json.member("machinesForHundredfold", scale.machinesForHundredfold)
            json.member("requestsPerSecondMax", scale.requestsPerSecondMax)
        }
    }
}

extension OpenAPIDocument {
    /// The schemas of the operator's calls about the machine.
    static var machineSchemas: [JSON.Member] {
        [
            JSON.Member("Machine", machine), JSON.Member("DesignSheet", designSheet),
            JSON.Member("LogLines", logLines),
        ]
    }

    private static let time = JSON.type(
        "string", nil, [JSON.Member("format", "date-time")])
    private static let count = JSON.type("integer", nil, [JSON.Member("minimum", 0)])
    private static let known: JSON = [
        "type": ["number", "null"], "description": "Null while it is not known.",
    ]

    private static func list(_ properties: JSON) -> JSON {
        .type(
            "array", nil,
            [JSON.Member("items", ["type": "object", "properties": properties])])
    }

    private static var statements: JSON {
        list(["name": .type("string"), "text": .type("string")])
    }

    private static var machine: JSON {
        [
            "type": "object",
            "properties": [
                "time": time, "version": .type("string"), "started": time,
                "memoryBytes": count, "dataBytes": count, "diskBytes": count,
                "freeBytes": count, "bytesPerDay": known, "daysUntilFull": known,
                "accounts": known, "bookmarks": known, "bytesPerBookmark": known,
                "bookmarksPerDay": known,
                "parts": list(["name": .type("string"), "bytes": count]),
                "days": list([
                    "day": .type("string", nil, [JSON.Member("format", "date")]),
                    "dataBytes": count, "freeBytes": count, "bookmarks": count,
                    "reads": count, "writes": count, "busiestSecond": count,
                ]),
                "lastMinute": [
                    "type": "object",
                    "properties": ["reads": count, "writes": count, "busiestSecond": count],
                ],
                "routes": list([
                    "route": .type("string", "Method and pattern, since the process began."),
                    "count": count, "failed": count,
                    "median": .type("number", "Milliseconds."),
                    "p99": .type("number", "Milliseconds."),
                ]),
            ],
        ]
    }

    private static var designSheet: JSON {
        [
            "type": "object",
            "properties": [
                "time": time,
                "requirements": list([
                    "row": .type("string"), "text": .type("string"),
                    "minimum": .type("boolean"),
                ]),
                "scale": .type(
                    "object", "Numbers of the running instance; null while not known."),
                "goals": statements, "interfaces": statements, "parts": statements,
            ],
        ]
    }

    private static var logLines: JSON {
        [
            "type": "object",
            "properties": [
                "items": list([
                    "time": time, "level": .type("string"), "text": .type("string"),
                ])
            ],
        ]
    }
}
