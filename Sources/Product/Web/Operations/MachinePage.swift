// The machine as operators see it: sizes and growth, traffic by route, the last hour's log.

import Capacity
import HTTP
import Platform
import Text

struct MachinePage {
    var name: String
    var outlook: Outlook
    var lastMinute: Traffic
    var routes: [RouteTraffic]
    var filter: LogFilter
    var lines: [LoggedLine]

    /// Lines of the log on the page; the API gives all.
    static let linesShownMax = 200
    private static let routesShownMax = 40

    var html: HTML {
        Frame("This machine", for: name).page(
            """
            <h1>This machine</h1>
            <p><a href="/operator">People and sign-up</a> · \
            <a href="/operator/sheet">Design sheet</a></p>
            \(sums)
            \(sizes)
            \(growth)
            \(traffic)
            \(log)
            """)
    }

    private var sums: HTML {
        let facts = outlook.facts
        let cells: [(HTML, String)] = [
            ("Version", facts.version),
            ("Up for", Amount.span(outlook.time.milliseconds - facts.started.milliseconds)),
            ("Memory", Amount.bytes(facts.memoryBytes)),
            ("Data", Amount.bytes(facts.dataBytes)),
            ("Free on the disk", Amount.bytes(facts.freeBytes)),
            ("Disk is full in", outlook.fullIn),
        ]
        let made = cells.map { cell -> HTML in
            "<div><dt>\(cell.0)</dt><dd>\(cell.1)</dd></div>"
        }
        return "<dl class=\"sums\" id=\"machine\">\(made)</dl>"
    }

    private var sizes: HTML {
        let rows = outlook.facts.parts.map { part -> HTML in
            "<tr><th scope=\"row\">\(part.name)</th><td>\(Amount.bytes(part.bytes))</td></tr>"
        }
        return """
            <section class="later" aria-labelledby="sizes"><h2 id="sizes">Sizes</h2>
            <table><thead><tr><th scope="col">Part of the data folder</th>\
            <th scope="col">On the disk</th></tr></thead><tbody>\(rows)</tbody></table>
            <p class="hint">The disk holds \(Amount.bytes(outlook.facts.diskBytes)).</p>
            </section>
            """
    }

    private var growth: HTML {
        let rows = outlook.days.map { day -> HTML in
            let date = rfc3339(milliseconds: day.day.milliseconds).prefix(10)
            let bytes = day.bytesMore.map { Amount.bytes(Double($0)) } ?? "–"
            let bookmarks = day.bookmarksMore.map { Amount.whole($0) } ?? "–"
            return """
                <tr><th scope="row">\(String(date))</th>\
                <td>\(Amount.bytes(day.dataBytes))</td><td>\(bytes)</td>\
                <td>\(Amount.whole(day.bookmarks))</td><td>\(bookmarks)</td>\
                <td>\(Amount.whole(day.traffic.reads))</td>\
                <td>\(Amount.whole(day.traffic.writes))</td></tr>
                """
        }
        let table: HTML =
            """
            <div class="scroll"><table><thead><tr><th scope="col">Day (UTC)</th>\
            <th scope="col">Data</th><th scope="col">More</th><th scope="col">Bookmarks</th>\
            <th scope="col">More</th><th scope="col">Reads</th><th scope="col">Writes</th></tr>\
            </thead><tbody>\(rows)</tbody></table></div>
            """
        return """
            <section class="later" aria-labelledby="growth"><h2 id="growth">Growth</h2>
            <p>\(outlook.reckoning)</p>
            \(rows.isEmpty ? HTML() : table)
            </section>
            """
    }

    private var traffic: HTML {
        let rows = routes.prefix(Self.routesShownMax).map { route -> HTML in
            """
            <tr><th scope="row"><code>\(route.route)</code></th>\
            <td>\(Amount.whole(route.count))</td><td>\(Amount.whole(route.failed))</td>\
            <td>\(Amount.number(route.median)) ms</td>\
            <td>\(Amount.number(route.slowest)) ms</td></tr>
            """
        }
        let rate = Double(lastMinute.reads + lastMinute.writes) / 60
        return """
            <section class="later" aria-labelledby="traffic"><h2 id="traffic">Requests</h2>
            <p>In the last minute \(Amount.number(rate)) a second: \
            \(Amount.whole(lastMinute.reads)) reads and \
            \(Amount.whole(lastMinute.writes)) writes; \
            \(Amount.whole(lastMinute.peak)) in the busiest second.</p>
            <div class="scroll"><table><thead><tr><th scope="col">Route, since the start</th>\
            <th scope="col">Answered</th><th scope="col">Failed</th>\
            <th scope="col">Half within</th><th scope="col">99 of 100 within</th></tr></thead>\
            <tbody>\(rows)</tbody></table></div>
            </section>
            """
    }

    private var log: HTML {
        let levels = LogFilter.levels.map { level -> HTML in
            level == filter.level
                ? "<strong aria-current=\"true\">\(level)</strong> "
                : "<a href=\"/operator/machine?level=\(level)#log\">\(level)</a> "
        }
        let rows = lines.map { line -> HTML in
            "<li class=\"\(line.level)\"><code>\(line.text)</code></li>"
        }
        let list: HTML =
            rows.isEmpty
            ? "<p class=\"hint\">No such line in the last hour.</p>"
            : "<ol class=\"log\" reversed>\(rows)</ol>"
        return """
            <section class="later" aria-labelledby="log"><h2 id="log">Log of the last hour</h2>
            <p class="count">At least: \(levels)</p>
            \(list)
            </section>
            """
    }
}

extension Outlook {
    /// How long the disk will do, in words.
    var fullIn: String {
        if let days = daysUntilFull { return Amount.days(days) }
        return growth == nil ? "not known yet" : "it does not grow"
    }

    /// BK-5 as a sentence, with the numbers that go into it.
    var reckoning: String {
        guard let growth, let bookmarkGrowth else {
            return "Growth is not known yet: it takes two looks an hour apart; one is taken each "
                + "hour."
        }
        let span = growth.hours < 48 ? "\(Amount.number(growth.hours)) hours" : "7 days"
        var text =
            "By the last \(span) the data grows by \(Amount.bytes(growth.perDay)) a day, and the "
            + "disk is full in: \(fullIn). "
        if let reckonedBytesPerDay, let bytesPerBookmark, reckonedBytesPerDay > 0 {
            text +=
                "Reckoned by bookmarks: \(Amount.number(bookmarkGrowth.perDay)) a day × "
                + "\(Amount.bytes(bytesPerBookmark)) each = "
                + "\(Amount.bytes(reckonedBytesPerDay)) a day; \(Amount.bytes(facts.freeBytes)) "
                + "free are used up in \(Amount.days(reckonedDaysUntilFull ?? 0))."
        }
        return text
    }
}
