// Bringing bookmarks in and taking them away.

import Bookmarks
import HTTP
import Text

/// Both ways on one page.
struct TransferPage {
    var name: String
    var mistake: FormMistake?

    var html: HTML {
        Frame("Import and export", at: .transfer, for: name).page(
            """
            <h1>Import and export</h1>
            \(mistake.map(\.banner))
            <section class="card" aria-labelledby="in">
            <h2 id="in">Bring bookmarks in</h2>
            <p>Every browser can write its bookmarks into a file: look for “Export bookmarks” in \
            its bookmark manager, and choose that file here. Folders become tags. Importing a \
            file again adds only what is new and leaves your own changes alone.</p>
            <form id="import" method="post" action="/import" enctype="multipart/form-data">
            <div class="field"><label for="file">Bookmarks file \
            <span class="hint">HTML, as browsers write it</span></label>
            <input type="file" id="file" name="file" accept=".html,.htm,text/html" required></div>
            <button>Import</button>
            </form>
            </section>
            <section class="card later" aria-labelledby="out">
            <h2 id="out">Take bookmarks away</h2>
            <p>All of them, as a file. A browser’s file can be imported everywhere; JSON loses \
            nothing.</p>
            <div class="acts">
            <a class="button quiet" href="/api/v1/bookmarks/export?format=netscape" download>\
            Browser’s file</a>
            <a class="button quiet" href="/api/v1/bookmarks/export?format=json" download>JSON</a>
            </div>
            </section>
            """)
    }
}

/// An import: its progress while it runs, its report afterwards.
struct ImportJobPage {
    var name: String
    var job: ImportJob

    var html: HTML {
        var frame = Frame("Import", at: .transfer, for: name)
        guard job.state == .running else { return frame.page(ended) }
        frame.refreshSeconds = 2
        frame.module = .progress
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
            <p><output>\(read) bookmarks read</output></p>
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
            "<div><dt>\(sum.0)</dt><dd>\(sum.1)</dd></div>"
        }
        return "<dl class=\"sums\">\(cells)</dl>"
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
            ? "<p class=\"hint\">and \(report.refusedCount - report.refused.count) more</p>" : nil
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
