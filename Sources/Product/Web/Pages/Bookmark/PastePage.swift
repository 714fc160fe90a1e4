// What became of many pasted addresses.

import Bookmarks
import HTTP

/// The report of a paste, line by line.
struct PastePage {
    var name: String
    var report: PasteReport

    var html: HTML {
        let rows = report.lines.map(row)
        return Frame("Saved", at: .bookmarks, for: name).page(
            """
            <h1>\(report.added, of: "bookmark") saved</h1>
            <p class="acts"><a class="button" href="/">See your bookmarks</a> \
            <a href="/add">Add more</a></p>
            <table><thead><tr><th scope="col">Line</th><th scope="col">Address</th>\
            <th scope="col">What became of it</th></tr></thead><tbody>
            \(rows)</tbody></table>
            """)
    }

    private func row(_ line: PasteReport.Line) -> HTML {
        let outcome: HTML =
            switch line.outcome {
            case .added(let id): "saved, <a href=\"/bookmarks/\(id.text)/edit\">edit it</a>"
            case .known(let id):
                "you have it already, <a href=\"/bookmarks/\(id.text)/edit\">edit it</a>"
            case .refused(let reason): "not saved: \(reason)"
            }
        return """
            <tr><td>\(count: line.line)</td><td><bdi>\(line.url)</bdi></td><td>\(outcome)</td></tr>

            """
    }
}
