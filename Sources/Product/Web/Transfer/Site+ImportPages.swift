// Import by the form: multipart in, then the page of the job.

import Accounts
import Bookmarks
import Bytes
import HTTP

extension Site {
    /// How long the form waits, so that a usual file leads straight to its report.
    private static var formWaitSeconds: Int { 2 }

    func showTransfer(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        .page(transferPage(request, visitor).html)
    }

    private func transferPage(_ request: Request, _ visitor: Visitor) -> TransferPage {
        let bookmarklet = Bookmarklet(isSecure: request.isSecure, host: request.host)
        return TransferPage(name: visitor.account.name, bookmarklet: bookmarklet)
    }

    func showImport(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        guard let id = ImportJobID(text: request.parameter("id")) else {
            throw Problem(BookmarksError.noSuchJob)
        }
        let job = try await importJob(id, request, visitor)
        return .page(ImportJobPage(name: visitor.account.name, job: job).html)
    }

    func importFile(_ request: Request, _ visitor: Visitor) async throws(Problem) -> Response {
        var parser: MultipartParser
        do {
            parser = try MultipartParser(contentType: request.header("content-type") ?? "")
        } catch { throw Problem(error) }
        var sink = FileSink()
        guard var upload = try await firstBytes(request, visitor, &parser, &sink) else {
            var page = transferPage(request, visitor)
            page.mistake = FormMistake(field: "file", "Choose a file first.")
            return .page(page.html, .unprocessable)
        }
        var isTaken = await upload.send(sink.take())
        while isTaken, let piece = try await nextPiece(request) {
            try feed(piece, &parser, &sink)
            isTaken = await upload.send(sink.take())
        }
        if isTaken {
            do { try parser.finish() } catch { throw Problem(error) }
            upload.end()
        }
        _ = await upload.outcome(withinSeconds: Site.formWaitSeconds)
        return .redirect(to: "/import/\(upload.id.text)")
    }

    /// Reads until the file's first bytes have come; nil when there are none.
    private func firstBytes(
        _ request: Request, _ visitor: Visitor, _ parser: inout MultipartParser,
        _ sink: inout FileSink
    ) async throws(Problem) -> Upload? {
        while let piece = try await nextPiece(request) {
            try feed(piece, &parser, &sink)
            if sink.hasBytes {
                return try await beginUpload(request, visitor, bytesTotal: fileBytes(request))
            }
        }
        return nil
    }

    private func nextPiece(_ request: Request) async throws(Problem) -> [UInt8]? {
        do { return try await request.body.next() } catch { throw error.problem }
    }

    private func feed(
        _ piece: [UInt8], _ parser: inout MultipartParser, _ sink: inout FileSink
    ) throws(Problem) {
        do { try parser.feed(piece.bytes, &sink) } catch { throw Problem(error) }
    }

    /// About: the form's few hundred bytes are counted too.
    private func fileBytes(_ request: Request) -> Int? {
        request.header("content-length").flatMap(Int.init)
    }
}

/// Keeps the bytes of the field `file` until they are taken.
private struct FileSink: MultipartSink {
    private var isFile = false
    private var bytes: [UInt8] = []

    var hasBytes: Bool { !bytes.isEmpty }

    mutating func began(_ part: MultipartPart) { isFile = part.name == "file" }

    mutating func content(_ span: RawSpan) {
        if isFile { bytes += [UInt8](copying: span) }
    }

    mutating func ended() { isFile = false }

    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }
}

extension Problem {
    fileprivate init(_ error: MultipartError) {
        let detail =
            switch error {
            case .noBoundary: "The form is not multipart/form-data with a boundary."
            case .malformedPart(let number): "Part \(number) of the form has a malformed header."
            case .headerTooLarge(let part, let limit):
                "The header of part \(part) is larger than \(limit) bytes."
            case .tooManyParts(let limit): "The form has more than \(limit) parts."
            case .malformedDelimiter(let part): "The form is malformed after part \(part)."
            case .truncated: "The form ended early."
            }
        self = .badRequest("bad-form", detail)
    }
}
