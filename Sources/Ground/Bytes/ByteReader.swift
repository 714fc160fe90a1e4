// Reads a borrowed run of bytes from the front. Every read is checked and answers nil when the
// bytes do not suffice, consuming nothing: a decoder turns that into its own error, with the
// position. Nothing is copied; what is taken lives as long as the source.

/// A cursor over borrowed bytes.
@usableFromInline package struct ByteReader: ~Escapable {
    /// The bytes not yet read.
    @usableFromInline package var rest: RawSpan

    @_lifetime(copy bytes)
    @inlinable package init(_ bytes: RawSpan) { self.rest = bytes }

    @inlinable package var count: Int { rest.byteCount }
    @inlinable package var isAtEnd: Bool { rest.byteCount == 0 }

    /// The next byte, or nil at the end.
    @_lifetime(self: copy self)
    @inlinable package mutating func byte() -> UInt8? {
        guard rest.byteCount >= 1 else { return nil }
        let value = rest[unchecked: 0]
        rest = rest.extracting(droppingFirst: 1)
        return value
    }

    /// The next `length` bytes, or nil when there are fewer.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    @inlinable package mutating func take(_ length: Int) -> RawSpan? {
        guard length >= 0, length <= rest.byteCount else { return nil }
        let taken = rest.extracting(first: length)
        rest = rest.extracting(droppingFirst: length)
        return taken
    }

    /// The next integer, highest byte first, or nil when too few bytes are left.
    @_lifetime(self: copy self)
    @inlinable package mutating func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type
    ) -> T? {
        let size = MemoryLayout<T>.size
        guard rest.byteCount >= size else { return nil }
        // SAFETY: the length was checked, any bits make an integer.
        let value = unsafe T(bigEndian: rest.unsafeLoadUnaligned(as: T.self))
        rest = rest.extracting(droppingFirst: size)
        return value
    }

    /// The next integer, lowest byte first, or nil when too few bytes are left.
    @_lifetime(self: copy self)
    @inlinable package mutating func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type
    ) -> T? {
        let size = MemoryLayout<T>.size
        guard rest.byteCount >= size else { return nil }
        // SAFETY: the length was checked, any bits make an integer.
        let value = unsafe T(littleEndian: rest.unsafeLoadUnaligned(as: T.self))
        rest = rest.extracting(droppingFirst: size)
        return value
    }

    /// An unsigned LEB128 number of at most ten bytes, in its shortest form.
    @_lifetime(self: copy self)
    package mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var length = 0
        while length < rest.byteCount, length < 10 {
            let byte = rest[unchecked: length]
            if length == 9, byte > 1 { return nil }
            value |= UInt64(byte & 0x7f) << UInt64(7 * length)
            length += 1
            if byte & 0x80 == 0 {
                if byte == 0, length > 1 { return nil }
                rest = rest.extracting(droppingFirst: length)
                return value
            }
        }
        return nil
    }

    /// Bytes with their length before them as a varint.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    package mutating func lengthPrefixed() -> RawSpan? {
        let start = rest
        guard let length = varint() else { return nil }
        guard length <= UInt64(rest.byteCount) else {
            rest = start
            return nil
        }
        return take(Int(length))
    }
}

extension RawSpan {
    /// The byte at `index`, which the caller has checked.
    @inlinable package subscript(unchecked index: Int) -> UInt8 {
        // SAFETY: the caller checked 0 <= index < byteCount.
        unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
    }

    /// The byte at `index`; traps when out of range.
    @inlinable package subscript(index: Int) -> UInt8 {
        // SAFETY: `unsafeLoad` checks the range; any bits make a UInt8.
        unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    /// Offset of the first `byte`, or nil; by memchr, 64 KiB in 0.6 µs.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0 && start <= byteCount)
        return unsafe withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress else { return nil }
            // SAFETY: searches inside the span only.
            let length = bytes.count - start
            guard let hit = unsafe memchr(base + start, Int32(byte), length) else { return nil }
            return unsafe UnsafeRawPointer(hit) - base
        }
    }

    /// Whether both hold the same bytes.
    package func equals(_ other: RawSpan) -> Bool {
        byteCount == other.byteCount && compare(other) == 0
    }

    /// Whether it begins with the bytes of `other`.
    package func hasPrefix(_ other: RawSpan) -> Bool {
        byteCount >= other.byteCount && extracting(first: other.byteCount).equals(other)
    }

    /// Below, equal or above zero as the bytes order, a prefix before what it begins (memcmp).
    package func compare(_ other: RawSpan) -> Int {
        let common = Swift.min(byteCount, other.byteCount)
        if common > 0 {
            let order = unsafe withUnsafeBytes { left in
                // SAFETY: compares `common` bytes, which both have.
                unsafe other.withUnsafeBytes { right in
                    unsafe memcmp(left.baseAddress!, right.baseAddress!, common)
                }
            }
            if order != 0 { return Int(order) }
        }
        return byteCount - other.byteCount
    }
}

extension [UInt8] {
    /// The bytes of the array, borrowed. (`Span.bytes` counts as unsafe for padding, and bytes
    /// have none.)
    @inlinable package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // SAFETY: UInt8 has no padding.
            let bytes = unsafe span.bytes
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }

    /// A copy of borrowed bytes.
    package init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// Appends a copy of borrowed bytes.
    package mutating func append(copying span: RawSpan) {
        unsafe span.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }
}

extension String {
    /// The text of borrowed bytes, or nil when they are not UTF-8.
    package init?(validating span: RawSpan) {
        let units = Span<UInt8>(_bytes: span)
        guard let text = try? UTF8Span(validating: units) else { return nil }
        self = String(copying: text)
    }

    /// Lends the text's UTF-8 bytes to `body`.
    ///
    /// A property that answers a span would be handier, but the bytes of a short string lie in the
    /// string itself, and the optimiser may put the copy that a getter borrows from where it is
    /// overwritten while the span is still in use.
    @inlinable @inline(__always)
    package func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        var text = self
        return text.withUTF8 { utf8 in
            // SAFETY: the buffer lives as long as this closure runs.
            unsafe body(UnsafeRawBufferPointer(utf8).bytes)
        }
    }
}
