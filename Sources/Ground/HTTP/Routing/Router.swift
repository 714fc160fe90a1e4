// Which handler a path belongs to: a tree of path segments.
//
// A path is split at its slashes; each segment is decoded once, strictly, and never again, so an
// encoded slash stays inside its segment. A literal segment is preferred to a parameter; when it
// leads nowhere the parameter is tried. Matching costs O(segments), at worst the nodes of the tree,
// and allocates nothing unless the path holds a percent sign.
// A trailing slash makes another path. HEAD goes to GET when it has no handler of its own; OPTIONS
// is answered from the tree; a method without handler is 405 with the methods that have one.

package import Bytes

/// Answers a request, or throws the problem that is answered instead. Runs as a task on the
/// connection's loop.
package typealias Handler = @Sendable (Request) async throws(Problem) -> Response

/// Answers at once, on the loop, without a task: for fixed answers from memory.
package typealias DirectHandler = @Sendable (borrowing RequestView, inout DirectAnswer) -> Void

/// Shows a person a problem that the server found before any handler ran.
package typealias FallbackHandler = @Sendable (Problem, TraceID) -> Response

/// What a route takes as a body. Bytes beyond the bound are 413.
package enum BodyRule: Equatable, Sendable {
    /// All of it in memory before the handler runs.
    case collected(bytesMax: Int)
    /// Piece by piece, by `request.body.next()`.
    case streamed(bytesMax: Int)

    package var bytesMax: Int {
        switch self {
        case .collected(let bytes), .streamed(let bytes): bytes
        }
    }
}

/// The routes of a server. Built once, then only read.
package struct Router: Sendable {
    enum Action: Sendable {
        case task(Handler, BodyRule)
        case direct(DirectHandler)
    }

    struct Route: Sendable {
        let method: Method
        let pattern: String
        let parameters: [String]
        let action: Action
    }

    private struct Child: Sendable {
        let segment: [UInt8]
        let node: Int
    }

    private struct Node: Sendable {
        var literals: [Child] = []
        var parameter: Int?
        /// Index of the route for each method, or -1.
        var routes = [7 of Int](repeating: -1)
        var hasRoutes = false
    }

    enum Match: Equatable {
        case route(Int, Parameters)
        case absent
        /// Other methods have a handler: one bit each, by raw value.
        case otherMethods(UInt8)
        case bad
    }

    /// Where the parameters lie in the path that was matched.
    struct Parameters: Equatable {
        var ranges = [8 of ByteRange](repeating: .empty)
        var count = 0

        static func == (left: Parameters, right: Parameters) -> Bool {
            left.count == right.count
                && (0..<left.count).allSatisfy { left.ranges[$0] == right.ranges[$0] }
        }
    }

    static let segmentsMax = 32
    private var nodes = [Node()]
    private(set) var routes: [Route] = []
    private(set) var fallback: FallbackHandler?

    package init() {}

    /// Every route: its method and pattern, as they were added.
    package var patterns: [(method: Method, pattern: String)] {
        routes.map { ($0.method, $0.pattern) }
    }

    /// Answers requests that no route takes (404, 405, a malformed path) when the client names
    /// `text/html` in `Accept`, as browsers do; others get the problem document. The status and
    /// fields of the problem are to be kept: its header fields are added to the answer.
    package mutating func fallback(_ handler: @escaping FallbackHandler) { fallback = handler }

    /// Adds a route. A pattern that is malformed or taken is our bug.
    ///
    /// - Parameter pattern: like `/api/v1/bookmarks/:id`; at most 8 parameters.
    package mutating func on(
        _ method: Method, _ pattern: String, body: BodyRule = .collected(bytesMax: 64 * 1024),
        _ handler: @escaping Handler
    ) { add(method, pattern, .task(handler, body)) }

    /// `on` for GET, whose body must be empty.
    package mutating func get(_ pattern: String, _ handler: @escaping Handler) {
        on(.get, pattern, body: .collected(bytesMax: 0), handler)
    }

    /// `on` for POST.
    package mutating func post(
        _ pattern: String, body: BodyRule = .collected(bytesMax: 64 * 1024),
        _ handler: @escaping Handler
    ) { on(.post, pattern, body: body, handler) }

    /// `on` for PUT.
    package mutating func put(
        _ pattern: String, body: BodyRule = .collected(bytesMax: 64 * 1024),
        _ handler: @escaping Handler
    ) { on(.put, pattern, body: body, handler) }

    /// `on` for PATCH.
    package mutating func patch(
        _ pattern: String, body: BodyRule = .collected(bytesMax: 64 * 1024),
        _ handler: @escaping Handler
    ) { on(.patch, pattern, body: body, handler) }

    /// `on` for DELETE.
    package mutating func delete(_ pattern: String, _ handler: @escaping Handler) {
        on(.delete, pattern, body: .collected(bytesMax: 64 * 1024), handler)
    }

    /// Adds a route that is answered at once. A body of the request is dropped.
    package mutating func direct(
        _ method: Method, _ pattern: String, _ handler: @escaping DirectHandler
    ) { add(method, pattern, .direct(handler)) }

    private mutating func add(_ method: Method, _ pattern: String, _ action: Action) {
        precondition(pattern.utf8.first == UInt8(ascii: "/"), "a pattern begins with a slash")
        var names: [String] = []
        var node = 0
        for segment in pattern.dropFirst().split(
            separator: "/", omittingEmptySubsequences: false)
        {
            if segment.first == ":" {
                names.append(String(segment.dropFirst()))
                node = parameterChild(of: node)
            } else {
                node = literalChild(of: node, Array(segment.utf8))
            }
        }
        precondition(names.count <= 8 && Set(names).count == names.count, "bad parameters")
        precondition(nodes[node].routes[Int(method.rawValue)] < 0, "\(pattern) is taken")
        nodes[node].routes[Int(method.rawValue)] = routes.count
        nodes[node].hasRoutes = true
        routes.append(
            Route(method: method, pattern: pattern, parameters: names, action: action))
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let child = nodes[node].parameter { return child }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func literalChild(of node: Int, _ segment: [UInt8]) -> Int {
        if let child = nodes[node].literals.first(where: { $0.segment == segment }) {
            return child.node
        }
        nodes.append(Node())
        nodes[node].literals.append(Child(segment: segment, node: nodes.count - 1))
        return nodes.count - 1
    }

    /// Finds the route of a decoded path, given as the ranges of its segments in `bytes`.
    func match(_ method: Method, _ bytes: RawSpan, _ path: borrowing PathSegments) -> Match {
        var parameters = Parameters()
        guard let node = find(bytes, path, 0, 0, &parameters) else { return .absent }
        var index = nodes[node].routes[Int(method.rawValue)]
        if index < 0, method == .head { index = nodes[node].routes[Int(Method.get.rawValue)] }
        if index >= 0 { return .route(index, parameters) }
        var mask: UInt8 = 1 << Method.options.rawValue
        for method in Method.allCases where nodes[node].routes[Int(method.rawValue)] >= 0 {
            mask |= 1 << method.rawValue
        }
        if mask & 1 << Method.get.rawValue != 0 { mask |= 1 << Method.head.rawValue }
        return .otherMethods(mask)
    }

    private func find(
        _ bytes: RawSpan, _ path: borrowing PathSegments, _ depth: Int, _ node: Int,
        _ parameters: inout Parameters
    ) -> Int? {
        if depth == path.count { return nodes[node].hasRoutes ? node : nil }
        let segment = bytes[path.ranges[depth]]
        for child in nodes[node].literals where segment.equals(child.segment.bytes) {
            if let found = find(bytes, path, depth + 1, child.node, &parameters) { return found }
            break
        }
        guard let child = nodes[node].parameter, segment.byteCount > 0 else { return nil }
        let count = parameters.count
        parameters.ranges[count] = path.ranges[depth]
        parameters.count = count + 1
        if let found = find(bytes, path, depth + 1, child, &parameters) { return found }
        parameters.count = count
        return nil
    }

    /// The Allow field for a mask of methods.
    static func allow(_ mask: UInt8) -> String {
        Method.allCases.filter { mask & 1 << $0.rawValue != 0 }.map { "\($0.name)" }
            .joined(separator: ", ")
    }
}

/// The segments of a path, as ranges.
struct PathSegments: ~Copyable {
    var ranges = [32 of ByteRange](repeating: .empty)
    private(set) var count = 0

    /// Splits `bytes[path]`, which has no percent sign. False when there are too many segments.
    mutating func split(_ bytes: RawSpan, _ path: ByteRange) -> Bool {
        count = 0
        var start = path.isEmpty ? path.lower : path.lower + 1
        while true {
            let slash = bytes.extracting(start..<path.upper).firstIndex(of: UInt8(ascii: "/"))
            let end = slash.map { start + $0 } ?? path.upper
            guard append(start, end) else { return false }
            guard slash != nil else { return true }
            start = end + 1
        }
    }

    /// Splits and decodes `bytes[path]` into `decoded`, where the ranges then lie.
    mutating func decode(
        _ bytes: RawSpan, _ path: ByteRange, into decoded: inout ByteBuffer
    ) throws(EncodingError) -> Bool {
        guard split(bytes, path) else { return false }
        for index in 0..<count {
            let text = try percentDecoded(bytes[ranges[index]])
            let start = decoded.count
            decoded.append(text)
            ranges[index] = ByteRange(start, decoded.count)
        }
        return true
    }

    private mutating func append(_ lower: Int, _ upper: Int) -> Bool {
        guard count < Router.segmentsMax else { return false }
        ranges[count] = ByteRange(lower, upper)
        count += 1
        return true
    }
}
