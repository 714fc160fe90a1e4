// `/icons/HOST`: the small picture beside a bookmark, or a tile with the host's first letter where
// there is none, so that a list never has holes.
//
// Privacy: which hosts the server knows tells what people here have saved. A stranger gets the tile
// always, also on public pages; a signed-in person gets what their own use has led to (see
// Bookmarks' Icons). No answer tells one unknown host from another.
//
// The bytes of a real icon are a stranger's: told to be an image, never sniffed, sandboxed. Only
// formats that hold no script are kept.

import Bookmarks
import HTTP
import Platform

extension Site {
    func registerIcons(on router: inout Router) {
        router.get("/icons/:host") { request throws(Problem) in
            guard let host = IconHost(request.parameter("host")) else {
                throw Problem(
                    .notFound, "no-such-host", "No Such Host",
                    "The last part of the address is a host, as in /icons/example.org.")
            }
            return try await visited(request) { (visitor) async throws(Problem) in
                guard let visitor else { return .tile(of: host, seconds: 3600) }
                return try await icon(of: host, request, visitor)
            }
        }
    }

    private func icon(of host: IconHost, _ request: Request, _ visitor: Visitor)
        async throws(Problem) -> Response
    {
        let icon: Icon
        do {
            icon = try await bookmarks.icon(of: host, for: visitor.user, visitor.context)
        } catch { throw problem(error, request) }
        return switch icon {
        case .image(let image): .icon(image)
        case .none: .tile(of: host, seconds: 86_400)
        // The next page after this one shows what was found meanwhile.
        case .unknown: .tile(of: host, seconds: 120)
        }
    }
}

extension Response {
    fileprivate static func icon(_ image: IconImage) -> Response {
        Response(.ok, ContentType(image.type), image.bytes).kept(seconds: 7 * 86_400)
    }

    fileprivate static func tile(of host: IconHost, seconds: Int) -> Response {
        var response = Response(.ok, .svg, Array(IconTile(host.text).svg.utf8))
        // Smaller than what its compression adds.
        response.mayCompress = false
        return response.kept(seconds: seconds)
    }

    /// Private: it was answered to one person.
    private func kept(seconds: Int) -> Response {
        var copy = self
        if case .bytes(let bytes) = body { copy.entityTag = EntityTag(of: bytes) }
        copy.headers.set("Cache-Control", "private, max-age=\(seconds)")
        copy.headers.set("X-Content-Type-Options", "nosniff")
        copy.headers.set("Content-Security-Policy", "default-src 'none'; sandbox")
        copy.headers.set("Cross-Origin-Resource-Policy", "same-origin")
        return copy
    }
}
