// The words of a text, for search and for comparing: runs of letters, digits and marks of the
// folded text. Scripts that are written without spaces (Han, Kana, Hangul, Thai and their
// neighbours) have no runs to cut at: there each character is a word of its own, and who looks
// for several finds them as neighbours. Rejected: dictionaries (large, and never done) and pairs
// of characters (a search for one character finds nothing).
//
// Most text is ASCII: that path folds as it goes and allocates nothing but the words.

extension String {
    /// The words of the folded text, in order, repeats kept.
    package var words: [String] {
        var words: [String] = []
        forEachWord { words.append($0) }
        return words
    }

    /// Hands over each word of the folded text, in order, repeats too.
    ///
    /// - Parameter bytesMax: of a word; the rest of a longer one is left out.
    /// - Complexity: O(bytes).
    package func forEachWord(bytesMax: Int = .max, _ body: (String) -> Void) {
        guard isASCII else { return folded.forEachFoldedWord(bytesMax: bytesMax, body) }
        var word: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case 0x61...0x7a, 0x30...0x39:
                if word.count < bytesMax { word.append(byte) }
            case 0x41...0x5a:
                if word.count < bytesMax { word.append(byte | 0x20) }
            default:
                guard !word.isEmpty else { continue }
                body(String(decoding: word, as: UTF8.self))
                word.removeAll(keepingCapacity: true)
            }
        }
        if !word.isEmpty { body(String(decoding: word, as: UTF8.self)) }
    }

    private func forEachFoldedWord(bytesMax: Int, _ body: (String) -> Void) {
        var word = String.UnicodeScalarView()
        var bytes = 0
        func end() {
            if !word.isEmpty { body(String(word)) }
            word = String.UnicodeScalarView()
            bytes = 0
        }
        for scalar in unicodeScalars {
            guard scalar.isWordPart else {
                end()
                continue
            }
            if scalar.isWordAlone {
                end()
                body(String(scalar))
                continue
            }
            bytes += UTF8.width(scalar)
            if bytes <= bytesMax { word.append(scalar) }
        }
        end()
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

    /// Of a script without spaces between words.
    package var isWordAlone: Bool {
        switch value {
        case 0..<0x0e00: false
        case 0x0e00...0x0eff, 0x1000...0x109f, 0x1780...0x17ff: true  // Thai, Lao, Burmese, Khmer
        case 0x3040...0x30ff, 0x31f0...0x31ff: true  // Kana
        case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x3ffff: true  // Han
        case 0xac00...0xd7a3: true  // Hangul
        default: false
        }
    }
}
