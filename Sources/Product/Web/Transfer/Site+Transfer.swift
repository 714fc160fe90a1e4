// Import, its jobs, and export in the API.

import Bookmarks
import HTTP
import Platform
import Text

extension Site {
    static var waitSecondsMax: Int { 120 }

    func importBookmarks(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let wait = try waitSeconds(try request.query()["wait"])
        let total = request.header("content-length").flatMap(Int.init)
        var upload = try await beginUpload(request, visitor, bytesTotal: total)
        var isTaken = true
        do throws(BodyError) {
            while isTaken, let piece = try await request.body.next() {
                isTaken = await upload.send(piece)
            }
        } catch { throw error.problem }
        if isTaken { upload.end() }
        let path = "/api/v1/jobs/\(upload.id.text)"
        // A job that took no more has failed already: that is said at once.
        switch await upload.outcome(withinSeconds: isTaken ? wait : max(wait, 1)) {
        case .done(let report):
            return Response.json(.ok) { $0.report(report) }.with("Content-Location", path)
        case .failed(let error): throw Problem(error)
        case nil:
            let job = try await importJob(upload.id, request, visitor)
            return Response.json(.accepted) { $0.job(job) }.with("Location", path)
        }
    }

    /// The parameter `wait`.
    func waitSeconds(_ text: String?) throws(Problem) -> Int {
        guard let text else { return 0 }
        guard let seconds = Int(text), (0...Site.waitSecondsMax).contains(seconds) else {
            throw .badRequest(
                "bad-wait", "The parameter wait is a number from 0 to \(Site.waitSecondsMax).")
        }
        return seconds
    }

    func importJob(
        _ id: ImportJobID, _ request: Request, _ visitor: Visitor
    ) async throws(Problem) -> ImportJob {
        do {
            return try await bookmarks.importJob(visitor.user, id, visitor.context)
        } catch { throw problem(error, request) }
    }

    func exportBookmarks(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        let name = try request.query()["format"] ?? ExportFormat.netscape.rawValue
        guard let format = ExportFormat(rawValue: name) else {
            let known = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("bad-format", "The formats are \(known).")
        }
        let context = Context(
            principal: visitor.context.principal, trace: visitor.context.trace)
        let export = bookmarks.export(visitor.user, format, context)
        let date = rfc3339(milliseconds: clock.now.milliseconds).prefix(10)
        let (type, suffix): (ContentType, String) =
            format == .netscape ? (.html, "html") : (.json, "json")
        return Response(.ok, type) { writer throws(StreamError) in
            var run = export
            while let piece = try await Self.next(of: &run) { try await writer.write(piece) }
        }
        .with("Content-Disposition", "attachment; filename=\"bookmarks-\(date).\(suffix)\"")
        .with("Content-Security-Policy", "sandbox; default-src 'none'")
    }

    private static func next(of export: inout Export) async throws(StreamError) -> [UInt8]? {
        do { return try await export.next() } catch { throw .failed("\(error)") }
    }
}
