// A growable run of bytes with one owner: what encoders write into and sockets write from.
//
// The storage doubles, so appending is amortised O(1), and it is kept across `clear()`, so a
// connection that is warm allocates nothing. Not an Array: its append costs nine times as much
// and it may be shared behind the owner's back.

/// A growable output buffer. One owner; bytes are read through `bytes`, borrowed.
@safe
@usableFromInline package struct ByteBuffer: ~Copyable {
    @usableFromInline package private(set) var base: UnsafeMutableRawPointer
    @usableFromInline package private(set) var capacity: Int
    /// Bytes written so far.
    @usableFromInline package private(set) var count: Int

    /// - Parameter capacity: bytes to reserve at once, at least 16.
    @inlinable package init(capacity: Int = 256) {
        let size = Swift.max(capacity, 16)
        // SAFETY: freed in deinit, grown only by `grow`.
        unsafe self.base = .allocate(byteCount: size, alignment: 16)
        self.capacity = size
        self.count = 0
    }

    deinit { unsafe base.deallocate() }

    @inlinable package var isEmpty: Bool { count == 0 }

    /// The bytes written, valid until the next change of the buffer.
    @inlinable package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // SAFETY: `count` bytes from `base` are initialised and outlive the borrow of self.
            let span = unsafe RawSpan(_unsafeStart: base, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// A copy of the bytes written.
    package var array: [UInt8] { [UInt8](copying: bytes) }

    /// The bytes written as text, each fault in their UTF-8 replaced.
    package var text: String { String(validating: bytes) ?? String(decoding: array, as: UTF8.self) }

    /// Forgets the content, keeps the storage.
    @inlinable package mutating func clear() { count = 0 }

    /// Forgets everything after the first `length` bytes.
    @inlinable package mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= count)
        count = length
    }

    /// Forgets the first `length` bytes; O(rest).
    package mutating func removeFirst(_ length: Int) {
        precondition(length >= 0 && length <= count)
        guard length > 0 else { return }
        // SAFETY: both ranges lie in the first `count` bytes; memmove allows the overlap.
        unsafe base.copyMemory(from: base + length, byteCount: count - length)
        count -= length
    }

    /// Room for `extra` more bytes without another allocation.
    @inlinable package mutating func reserve(_ extra: Int) {
        if capacity - count < extra { grow(extra) }
    }

    @inlinable package mutating func append(_ byte: UInt8) {
        reserve(1)
        // SAFETY: reserved above.
        unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inlinable package mutating func append(_ span: RawSpan) {
        let length = span.byteCount
        guard length > 0 else { return }
        reserve(length)
        // SAFETY: reserved above; a span never overlaps a buffer that we may change.
        unsafe span.withUnsafeBytes { source in
            unsafe (base + count).copyMemory(from: source.baseAddress!, byteCount: length)
        }
        count += length
    }

    @inlinable package mutating func append(_ bytes: [UInt8]) { append(bytes.bytes) }

    @inlinable package mutating func append(_ text: StaticString) {
        // SAFETY: a static string's UTF-8 lives for ever.
        let span = unsafe RawSpan(
            _unsafeStart: UnsafeRawPointer(text.utf8Start), byteCount: text.utf8CodeUnitCount)
        append(span)
    }

    @inlinable package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            // SAFETY: the pointer is valid in this closure, where it is copied.
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(utf8))
            append(span)
        }
    }

    /// Appends `count` bytes made by `body`, which returns how many of them it filled.
    ///
    /// - Parameter body: gets the uninitialised room of `room` bytes.
    @inlinable package mutating func append<Failure: Error>(
        upTo room: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        reserve(room)
        // SAFETY: reserved above; the result is checked before it counts.
        let used = try unsafe body(UnsafeMutableRawBufferPointer(start: base + count, count: room))
        precondition(used >= 0 && used <= room)
        count += used
    }

    /// Appends an integer of fixed width, highest byte first.
    @inlinable package mutating func appendBigEndian<T: FixedWidthInteger>(_ value: T) {
        let size = MemoryLayout<T>.size
        reserve(size)
        // SAFETY: reserved above; the store is unaligned.
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: count, as: T.self)
        count += size
    }

    /// Appends an integer of fixed width, lowest byte first.
    @inlinable package mutating func appendLittleEndian<T: FixedWidthInteger>(_ value: T) {
        let size = MemoryLayout<T>.size
        reserve(size)
        // SAFETY: reserved above; the store is unaligned.
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: count, as: T.self)
        count += size
    }

    /// Overwrites `value`'s width at `offset`, for lengths and checksums known only afterwards.
    @inlinable package mutating func setLittleEndian<T: FixedWidthInteger>(
        _ value: T, at offset: Int
    ) {
        precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count)
        // SAFETY: the range was checked.
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }

    /// Appends the decimal digits of `value`.
    @inlinable package mutating func appendDecimal(_ value: some FixedWidthInteger) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(UInt64(value.magnitude))
    }

    /// Not generic, so that no room pays for a look-up of witnesses.
    @usableFromInline mutating func appendDigits(_ magnitude: UInt64) {
        var digits = 1
        var bound = magnitude / 10
        while bound > 0 {
            digits += 1
            bound /= 10
        }
        reserve(digits)
        var rest = magnitude
        for offset in stride(from: count + digits - 1, through: count, by: -1) {
            // SAFETY: `digits` bytes after `count` were reserved.
            unsafe base.storeBytes(
                of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: offset,
                as: UInt8.self)
            rest /= 10
        }
        count += digits
    }

    /// Appends `value` as `width` lower-case hexadecimal digits.
    package mutating func appendHexadecimal(_ value: UInt64, width: Int) {
        unsafe append(upTo: width) { room in
            var rest = value
            for place in stride(from: width - 1, through: 0, by: -1) {
                // SAFETY: `room` has `width` bytes.
                unsafe room[place] = hexadecimalDigit(UInt8(truncatingIfNeeded: rest & 15))
                rest >>= 4
            }
            return width
        }
    }

    @usableFromInline mutating func grow(_ extra: Int) {
        let size = Swift.max(capacity * 2, count + extra)
        // SAFETY: the old storage is copied before it is freed; nobody else holds it.
        let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe larger.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = larger
        capacity = size
    }
}

/// The digit 0-9 a-f of a value under 16.
@inlinable package func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
}

/// The value of a digit 0-9 a-f A-F, or nil.
@inlinable package func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
