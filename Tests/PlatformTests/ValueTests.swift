import Bytes
import Platform
import Testing

@Test("numbers are read, normalised and printed by table")
func numbers() {
    let table: [(String, String?)] = [
        ("0", "0"), ("-0", "0"), ("1250", "1250"), ("1.50", "1.5"), ("+7", "7"),
        ("0.05", "0.05"), ("1e3", "1000"), ("-1.5E-100", "-1.5E-100"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ("999999999999999999999999999999999999999", nil), ("9E125", "9E+125"), ("1E126", nil),
        ("1E-130", "1E-130"), ("1E-131", nil), ("", nil), ("-", nil), ("1.2.3", nil), ("x", nil),
        ("1e", nil), ("100000000000000000000000000000000000000000", "1E+41"),
    ]
    for (text, wished) in table {
        #expect(Number(text).map { "\($0)" } == wished, "\(text)")
    }
    var random = RandomSource(seed: 31)
    for _ in 0..<500 {
        let (a, b) = (random.below(2_000_001) - 1_000_000, random.below(2_000_001) - 1_000_000)
        #expect(Number(a).adding(Number(b)) == Number(a + b))
        #expect(Number(a).subtracting(Number(b)) == Number(a - b))
        #expect((Number(a) < Number(b)) == (a < b))
        #expect(Number(Int64(a)).integer == Int64(a))
    }
    #expect(Number(Int64.min).integer == Int64.min)
}

@Test("strings and names are their bytes: another Unicode form is another value")
func unicodeForms() {
    let (composed, decomposed) = ("\u{e9}", "e\u{301}")
    #expect(composed == decomposed)
    #expect(Value.string(composed) != Value.string(decomposed))
    #expect(Value.strings([composed, decomposed]).strings?.count == 2)
    var item = Item()
    item[composed] = 1
    item[decomposed] = 2
    #expect(item.count == 2)
    #expect(item[composed] == 1 && item[decomposed] == 2)
    item[decomposed] = nil
    #expect(item == [composed: 1])
}
