internal import Bytes

/// Attributes by name: a row of a table, or a map inside one.
///
/// A sorted array, not a Dictionary: rows have a dozen attributes, their order on disk and in
/// outputs must not change from run to run, and one allocation holds them all.
package struct Item: Hashable, Sendable {
    /// A name with its value.
    package struct Attribute: Hashable, Sendable {
        package let name: String
        package var value: Value

        package init(name: String, value: Value) {
            self.name = name
            self.value = value
        }

        package static func == (left: Attribute, right: Attribute) -> Bool {
            Item.isSame(left.name, right.name) && left.value == right.value
        }
    }

    /// Sorted by name as UTF-8 bytes, no name twice.
    package private(set) var attributes: [Attribute]

    package init() { self.attributes = [] }

    /// From attributes that are sorted by name already; traps when they are not.
    package init(sorted attributes: [Attribute]) {
        for index in attributes.indices.dropFirst() {
            precondition(Item.precedes(attributes[index - 1].name, attributes[index].name))
        }
        self.attributes = attributes
    }

    /// From attributes whose order a decoder has checked on their bytes.
    package init(checked attributes: [Attribute]) { self.attributes = attributes }

    package var isEmpty: Bool { attributes.isEmpty }
    package var count: Int { attributes.count }

    /// The value of `name`; setting nil removes it. O(log n) to find.
    package subscript(name: String) -> Value? {
        get {
            guard let index = index(of: name) else { return nil }
            return attributes[index].value
        }
        set {
            let index = position(of: name)
            let isThere = index < attributes.count && Item.isSame(attributes[index].name, name)
            switch (newValue, isThere) {
            case (let value?, true): attributes[index].value = value
            case (let value?, false):
                attributes.insert(Attribute(name: name, value: value), at: index)
            case (nil, true): attributes.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Names by their UTF-8 bytes (Swift's own order of strings is by Unicode normal form).
    package static func precedes(_ left: String, _ right: String) -> Bool {
        left.withBytes { left in right.withBytes { left.compare($0) < 0 } }
    }

    /// Up to this many attributes a walk is quicker than halving: comparing two short strings
    /// compares two words.
    private static let walkedMax = 24

    private func index(of name: String) -> Int? {
        if attributes.count > Item.walkedMax {
            let index = position(of: name)
            guard index < attributes.count, Item.isSame(attributes[index].name, name) else {
                return nil
            }
            return index
        }
        return attributes.firstIndex { Item.isSame($0.name, name) }
    }

    /// Whether two names or strings are the same bytes: `==` of strings also accepts another
    /// Unicode form, which is another key on disk.
    package static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left == right
            && left.withBytes { left in right.withBytes { left.equals($0) } }
    }

    private func position(of name: String) -> Int {
        var (low, high) = (0, attributes.count)
        while low < high {
            let middle = (low + high) / 2
            if Item.precedes(attributes[middle].name, name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension Item: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) {
        self.init()
        attributes.reserveCapacity(elements.count + 4)
        for (name, value) in elements { self[name] = value }
    }
}
