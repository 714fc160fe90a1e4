// A file on its way from a request's body to the job that imports it.
//
// The job goes on when the request is answered, and reads at its own pace; the two are joined by
// a stream of pieces. Pieces wait in memory only as far as there are credits: the job gives one
// back for each piece that it has done, so a fast sender is slowed to the pace of the disk (the
// body's own back-pressure reaches the socket). A sender that goes away ends the stream without
// an end mark, and the job tells that in its row.

import Bookmarks
import HTTP
import Platform

/// The request's side of an import.
struct Upload: ~Copyable {
    /// How an import ended.
    enum Outcome: Sendable {
        case done(ImportReport)
        case failed(BookmarksError)
    }

    enum Piece: Sendable {
        case bytes([UInt8])
        /// The file is whole.
        case end
    }

    /// Pieces of at most 256 KiB (what the server hands over at once): 8 MiB wait at most.
    static var piecesMax: Int { 32 }

    let id: ImportJobID
    let outcomes: AsyncStream<Outcome>
    private let input: AsyncStream<Piece>.Continuation
    private var credits: AsyncStream<Void>.Iterator

    init(
        id: ImportJobID, input: AsyncStream<Piece>.Continuation, credits: AsyncStream<Void>,
        outcomes: AsyncStream<Outcome>
    ) {
        self.id = id
        self.input = input
        self.credits = credits.makeAsyncIterator()
        self.outcomes = outcomes
    }

    /// Without an end mark before it, this tells the job that the rest will not come.
    deinit { input.finish() }

    /// Hands a piece over; waits while too many do. False when the job takes no more.
    mutating func send(_ bytes: [UInt8]) async -> Bool {
        guard !bytes.isEmpty else { return true }
        guard await credits.next(isolation: #isolation) != nil else { return false }
        input.yield(.bytes(bytes))
        return true
    }

    /// The file is whole.
    func end() {
        input.yield(.end)
        input.finish()
    }

    /// How the import ended, when it does within `seconds`; else nil.
    func outcome(withinSeconds seconds: Int) async -> Outcome? {
        guard seconds > 0 else { return nil }
        let outcomes = self.outcomes
        return await withTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                for await outcome in outcomes { return outcome }
                return nil
            }
            group.addTask {
                do {
                    try await Task.sleep(for: .seconds(seconds))
                } catch {
                    return nil  // The outcome was first.
                }
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
    }
}

extension Site {
    /// Begins an import whose bytes come through the upload that is answered.
    func beginUpload(
        _ request: Request, _ visitor: Visitor, bytesTotal: Int?
    ) async throws(Problem) -> Upload {
        // No deadline: a large file may take its time.
        let context = Context(
            principal: visitor.context.principal, trace: visitor.context.trace)
        let begun: Import
        do {
            begun = try await bookmarks.beginImport(visitor.user, bytesTotal: bytesTotal, context)
        } catch { throw problem(error, request) }

        let (pieces, input) = AsyncStream.makeStream(of: Upload.Piece.self)
        let (credits, grant) = AsyncStream.makeStream(of: Void.self)
        let (outcomes, outcome) = AsyncStream.makeStream(of: Upload.Outcome.self)
        for _ in 0..<Upload.piecesMax { grant.yield() }
        let (report, trace) = (options.report, request.trace)
        do {
            try jobs.start("import", near: visitor.user.partition) { stopping in
                let result = await Self.run(begun, pieces, grant, stopping)
                if case .failed(let error) = result, Problem(error).isOurs {
                    report("\(error)", trace)
                }
                outcome.yield(result)
                outcome.finish()
                grant.finish()
            }
        } catch {
            var refused = begun
            await refused.abandon()
            throw Problem.busy("Too many imports run just now. Try again soon.", afterSeconds: 10)
        }
        return Upload(id: begun.job.id, input: input, credits: credits, outcomes: outcomes)
    }

    private static func run(
        _ begun: Import, _ pieces: AsyncStream<Upload.Piece>,
        _ grant: AsyncStream<Void>.Continuation, _ stopping: @Sendable () -> Bool
    ) async -> Upload.Outcome {
        var run = begun
        do throws(BookmarksError) {
            for await piece in pieces {
                if stopping() { break }
                switch piece {
                case .bytes(let bytes):
                    try await run.feed(bytes)
                    grant.yield()
                case .end: return .done(try await run.finish())
                }
            }
        } catch {
            return .failed(error)
        }
        await run.abandon()
        return .failed(.interrupted)
    }
}
