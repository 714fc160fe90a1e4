import Bytes

/// A square with a host's first letter, in one of eight colours that the host decides. About 230
/// bytes; the letter's contrast is at least 4.5 to 1 in all of them.
struct IconTile {
    let svg: String

    private static let colours = [
        "#4a6fa5", "#2f7d5b", "#8a5a9e", "#9a5b2e", "#b0455a", "#3c7a8c", "#6b6f2a", "#6a5acd",
    ]

    /// - Parameter host: ASCII; what is no letter or digit becomes a dot.
    init(_ host: String) {
        let name = host.hasPrefix("www.") ? host.dropFirst(4) : Substring(host)
        // The letters of an international name are not the ones that its owner reads.
        let first = name.hasPrefix("xn--") ? nil : name.first
        let letter = first.flatMap { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : nil }
        let hash = String(name).withBytes { xxh3($0) }
        let colour = IconTile.colours[Int(hash % 8)]
        self.svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\">"
            + "<rect width=\"16\" height=\"16\" rx=\"3\" fill=\"\(colour)\"/>"
            + "<text x=\"8\" y=\"11.7\" font-family=\"sans-serif\" font-size=\"10\" fill=\"#fff\" "
            + "text-anchor=\"middle\">\(letter.map { $0.uppercased() } ?? "•")</text></svg>"
    }
}
