// Words in their simple form: runs of letters, digits and marks. Good enough for search boxes and
// tags in scripts with spaces; a run of Han or Kana is one word here.

extension String {
    /// The words of the folded text, in order, repeats kept.
    package var words: [String] {
        var words: [String] = []
        var current = String.UnicodeScalarView()
        for scalar in folded.unicodeScalars {
            if scalar.isWordPart {
                current.append(scalar)
            } else if !current.isEmpty {
                words.append(String(current))
                current = String.UnicodeScalarView()
            }
        }
        if !current.isEmpty { words.append(String(current)) }
        return words
    }
}

extension Unicode.Scalar {
    /// Letters, digits, and marks on them.
    package var isWordPart: Bool {
        if value < 0x80 {
            return (0x30...0x39).contains(value) || (0x61...0x7a).contains(value | 0x20)
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
            return true
        default: return false
        }
    }
}
