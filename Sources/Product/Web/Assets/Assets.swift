// What the pages link to, kept in the binary. A file's name carries the hash of its content, so
// that a browser may keep it for ever and a new release is seen at once.

import Bytes
import HTTP
import Text

/// One file that pages link to.
struct Asset: Sendable {
    /// `name-HASH.extension`, the last part of its address.
    let name: String
    let contentType: StaticString
    let bytes: [UInt8]

    /// Where it is served.
    var path: String { "/assets/\(name)" }

    init(_ name: String, _ suffix: String, _ contentType: StaticString, _ content: StaticString) {
        var buffer = ByteBuffer(capacity: content.utf8CodeUnitCount)
        buffer.append(content)
        self.init(name, suffix, contentType, buffer.array)
    }

    private init(
        _ name: String, _ suffix: String, _ contentType: StaticString, _ bytes: [UInt8]
    ) {
        var hash = ByteBuffer(capacity: 16)
        hash.appendHexadecimal(xxh3(bytes.bytes), width: 16)
        self.name = "\(name)-\(String(decoding: hash.array, as: UTF8.self)).\(suffix)"
        self.contentType = contentType
        self.bytes = bytes
    }

    /// A picture that the source holds as base64url.
    private static func picture(_ name: String, _ text: String) -> Asset {
        guard let bytes = Text.bytes(base64URL: text) else {
            preconditionFailure("\(name) is not base64url")
        }
        return Asset(name, "png", "image/png", bytes)
    }

    static let style = Asset("site", "css", "text/css; charset=utf-8", styleSheet)
    static let icon = Asset("mark", "svg", "image/svg+xml", markIcon)
    static let smallIcon = picture("mark-192", iconSmall)
    static let largeIcon = picture("mark-512", iconLarge)
    static let maskableIcon = picture("mark-maskable", iconMaskable)
    static let siteScript = script("site", Web.siteScript)
    static let tagsScript = script("tags", Web.tagsScript)
    static let progressScript = script("progress", Web.progressScript)

    private static func script(_ name: String, _ text: StaticString) -> Asset {
        Asset(name, "js", "text/javascript; charset=utf-8", text)
    }

    static let all = [
        style, icon, smallIcon, largeIcon, maskableIcon, siteScript, tagsScript, progressScript,
    ]
}

extension Asset {
    var response: Response {
        var buffer = Response(.ok, ContentType("\(contentType)"), bytes)
        buffer.headers.set("Cache-Control", "public, max-age=31536000, immutable")
        buffer.headers.set("X-Content-Type-Options", "nosniff")
        return buffer
    }

    /// Binds every asset, the manifest and the service worker to their addresses.
    static func register(on router: inout Router) {
        for asset in all {
            let response = asset.response
            router.get(asset.path) { _ in response }
        }
        let manifest = unnamed(ContentType("application/manifest+json"), manifest.encoded)
        router.get("/manifest.webmanifest") { _ in manifest }
        let worker = unnamed(.javaScript, worker)
            .with("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
        router.get("/sw.js") { _ in worker }
    }

    /// At an address that never changes: asked for again each time, answered only when it differs.
    private static func unnamed(_ type: ContentType, _ bytes: [UInt8]) -> Response {
        var response = Response(.ok, type, bytes)
        response.entityTag = EntityTag(of: bytes)
        response.headers.set("Cache-Control", "no-cache")
        response.headers.set("X-Content-Type-Options", "nosniff")
        return response
    }

    /// What makes the site something that phones can install and share addresses to.
    private static let manifest: JSON = [
        "name": "apus", "short_name": "apus",
        "description": "Your bookmarks, in one place that is yours.",
        "id": "/", "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": "#faf9f6", "theme_color": "#0a626e",
        "icons": [
            pictureEntry(smallIcon, "192x192", "any"), pictureEntry(largeIcon, "512x512", "any"),
            pictureEntry(maskableIcon, "512x512", "maskable"),
            [
                "src": .string(icon.path), "sizes": "any", "type": "image/svg+xml",
                "purpose": "any",
            ],
        ],
        "shortcuts": [
            ["name": "Add a bookmark", "url": "/add"],
            ["name": "To be read", "url": "/?q=is%3Aunread"],
        ],
        // Phones often share the address as the text: the add page looks for it there too.
        "share_target": [
            "action": "/add", "method": "GET", "enctype": "application/x-www-form-urlencoded",
            "params": ["title": "title", "text": "description", "url": "url"],
        ],
    ]

    private static func pictureEntry(_ asset: Asset, _ sizes: String, _ purpose: String) -> JSON {
        [
            "src": .string(asset.path), "sizes": .string(sizes), "type": "image/png",
            "purpose": .string(purpose),
        ]
    }
}
