import Bytes
import HTTP

/// Says why there is no page, and what to do.
struct ErrorPage {
    var problem: Problem
    var trace: TraceID
    /// The signed-in person's name, when it is known.
    var name: String?

    var html: HTML {
        Frame("\(title)", for: name).page(
            """
            <h1>\(title)</h1>
            <p>\(problem.explanation)</p>
            <p class="acts"><a class="button" href="/">Back to the start</a></p>
            \(reference)
            """)
    }

    private var title: String {
        switch problem.status.code {
        case 403: "Not allowed"
        case 404: "Nothing here"
        case 413: "Too large"
        case 500: "Something broke"
        case 503, 507: "Not just now"
        default: problem.title
        }
    }

    /// What finds the request in the log.
    private var reference: HTML? {
        guard problem.status.code >= 500 else { return nil }
        return """
            <p class="hint">If you tell the operator, name this: <code>\(trace.text)</code></p>
            """
    }
}
