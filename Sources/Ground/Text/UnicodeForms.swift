// Unicode folding and normal forms, by utf8proc (Unicode 15). Most text is ASCII, where all of
// them are trivial: that path allocates nothing but the result.

internal import CUTF8Proc

extension String {
    /// The form in which texts are compared: compatibility-composed, case-folded, without
    /// invisible marks (NFKC_Casefold of UAX #44). "Straße", "STRASSE" and "ｓtrasse" are equal.
    ///
    /// - Complexity: O(bytes).
    package var folded: String {
        if isASCII { return lowercasedASCII }
        let options = [
            UTF8PROC_STABLE, UTF8PROC_COMPOSE, UTF8PROC_COMPAT, UTF8PROC_CASEFOLD,
            UTF8PROC_IGNORE,
        ]
        // Folding may leave what composes or decomposes anew; the second pass settles it.
        return mapped(options).mapped(options)
    }

    /// Canonically composed (NFC, UAX #15): what is stored.
    package var nfc: String { isASCII ? self : mapped([UTF8PROC_STABLE, UTF8PROC_COMPOSE]) }

    /// Compatibility-composed (NFKC): full-width letters and ligatures become plain ones.
    package var nfkc: String {
        isASCII ? self : mapped([UTF8PROC_STABLE, UTF8PROC_COMPOSE, UTF8PROC_COMPAT])
    }

    /// Whether every byte is below 128; O(bytes).
    package var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

    private var lowercasedASCII: String {
        guard utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5a }) else { return self }
        let lower = utf8.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        return String(decoding: lower, as: UTF8.self)
    }

    private func mapped(_ options: [utf8proc_option_t]) -> String {
        let bits = options.reduce(UInt32(0)) { $0 | $1.rawValue }
        var text = self
        return text.withUTF8 { utf8 in
            var result: UnsafeMutablePointer<UInt8>?
            // SAFETY: reads the string's own bytes; `result` is malloc'ed by the library and
            // freed here after it is copied.
            let length = unsafe utf8proc_map(
                utf8.baseAddress, utf8.count, &result, utf8proc_option_t(rawValue: bits))
            defer { unsafe CUTF8Proc.free(result) }
            guard length >= 0, let bytes = unsafe result else {
                preconditionFailure("a String is valid UTF-8 and fits into memory")
            }
            let folded = unsafe UnsafeBufferPointer(start: bytes, count: length)
            return unsafe String(decoding: folded, as: UTF8.self)
        }
    }
}
