// What a name may be. Names are unique after folding and their letters come from one script, as
// far as Latin and the rest can be told apart: "paypal" with a Cyrillic а is refused.

import Text

/// A name that keeps the rules: 3 to 30 letters and digits, with single `.`, `_`, `-` between.
package struct AccountName: Hashable, Sendable {
    /// As its owner writes it, in NFC.
    package let text: String
    /// What must be unique.
    package let folded: String

    package static let charactersMin = 3
    package static let charactersMax = 30

    /// Why a text is not a name.
    package enum Problem: Error, Hashable, Sendable {
        case tooShort(minimum: Int)
        case tooLong(maximum: Int)
        /// Something else than letters, digits, full stop, underscore, hyphen.
        case badCharacter
        /// Does not begin or end with a letter or digit, or has two signs in a row.
        case badSign
        /// Letters of several scripts.
        case mixedScripts
    }

    package init(_ text: String) throws(Problem) {
        let name = text.nfc
        let folded = name.folded
        if name.utf8.count > 1024 || name.isLonger(thanCharacters: AccountName.charactersMax) {
            throw .tooLong(maximum: AccountName.charactersMax)
        }
        guard folded.count >= AccountName.charactersMin else {
            throw .tooShort(minimum: AccountName.charactersMin)
        }
        // Folding may lengthen ("ﷺ" becomes 18 letters); what is unique keeps the bound too.
        guard !folded.isLonger(thanCharacters: AccountName.charactersMax),
            folded.unicodeScalars.count <= 2 * AccountName.charactersMax
        else { throw .tooLong(maximum: AccountName.charactersMax) }
        try AccountName.check(name)
        self.text = name
        self.folded = folded
    }

    private static func check(_ name: String) throws(Problem) {
        var previousIsSign = true
        var hasLatin = false
        var hasOther = false
        for scalar in name.unicodeScalars {
            if isSign(scalar) {
                guard !previousIsSign else { throw .badSign }
                previousIsSign = true
                continue
            }
            guard scalar.isWordPart else { throw .badCharacter }
            previousIsSign = false
            guard scalar.properties.isAlphabetic else { continue }
            if isLatin(scalar) { hasLatin = true } else { hasOther = true }
        }
        guard !previousIsSign else { throw .badSign }
        guard !(hasLatin && hasOther) else { throw .mixedScripts }
    }

    private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "_" || scalar == "-"
    }

    /// Basic Latin to Extended-B, Extended Additional.
    private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x250 || (0x1e00...0x1eff).contains(scalar.value)
    }
}
