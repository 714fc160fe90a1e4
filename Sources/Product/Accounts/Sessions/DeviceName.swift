// A browser in words, from its User-Agent. Browsers pretend to be each other for history's sake, so
// the most particular word is looked for first (RFC 9110 §10.1.5 tells why this is only a hint).

private let browsers: [(word: String, name: String)] = [
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Vivaldi", "Vivaldi"), ("SamsungBrowser", "Samsung"),
    ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"), ("curl/", "curl"), ("Wget", "Wget"), ("python", "Python"),
]

private let systems: [(word: String, name: String)] = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
]

/// "Firefox on Linux"; what it says of itself, cut, when we know no part of it.
func deviceName(agent: String) -> String {
    let browser = browsers.first { agent.contains($0.word) }?.name
    let system = systems.first { agent.contains($0.word) }?.name
    return switch (browser, system) {
    case (let browser?, let system?): "\(browser) on \(system)"
    case (let browser?, nil): browser
    case (nil, let system?): "a program on \(system)"
    case (nil, nil): agent.isEmpty ? "a program" : String(agent.prefix(40))
    }
}
