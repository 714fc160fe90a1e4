// An import's own page.

import Bookmarks
import HTTP

/// An import: its progress while it runs, its report afterwards.
struct ImportJobPage {
    var name: String
    var job: ImportJob

    var html: HTML {
        var frame = Frame("Import", at: .transfer, for: name)
        guard job.state == .running else { return frame.page(ended) }
        frame.refreshSeconds = 2
        frame.modules = [.progressScript]
        return frame.page(running)
    }

    private var running: HTML {
        let report = job.report
        let read = report.added + report.updated + report.unchanged + report.duplicates
        let share: HTML? = job.bytesTotal.map { total in
            " max=\"\(max(total, 1))\" value=\"\(min(job.bytesRead, total))\""
        }
        return """
            <h1>Importing…</h1>
            <div class="card" data-job="\(job.id.text)">
            <p><progress aria-label="Progress of the import"\(share)></progress></p>
            <p><output>\(count: read) bookmarks read</output></p>
            <p class="hint">You can leave this page; the import goes on.</p>
            </div>
            """
    }

    private var ended: HTML {
        """
        <h1>\(title)</h1>
        \(explanation)
        \(sums)
        <p class="acts"><a class="button" href="/">See your bookmarks</a> \
        <a href="/import">Import another file</a></p>
        \(refused)
        """
    }

    private var title: HTML {
        switch job.state {
        case .running, .done: "Import done"
        case .failed: "This file was not imported"
        case .interrupted: "The import was interrupted"
        }
    }

    private var explanation: HTML? {
        switch job.state {
        case .running, .done: nil
        case .failed: "<p class=\"notice bad\" role=\"alert\">\(job.problem ?? "It failed.")</p>"
        case .interrupted:
            """
            <p class="notice bad" role="alert">What was imported so far stays. Import the same \
            file again, and it goes on where it stopped.</p>
            """
        }
    }

    private var sums: HTML? {
        let report = job.report
        let all = [
            ("Added", report.added), ("Updated", report.updated),
            ("Known already", report.unchanged), ("Twice in the file", report.duplicates),
            ("Feeds left out", report.feeds), ("Refused", report.refusedCount),
        ]
        let isEmpty = all.allSatisfy { $0.1 == 0 }
        guard job.state == .done || !isEmpty else { return nil }
        // Added is always told; of the others those that happened.
        let shown = all.enumerated().filter { $0.offset == 0 || $0.element.1 > 0 }
        let cells = shown.map { _, sum -> HTML in
            "<div><dt>\(sum.0)</dt><dd>\(count: sum.1)</dd></div>"
        }
        let format: HTML? =
            report.format.isEmpty
            ? nil : "<p class=\"hint\">The file is \(report.formatInWords).</p>\n"
        let fault: HTML? = report.fault.map {
            "<p class=\"notice bad\" role=\"alert\">The file is broken. \($0)</p>\n"
        }
        return "\(fault)\(format)<dl class=\"sums\">\(cells)</dl>"
    }

    private var refused: HTML? {
        let report = job.report
        guard !report.refused.isEmpty else { return nil }
        let rows = report.refused.map { refusal -> HTML in
            """
            <tr><td>\(refusal.line)</td><td><bdi>\(refusal.url)</bdi></td>\
            <td>\(refusal.reason)</td></tr>

            """
        }
        let more: HTML? =
            report.refusedCount > report.refused.count
            ? "<p class=\"hint\">and \(count: report.refusedCount - report.refused.count) more</p>"
            : nil
        return """
            <section class="later" aria-labelledby="refused">
            <h2 id="refused">Lines that were not taken</h2>
            <table><thead><tr><th scope="col">Line</th><th scope="col">Address</th>\
            <th scope="col">Why</th></tr></thead><tbody>
            \(rows)</tbody></table>
            \(more)
            </section>
            """
    }
}
