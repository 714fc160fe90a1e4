// What may not stand in a text that people will read: control characters, marks that turn the
// direction of what follows, scalars that mean nothing. And cutting without breaking a character.

/// Why a text is not taken.
package enum TextProblem: Error, Hashable, Sendable {
    /// A C0 or C1 control character other than tab and line ends.
    case controlCharacter(UInt32)
    /// An embedding, override or isolate of direction (Trojan Source, CVE-2021-42574).
    case directionMark(UInt32)
    /// A surrogate or noncharacter.
    case noncharacter(UInt32)
}

extension Unicode.Scalar {
    /// What makes this scalar unfit for a text; nil when it is fit.
    package func problem(allowsLines: Bool) -> TextProblem? {
        if value >= 0x20, value < 0x7f { return nil }
        switch value {
        case 0x09, 0x0a, 0x0d: return allowsLines ? nil : .controlCharacter(value)
        case 0x00...0x1f, 0x7f...0x9f, 0x2028, 0x2029:
            return allowsLines && value >= 0x2028 ? nil : .controlCharacter(value)
        case 0x202a...0x202e, 0x2066...0x2069: return .directionMark(value)
        case 0xfdd0...0xfdef: return .noncharacter(value)
        default: return value & 0xfffe == 0xfffe ? .noncharacter(value) : nil
        }
    }
}

extension String {
    /// The first unfit scalar's problem, or nil. O(bytes).
    ///
    /// - Parameter allowsLines: whether tabs and line ends are fit (notes) or not (titles).
    package func problem(allowsLines: Bool) -> TextProblem? {
        for scalar in unicodeScalars {
            if let problem = scalar.problem(allowsLines: allowsLines) { return problem }
        }
        return nil
    }

    /// The text without unfit scalars: for what comes from files, where refusing helps nobody.
    /// Tabs and line ends become spaces where lines are not allowed.
    package func withoutProblems(allowsLines: Bool) -> String {
        guard problem(allowsLines: allowsLines) != nil else { return self }
        var kept = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.problem(allowsLines: allowsLines) == nil {
                kept.append(scalar)
            } else if scalar.properties.isWhitespace {
                kept.append(" ")
            }
        }
        return String(kept)
    }

    /// The first `limit` characters (grapheme clusters), never half of one, and at most
    /// `bytesMax` bytes: one cluster may hold any number of marks.
    package func truncated(toCharacters limit: Int, bytesMax: Int = .max) -> String {
        if utf8.count <= limit, utf8.count <= bytesMax { return self }
        var end = startIndex
        var count = 0
        while end < endIndex, count < limit {
            let next = index(after: end)
            if utf8.distance(from: startIndex, to: next) > bytesMax { break }
            end = next
            count += 1
        }
        return String(self[..<end])
    }

    /// Whether it has more than `limit` characters; O(limit).
    package func isLonger(thanCharacters limit: Int) -> Bool {
        if utf8.count <= limit { return false }
        guard let end = index(startIndex, offsetBy: limit, limitedBy: endIndex) else {
            return false
        }
        return end < endIndex
    }

    /// Without white space at both ends.
    package var trimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    /// Trimmed, and every run of white space one space.
    package var singleSpaced: String {
        split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
