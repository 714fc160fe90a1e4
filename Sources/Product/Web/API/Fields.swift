// Reading a JSON object strictly: a field that we do not know, of the wrong kind or missing is
// named in the refusal, so that a typing mistake never loses what was sent.

import HTTP
import Text

/// The fields of a JSON body.
struct Fields {
    private let object: JSON

    /// - Parameter known: all names that the call takes.
    /// - Throws: 415, 400 `bad-json`, 422 `not-an-object`, 422 `unknown-field`.
    init(_ request: Request, known: [String]) throws(Problem) {
        try self.init(try request.json(), known: known, "The body")
    }

    /// - Parameter whole: what holds the fields, at the start of a sentence.
    private init(_ json: JSON, known: [String], _ whole: String) throws(Problem) {
        guard let members = json.members else {
            throw Problem(
                .unprocessable, "not-an-object", "Not an Object",
                "\(whole) is a JSON object with the fields \(known.joined(separator: ", ")).")
        }
        if let strange = members.first(where: { !known.contains($0.name) }) {
            let name = String(strange.name.prefix(100))
            throw .field(
                name, "unknown-field",
                "There is no field \(name) here; known are \(known.joined(separator: ", ")).")
        }
        self.object = json
    }

    /// A text that must be there.
    func need(_ name: String) throws(Problem) -> String {
        guard let text = try string(name) else {
            throw .field(name, "missing-field", "The field \(name) is missing.")
        }
        return text
    }

    func string(_ name: String) throws(Problem) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw wrongKind(name, "a text") }
        return text
    }

    func bool(_ name: String) throws(Problem) -> Bool? {
        guard let value = object[name] else { return nil }
        guard let bool = value.bool else { throw wrongKind(name, "true or false") }
        return bool
    }

    func integer(_ name: String) throws(Problem) -> Int? {
        guard let value = object[name] else { return nil }
        guard let number = value.integer.flatMap(Int.init(exactly:)) else {
            throw wrongKind(name, "a whole number")
        }
        return number
    }

    func strings(_ name: String) throws(Problem) -> [String]? {
        guard let value = object[name] else { return nil }
        guard let array = value.array else { throw wrongKind(name, "a list of texts") }
        let texts = array.compactMap(\.string)
        guard texts.count == array.count else { throw wrongKind(name, "a list of texts") }
        return texts
    }

    /// The fields of an object within.
    func object(_ name: String, known: [String]) throws(Problem) -> Fields? {
        guard let value = object[name] else { return nil }
        guard value.members != nil else { throw wrongKind(name, "an object") }
        return try Fields(value, known: known, "The field \(name)")
    }

    private func wrongKind(_ name: String, _ wanted: String) -> Problem {
        .field(name, "wrong-type", "The field \(name) must be \(wanted).")
    }
}
