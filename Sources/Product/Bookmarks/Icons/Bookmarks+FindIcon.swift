// Looking for a host's icon: its /favicon.ico first, which most have and costs one request, then
// what its front page names. By https, and by http where nothing answers there.

import Platform

/// What came of it.
enum FoundIcon: Equatable, Sendable {
    case found(IconImage)
    case none
    /// Why it could not be found out.
    case unknown(PageAnswer)
}

extension Bookmarks {
    /// Pictures that the front page names which are tried, at most.
    private static let linksMax = 2

    func findIcon(of host: IconHost, _ context: Context) async -> FoundIcon {
        var last = PageAnswer.later
        for scheme in ["https", "http"] {
            let origin = "\(scheme)://\(host.text)"
            switch await picture(at: origin + "/favicon.ico", context) {
            case .found(let image): return .found(image)
            case .none: return await iconOfFrontPage(origin + "/", context)
            case .unknown(.busy): return .unknown(.busy)
            case .unknown(let answer): last = answer
            }
        }
        return .unknown(last)
    }

    private func iconOfFrontPage(_ url: String, _ context: Context) async -> FoundIcon {
        let answer = await page(at: url, context)
        guard case .facts(let facts) = answer else {
            return answer == .nothing ? .none : .unknown(answer)
        }
        for link in facts.icons.prefix(Bookmarks.linksMax) {
            switch await picture(at: link, context) {
            case .found(let image): return .found(image)
            case .unknown(.busy): return .unknown(.busy)
            case .none, .unknown: continue
            }
        }
        return .none
    }

    /// None: something answers there, and it is no picture that we take.
    private func picture(at url: String, _ context: Context) async -> FoundIcon {
        let request = FetchRequest(
            url: url, headers: Bookmarks.fetchHeaders("image/png,image/x-icon,image/*;q=0.5"),
            bytesMax: IconImage.readMax, millisecondsMax: 5_000, redirectsMax: 5)
        do throws(FetchError) {
            let response = try await fetch.fetch(request, context)
            guard (200..<300).contains(response.status) else {
                let answer = PageAnswer(status: response.status)
                return answer == .nothing ? .none : .unknown(answer)
            }
            return IconImage(response.body).map(FoundIcon.found) ?? .none
        } catch {
            let answer = PageAnswer(error)
            // What the guard refuses has no icon for us.
            return answer == .nothing ? .none : .unknown(answer)
        }
    }
}
