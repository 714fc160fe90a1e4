// The design sheet (FW-1) as a page: four steps, with the numbers of the running instance.

import Capacity
import HTTP
import Platform
import Text

struct SheetPage {
    var name: String
    var sheet: DesignSheet

    var html: HTML {
        Frame("Design sheet", for: name).page(
            """
            <h1>Design sheet</h1>
            <p><a href="/operator">People and sign-up</a> · \
            <a href="/operator/machine">This machine</a></p>
            <p>The four steps of a system’s design, for this one, with its own numbers of \
            <time datetime="\(now)">\(String(now.prefix(10))) \
            \(String(now.dropFirst(11).prefix(5))) UTC</time>.</p>
            \(requirements)
            \(scale)
            \(section("3", "Design goals", sheet.goals))
            \(section("4", "Interfaces", sheet.interfaces))
            \(section("4b", "Parts", sheet.parts))
            """)
    }

    private var now: String { rfc3339(milliseconds: sheet.time.milliseconds) }

    private var requirements: HTML {
        let rows = sheet.requirements.map { row -> HTML in
            """
            <tr><th scope="row">\(row.row)</th><td>\(row.text)</td>\
            <td>\(row.isMinimum ? "yes" : "later")</td></tr>
            """
        }
        return """
            <section class="later" aria-labelledby="s1"><h2 id="s1">1. Requirements</h2>
            <table><thead><tr><th scope="col">Row</th><th scope="col">What it must do</th>\
            <th scope="col">Minimum product</th></tr></thead><tbody>\(rows)</tbody></table>
            </section>
            """
    }

    private var scale: HTML {
        let rows = sheet.scale.lines.map { line -> HTML in
            "<tr><th scope=\"row\">\(line.name)</th><td>\(line.value)</td></tr>"
        }
        return """
            <section class="later" aria-labelledby="s2"><h2 id="s2">2. Scale</h2>
            <table id="scale"><thead><tr><th scope="col">What</th><th scope="col">Now</th></tr>\
            </thead><tbody>\(rows)</tbody></table>
            </section>
            """
    }

    private func section(
        _ number: String, _ title: String, _ statements: [DesignSheet.Statement]
    ) -> HTML {
        let rows = statements.map { statement -> HTML in
            "<tr><th scope=\"row\">\(statement.name)</th><td>\(statement.text)</td></tr>"
        }
        return """
            <section class="later" aria-labelledby="s\(number)">\
            <h2 id="s\(number)">\(number). \(title)</h2>
            <table><tbody>\(rows)</tbody></table>
            </section>
            """
    }
}

extension DesignSheet.Scale {
    /// Step two, line by line; what is not measured yet says so.
    fileprivate var lines: [(name: String, value: String)] {
        let unknown = "not known yet"
        func perSecond(_ value: Double) -> String { Amount.number(value) + " a second" }
        let factor =
            Amount.number(peakFactor)
            + (isPeakMeasured ? "" : " (assumed, as for a messenger; an exchange has 10)")
        let heavy =
            readsPerWrite.map { "\($0 >= 1 ? "Read" : "Write") heavy, \(Amount.number($0)) : 1" }
        let fits = fitsOneMachine.map {
            $0 ? "No: a year of growth stays below 100 GB" : "Yes: a year grows beyond 100 GB"
        }
        return [
            ("Reads", perSecond(readsNow)), ("Writes", perSecond(writesNow)),
            ("Mean of the last day", meanOfDay.map(perSecond) ?? unknown),
            ("Busiest second of the last day", Amount.whole(peakOfDay)),
            ("Peak to mean", factor), ("Reads to writes", heavy ?? unknown),
            ("Accounts", accounts.map { Amount.whole($0) } ?? unknown),
            ("Bookmarks", bookmarks.map { Amount.whole($0) } ?? unknown),
            ("Bytes a bookmark", bytesPerBookmark.map { Amount.bytes($0) } ?? unknown),
            ("Bookmarks a day", bookmarksPerDay.map { Amount.number($0) } ?? unknown),
            ("Growth a day", bytesPerDay.map { Amount.bytes($0) } ?? unknown),
            ("Data", Amount.bytes(dataBytes)),
            ("Disk", "\(Amount.bytes(diskBytes)), \(Amount.bytes(freeBytes)) free"),
            ("Disk is full in", daysUntilFull.map(Amount.days) ?? unknown),
            (
                "With twice the disk (vertical)",
                daysWithTwiceTheDisk.map(Amount.days) ?? unknown
            ),
            ("Sharding needed within a year", fits ?? unknown),
            (
                "A second machine is needed in (horizontal)",
                daysUntilSecondMachine.map(Amount.days) ?? unknown
            ),
            (
                "Machines for 10 and 100 times the data",
                "\(machinesForTenfold) and \(machinesForHundredfold)"
            ),
            (
                "This machine can answer",
                requestsPerSecondMax.map { Amount.whole($0) + " a second" } ?? unknown
            ),
        ]
    }
}
